"""Connecting to a license server that may have several addresses, some of them dead (RFC 8305, Happy Eyeballs)."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import TypeAlias

from sparekey.client.names import Address, Names
from sparekey.core.entries import Location

HEAD_START = 0.1
"""Seconds that an address gets before the next one is tried beside it."""
_TCP_OPTIONS = {
    "TCP_NODELAY": 1,
    "TCP_KEEPIDLE": 10,  # seconds of silence, then probes: a host that went dark is seen without a request
    "TCP_KEEPINTVL": 5,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 10_000,  # milliseconds that what was sent may stay unacknowledged
}

Route: TypeAlias = Callable[[], Coroutine[None, None, socket.socket]]
"""One way to get a connected socket."""


async def dial(location: Location, names: Names) -> socket.socket:
    """Return a connected socket; raise Unresolved or OSError.

    Of a name, the address that worked last gets a head start before it is looked up; once it has failed, it comes
    after.
    """
    if own := names.literal(location):
        return await _dial_address(own, location, names)
    addresses = (names.last(location), names.doubted(location))
    last, doubted = ([partial(_dial_address, one, location, names)] if one else [] for one in addresses)
    return await _first_of([*last, partial(_dial_anew, location, names), *doubted])


async def _dial_anew(location: Location, names: Names) -> socket.socket:
    addresses = await names.resolve(location)
    return await _first_of(partial(_dial_address, address, location, names) for address in addresses)


async def _dial_address(address: Address, location: Location, names: Names) -> socket.socket:
    dialled = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        dialled.setblocking(False)
        _set_options(dialled)
        await asyncio.get_running_loop().sock_connect(dialled, address.endpoint)
    except BaseException as error:
        dialled.close()
        if isinstance(error, OSError):
            names.failed(location, address)
        raise
    names.worked(location, address)
    return dialled


def _set_options(dialled: socket.socket) -> None:
    dialled.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _TCP_OPTIONS.items():
        if hasattr(socket, name):
            dialled.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _first_of(routes: Iterable[Route]) -> socket.socket:
    """The first socket that connects; each route gets a head start unless the one before has failed by then."""
    untried = deque(routes)
    attempts: set[asyncio.Task[socket.socket]] = set()
    failure = OSError("no address to connect to")
    try:
        while untried or attempts:
            if untried:
                attempts.add(asyncio.create_task(untried.popleft()()))
            patience = HEAD_START if untried else None
            done, _ = await asyncio.wait(attempts, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            for attempt in done:
                attempts.discard(attempt)
                try:
                    return attempt.result()
                except OSError as error:
                    failure = error
        raise failure
    finally:
        for attempt in attempts:
            attempt.cancel()
            attempt.add_done_callback(_close_unwanted)


def _close_unwanted(attempt: asyncio.Task[socket.socket]) -> None:
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()
