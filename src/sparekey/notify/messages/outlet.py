"""An outlet whose URL apprise knows: mail, chat, webhook, syslog and the rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from sparekey.notify.feed import Feed
from sparekey.notify.library import with_library
from sparekey.notify.messages.address import shown
from sparekey.notify.messages.attempts import Attempts
from sparekey.notify.messages.letter import Letter, compose
from sparekey.notify.outlet import Outbox, OutletFault
from sparekey.notify.outlet_settings import Messages

PATIENCE: Final = 30.0
"""Seconds that an attempt to deliver a message may take; the library's own limits vary."""


class MessagesOutlet:
    """Sends each message, in order."""

    takes_messages = True

    def __init__(self, settings: Messages, patience: float = PATIENCE) -> None:
        self._settings = settings
        self._patience = patience
        self._attempts = Attempts(patience)

    @property
    def name(self) -> str:
        return self._settings.name

    async def run(self, feed: Feed, outbox: Outbox, well: Callable[[], None]) -> None:
        send = await with_library(partial(_load, self._settings.url), "messages")  # before a message would wait for it
        while True:
            message = await outbox.next()
            await self._deliver(message.number, partial(send, compose(message, feed.home)))
            outbox.delivered(message)
            well()

    async def _deliver(self, number: int, work: Callable[[], str]) -> None:
        """Raise OutletFault, whose text shows no more of the URL than scheme and host."""
        try:
            fault = await self._attempts.make(number, work)
        except TimeoutError:
            fault = f"no end of an attempt within {self._patience:g} s"
        if fault:
            raise OutletFault(f"{shown(self._settings.url)}: {fault}")


def _load(url: str) -> Callable[[Letter], str]:
    from sparekey.notify.messages.sender import Sender

    return Sender(url)
