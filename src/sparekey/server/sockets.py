"""The sockets that a license server listens on."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack

from sparekey.core.entries import Location
from sparekey.server.neighbours import who_has

BACKLOG = 2_048
"""A thousand systems that lost their server come within half a second."""


class ListenError(ValueError):
    """The address cannot be listened on; the text says why and what to do."""


def parse_listen(text: str) -> Location:
    """Read HOST, HOST:PORT or [IPV6]:PORT; port 0 takes any free one. Raise EntryError for anything else."""
    host, colon, port = text.strip().rpartition(":")
    if colon and port == "0":
        return Location(Location.parse(host).host, 0)
    return Location.parse(text)


def listen(at: Location | None) -> list[socket.socket]:
    """Listen at `at`, or on all addresses of both families; raise ListenError at once where that is not possible."""
    if at is None:
        return _everywhere()
    try:
        found = socket.getaddrinfo(at.host, at.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise ListenError(f"cannot listen on {at}: {error}; name an address of this machine") from None
    addresses = dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found)
    with ExitStack() as opened:
        sockets = [opened.enter_context(_socket(family, Location(host, at.port))) for family, host in addresses]
        opened.pop_all()
    return sockets


def _everywhere() -> list[socket.socket]:
    with ExitStack() as opened:
        sockets = [opened.enter_context(_socket(socket.AF_INET, Location("0.0.0.0")))]  # noqa: S104
        if socket.has_dualstack_ipv6():
            sockets.append(opened.enter_context(_socket(socket.AF_INET6, Location("::"))))
        opened.pop_all()
    return sockets


def shown(listening: socket.socket) -> Location:
    host, port = listening.getsockname()[:2]
    return Location(host, port)


def _socket(family: int, at: Location) -> socket.socket:
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((at.host, at.port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise ListenError(f"cannot listen on {at}: {_reason(error, at)}") from None
    return listening


def _reason(error: OSError, at: Location) -> str:
    if error.errno == errno.EADDRINUSE:
        who = who_has(at) or "another program"
        return f"it is in use by {who}; stop that, or choose another port with --listen HOST:PORT"
    if error.errno == errno.EADDRNOTAVAIL:
        return "this is no address of this machine"
    return str(error.strerror)
