"""The addresses of license servers: looked up beside the loop, and remembered where they worked."""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from sparekey.core.entries import Location


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect a TCP socket to: what getaddrinfo(3) says of one address."""

    family: socket.AddressFamily
    endpoint: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]


class Unresolved(OSError):
    """The name of a license server has no address, as far as can be told now."""


class Names:
    """A resolver for one loop.

    Each name is looked up by a thread of its own, one at a time a name: one that hangs stops neither the loop, nor its
    executor, nor the end of the program.
    """

    def __init__(self, look_up: Callable[[Location], list[Address]] | None = None) -> None:
        self._look_up = look_up or _system_look_up
        self._asked: dict[Location, asyncio.Future[list[Address]]] = {}
        self._worked: dict[Location, Address] = {}
        self._doubted: dict[Location, Address] = {}

    def last(self, location: Location) -> Address | None:
        """The address that worked last, until it failed."""
        return self._worked.get(location)

    def doubted(self, location: Location) -> Address | None:
        """The address that worked last, once it has failed: a server may come back there while its name hangs."""
        return self._doubted.get(location)

    def worked(self, location: Location, address: Address) -> None:
        self._worked[location] = address
        self._doubted.pop(location, None)

    def failed(self, location: Location, address: Address) -> None:
        if self._worked.get(location) == address:
            self._doubted[location] = self._worked.pop(location)

    def literal(self, location: Location) -> Address | None:
        """The address that the location itself is; None where it is a name."""
        with suppress(socket.gaierror, UnicodeError):
            return _addresses(location, socket.AI_NUMERICHOST)[0]
        return None

    async def resolve(self, location: Location) -> list[Address]:
        """All addresses, in the order to try them (RFC 8305: families take turns); raise Unresolved."""
        if own := self.literal(location):
            return [own]
        if location not in self._asked:
            self._asked[location] = self._ask(location)
        return await asyncio.shield(self._asked[location])

    def _ask(self, location: Location) -> asyncio.Future[list[Address]]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Address]] = loop.create_future()
        answer.add_done_callback(lambda _: self._asked.pop(location, None))

        def settle(found: list[Address] | Unresolved) -> None:
            if answer.cancelled():
                return
            if isinstance(found, Unresolved):
                answer.set_exception(found)
                answer.exception()  # it may be that nobody waits any longer
            else:
                answer.set_result(found)

        def run() -> None:
            found = self._find(location)
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(settle, found)

        threading.Thread(target=run, name=f"sparekey-resolve-{location.host}", daemon=True).start()
        return answer

    def _find(self, location: Location) -> list[Address] | Unresolved:
        try:
            return self._look_up(location)
        except OSError as error:
            return Unresolved(f"the name {location.host} does not resolve: {error.strerror or error}")
        except UnicodeError:
            return Unresolved(f"{location.host} is no host name")


def _system_look_up(location: Location) -> list[Address]:
    return _addresses(location, 0)


def _addresses(location: Location, flags: int) -> list[Address]:
    found = socket.getaddrinfo(location.host, location.port, type=socket.SOCK_STREAM, flags=flags)
    return take_turns(Address(family, endpoint) for family, _, _, _, endpoint in found)


def take_turns(addresses: Iterable[Address]) -> list[Address]:
    """The addresses so ordered that families take turns, beginning with that of the first."""
    families: dict[socket.AddressFamily, list[Address]] = {}
    for address in addresses:
        families.setdefault(address.family, []).append(address)
    turns = itertools.zip_longest(*families.values())
    return [address for turn in turns for address in turn if address is not None]
