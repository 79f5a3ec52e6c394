"""What a story needs of the machine that not every user has: named in its mark, `needs("net")`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pytest

from faults import disk, hosts

OBSTACLES: Mapping[str, Callable[[], str]] = {"net": hosts.obstacle, "mount": disk.obstacle}
"""Why it is not to be had here, in words; empty where it is."""


def needed(item: pytest.Item) -> tuple[str, ...]:
    """What the marks of a story name."""
    return tuple(dict.fromkeys(str(name) for mark in item.iter_markers("needs") for name in mark.args))


def missing(needs: Iterable[str]) -> str:
    """Why it cannot be told here; empty where it can."""
    return "; ".join(filter(None, (OBSTACLES[name]() for name in needs)))
