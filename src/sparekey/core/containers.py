"""Which container is met where (S5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from sparekey.core.entries import Location

Container = TypeVar("Container")


def met_twice(met: Iterable[tuple[Location, Container | None]]) -> dict[Container, tuple[Location, ...]]:
    """The containers that answer at more than one address, each with these in the order of `met` (S5).

    None is nobody, who is met nowhere.
    """
    places: dict[Container, dict[Location, None]] = {}
    for location, container in met:
        if container is not None:
            places.setdefault(container, {})[location] = None
    return {container: tuple(found) for container, found in places.items() if len(found) > 1}
