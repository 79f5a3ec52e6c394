"""Candidates that are dead: a port that refuses connections, and one that leaves them without an answer."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Final

_FILLING = 3
"""A queue of no length takes one connection; the others are left without an answer already."""


@contextmanager
def refusing() -> Iterator[str]:
    """Where a port is bound and nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield _location(bound)


@contextmanager
def silent() -> Iterator[str]:
    """Where a port's queue is full: what asks for a connection is dropped, as if the host were off (listen(2))."""
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(_FILLING):
            filling = stack.enter_context(socket.socket())
            filling.setblocking(False)
            assert filling.connect_ex(full.getsockname()) == errno.EINPROGRESS
        yield _location(full)


KINDS: Final[dict[str, Callable[[], AbstractContextManager[str]]]] = {
    "refusing": refusing,
    "silent": silent,
}


def _location(bound: socket.socket) -> str:
    host, port = bound.getsockname()
    return f"{host}:{port}"
