"""The license that an application holds: the SDK's face of it."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field

from sparekey.core.entries import UNLISTED
from sparekey.core.terms import Terms
from sparekey.host import boot_clock

NOTHING_HELD = float("-inf")


class NoLicense(Exception):
    """No license is to be had. `candidates` are (entry, reason): each that was asked, and why it will not do."""

    def __init__(self, candidates: tuple[tuple[int, str], ...]) -> None:
        reasons = "; ".join(f"entry {number}: {reason}" for number, reason in candidates)
        super().__init__(f"no license is to be had: {reasons or 'no entry was asked'}")
        self.candidates = list(candidates)


class AlreadyRunning(Exception):
    """Another live process holds for this state folder and application (S5)."""


@dataclass(frozen=True, slots=True)
class Change:
    """The serial number in use is another one: "" is none, "DEMO" the demo license (R10)."""

    old: str
    new: str
    reason: str


@dataclass(frozen=True, slots=True)
class InUse:
    """The license in use. `serial` is "" and `terms` None where there is none."""

    serial: str = ""
    entry: int = UNLISTED
    terms: Terms | None = None


@dataclass(eq=False, slots=True, weakref_slot=True)
class Belief:
    """What the loop that renews knows, for all threads to read. In a forked child it is emptied."""

    in_use: InUse = field(default_factory=InUse)
    valid_until: float = NOTHING_HELD
    callbacks: list[Callable[[Change], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        this = weakref.ref(self)
        os.register_at_fork(after_in_child=lambda: belief.forget() if (belief := this()) else None)

    def forget(self) -> None:
        """Hold nothing."""
        self.in_use, self.valid_until = InUse(), NOTHING_HELD

    def tell(self, change: Change) -> None:
        """Call back all who asked for it, each in a turn of the loop of its own: what one raises stops no other."""
        for callback in tuple(self.callbacks):
            asyncio.get_running_loop().call_soon(callback, change)


class License:
    """A license, whichever it is at the moment: it changes under the application without a word from it.

    All of it may be read from any thread. After os.fork() the child's is invalid.
    """

    __slots__ = ("_belief",)

    def __init__(self, belief: Belief) -> None:
        self._belief = belief

    @property
    def serial_number(self) -> str:
        """The serial number in use; "DEMO" for the demo license, "" for none."""
        return self._belief.in_use.serial

    @property
    def entry(self) -> int:
        """0 the initial license, 1 to 10 a backup, -1 the demo license, -2 one that is no longer listed, or none."""
        return self._belief.in_use.entry

    @property
    def terms(self) -> Terms:
        """What the license permits. Raise NoLicense where none is held."""
        terms = self._belief.in_use.terms
        if terms is None:
            raise NoLicense(())
        return terms

    def is_valid(self) -> bool:
        """Whether the application is licensed now; no I/O, and true no longer than may be believed (S1)."""
        return boot_clock() < self._belief.valid_until

    def on_change(self, callback: Callable[[Change], None]) -> None:
        """Have `callback(change)` called at each change of the serial number, by the thread that renews.

        A callback must not block; what it raises goes to the log.
        """
        self._belief.callbacks.append(callback)
