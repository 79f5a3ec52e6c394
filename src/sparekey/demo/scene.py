"""What there is to see of the demo at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sparekey.client.running import ApplicationStatus
from sparekey.demo.machines import LicenseServer


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened, `at` seconds after the demo began. `what` is one word, `text` is for people.

    `system` is where it happened, in a demo that has more than one.
    """

    at: float
    what: str
    serial: str
    text: str
    system: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """What is going on now, and why it matters. `alert`: redundancy is at work."""

    what: str
    why: str
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """Who was up and what was held, `at` seconds after the demo began."""

    at: float
    up: frozenset[str]
    in_use: str
    spare: str


@dataclass(frozen=True, slots=True)
class Tale:
    """What there is to tell, whatever the plant looks like."""

    heading: Heading
    happenings: Sequence[Happening]


@dataclass(frozen=True, slots=True)
class Scene(Tale):
    """All that is drawn. `lease_left` is in seconds; `past` has a moment for each look, the last one is now."""

    servers: tuple[LicenseServer, ...]
    status: ApplicationStatus | None
    lease_left: float
    past: Sequence[Moment]

    @property
    def now(self) -> Moment:
        return self.past[-1]


Shown = TypeVar("Shown", bound=Tale, contravariant=True)


class Screen(Protocol[Shown]):
    """Where the demo is shown."""

    def show(self, scene: Shown) -> None: ...


class NoScreen:
    """Shows nothing."""

    def show(self, scene: Tale) -> None: ...
