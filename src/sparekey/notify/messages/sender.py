"""Sends a letter by apprise. Nothing that apprise says gets out: there may be a URL with passwords in it (T4)."""

from __future__ import annotations

import logging
import re
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType

from sparekey.notify.messages.letter import Letter
from sparekey.notify.outlet import OutletFault

_MOST_LINES: Final = 100
_REASONS: Final = (
    (re.compile(r"error=(\d{3})\b"), "it answered {}"),
    (re.compile(r"refused"), "connection refused"),
    (re.compile(r"certificate", re.IGNORECASE), "its certificate is not to be trusted"),
    (re.compile(r"authentication|\b(?:530|534|535)\b", re.IGNORECASE), "it does not take this user and password"),
    (re.compile(r"timed out|timeout", re.IGNORECASE), "no answer in time"),
    (re.compile(r"Name or service|name resolution|getaddrinfo|NameResolution"), "its name is not known"),
    (re.compile(r"unreachable|No route"), "no way to it"),
    (re.compile(r"closed|reset|aborted"), "the connection broke"),
)
"""What is looked for in what apprise says of a failure, and our own words for it, the first that is found."""


class Sender:
    """Sends letters to one URL."""

    def __init__(self, url: str) -> None:
        """Raise OutletFault where apprise does not understand the URL."""
        self._url = url
        _silence()
        with _heard():
            self._instance()

    def __call__(self, letter: Letter) -> str:
        """Send it; return what went wrong, empty where nothing did. It may take long."""
        with _heard() as said:
            sent = self._instance().notify(
                letter.body,
                title=letter.title,
                notify_type=NotifyType(letter.grade.value),
                body_format=NotifyFormat.TEXT,
            )
        return "" if sent else _reason("\n".join(said))

    def _instance(self) -> Apprise:
        """A new one for each letter: one that hangs may still use the last. It works in the calling thread only; a
        thread of its own would be waited for at the end of the process."""
        apprise = Apprise(asset=AppriseAsset(app_id="Sparekey", async_mode=False, service_timeout=0))
        if not apprise.add(self._url):
            raise OutletFault("apprise does not understand its url; docs/outlets.md has examples")
        return apprise


def _reason(said: str) -> str:
    found = ((pattern.search(said), words) for pattern, words in _REASONS)
    return next((words.format(*match.groups()) for match, words in found if match), "it was not delivered")


def _silence() -> None:
    """What nobody hears would be printed on stderr."""
    for name in ("apprise", "urllib3"):
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


class _Listener(logging.Handler):
    """Hears what is logged in this thread."""

    def __init__(self) -> None:
        super().__init__()
        self.said: deque[str] = deque(maxlen=_MOST_LINES)
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.said.append(record.getMessage())


@contextmanager
def _heard() -> Iterator[deque[str]]:
    """What apprise says meanwhile; it is told nobody else."""
    logger, listener = logging.getLogger("apprise"), _Listener()
    logger.setLevel(logging.DEBUG)
    logger.addHandler(listener)
    try:
        yield listener.said
    finally:
        logger.removeHandler(listener)
