"""What an outlet is: something outside that is told of readings, alarms and messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sparekey.core.consequences import Notify
from sparekey.notify.feed import Feed


class OutletFault(Exception):
    """It cannot be told now; the text says why, without a secret. It is tried again, ever more rarely."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message for one outlet. `number` is its own for ever; `what.change` names the change that it comes of."""

    number: int
    what: Notify


class Outbox(Protocol):
    """The messages of one outlet that are not delivered yet, in order. They outlive the notifier."""

    async def next(self) -> Message:
        """Wait for the oldest message; the same again until it is delivered."""

    def delivered(self, message: Message) -> None:
        """It need not be sent again: at least once it was."""


class Outlet(Protocol):
    """One outlet, as `reactions.toml` names it.

    `run` serves until it is cancelled, or raises OutletFault; it is then run again after a pause. It never blocks the
    loop: what blocks is done in a thread of its own. `well()` is to be called when it works, so that an earlier fault
    is over.
    """

    @property
    def name(self) -> str: ...

    @property
    def takes_messages(self) -> bool:
        """Whether what a matrix notifies goes into its outbox; one that shows all alarms anyhow needs none."""

    async def run(self, feed: Feed, outbox: Outbox, well: Callable[[], None]) -> None: ...
