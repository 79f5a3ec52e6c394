"""Who else on this machine has a port or a file open, as far as that can be known (Linux: proc(5))."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from sparekey.core.entries import Location
from sparekey.wire import ServerBody

ANSWER_WITHIN: Final = 1.0
"""Seconds that a license server has to say who it is."""
LARGEST_ANSWER: Final = 16_384
_LISTENS: Final = "0A"
_PROC: Final = Path("/proc")

Address: TypeAlias = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class _Socket:
    """A line of /proc/net/tcp or tcp6."""

    address: Address
    port: int
    listens: bool
    inode: int

    def is_in_the_way_of(self, address: Address, port: int) -> bool:
        return self.port == port and (self.address == address or self.address.is_unspecified or address.is_unspecified)


def who_has(at: Location) -> str:
    """Who has this address and port, in words that follow 'by'; empty where that cannot be known."""
    found = sorted(_in_the_way(at), key=lambda each: not each.listens)
    process = _process_of(found[0].inode) if found else ""
    server = _license_server(found[0].address if found else _address(at.host), at.port)
    return ", ".join(filter(None, (server, process)))


def has_open(pid: int, path: Path) -> bool:
    """Whether this process has this file open; False also where that cannot be known."""
    try:
        return any(os.path.samestat(descriptor.stat(), path.stat()) for descriptor in _descriptors(_PROC / str(pid)))
    except OSError:
        return False


def _license_server(address: Address, port: int) -> str:
    host = str(ip_address("127.0.0.1" if address.version == 4 else "::1") if address.is_unspecified else address)
    connection = HTTPConnection(host, port, timeout=ANSWER_WITHIN)
    try:
        connection.request("GET", "/v1/server")
        body = msgspec.json.decode(connection.getresponse().read(LARGEST_ANSWER), type=ServerBody)
    except (OSError, HTTPException, ValueError):
        return ""
    finally:
        connection.close()
    return f"the license server '{body.name}' (container {body.container})"


def _in_the_way(at: Location) -> list[_Socket]:
    address = _address(at.host)
    return [each for each in _sockets() if each.is_in_the_way_of(address, at.port)]


def _address(host: str) -> Address:
    with suppress(ValueError):
        return ip_address(host.partition("%")[0])
    return IPv4Address("127.0.0.1")


def _sockets() -> Iterator[_Socket]:
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (_PROC / "net" / table).read_text().splitlines()[1:]:
                _, local, _, state, *rest = line.split()
                address, _, port = local.partition(":")
                yield _Socket(_decoded(address), int(port, 16), state == _LISTENS, int(rest[5]))


def _decoded(text: str) -> Address:
    """An address as the kernel prints it: 32 bits at a time, each in the machine's own order."""
    words = (bytes.fromhex(text[at : at + 8]) for at in range(0, len(text), 8))
    return ip_address(b"".join(word[::-1] for word in words))


def _process_of(inode: int) -> str:
    link = f"socket:[{inode}]"
    for process in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            if any(str(descriptor.readlink()) == link for descriptor in _descriptors(process)):
                return f"process {process.joinpath('comm').read_text().strip()} (pid {process.name})"
    return ""


def _descriptors(process: Path) -> Iterator[Path]:
    """What a process has open; OSError where that is not ours to see."""
    return (process / "fd").iterdir()
