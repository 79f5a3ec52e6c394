"""What there is to see of the demo at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sparekey.client.running import ApplicationStatus
from sparekey.demo.plant import LicenseServer


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened, `at` seconds after the demo began. `what` is one word, `text` is for people."""

    at: float
    what: str
    serial: str
    text: str


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
class Scene:
    """All that is drawn. `lease_left` is in seconds; `past` has a moment for each look, the last one is now."""

    heading: Heading
    servers: tuple[LicenseServer, ...]
    status: ApplicationStatus | None
    lease_left: float
    past: Sequence[Moment]
    happenings: Sequence[Happening]

    @property
    def now(self) -> Moment:
        return self.past[-1]


class Screen(Protocol):
    """Where the demo is shown."""

    def show(self, scene: Scene) -> None: ...


class NoScreen:
    """Shows nothing."""

    def show(self, scene: Scene) -> None: ...
