"""The fixtures of the doctor's tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from faults import disk, hosts
from faults.site import Site
from stories.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """License servers and systems of this machine."""
    with ExitStack() as stack:
        yield Stage(tmp_path, stack)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The same, each on a host of its own."""
    if reason := hosts.obstacle():
        pytest.skip(reason)
    with ExitStack() as stack:
        yield Site(tmp_path, stack)


@pytest.fixture
def mounting() -> None:
    """The right to mount a disk."""
    if reason := disk.obstacle():
        pytest.skip(reason)
