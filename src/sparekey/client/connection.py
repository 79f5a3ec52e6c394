"""The kept connections to license servers: watched, bounded, and never through a proxy.

Whatever is wrong with an answer is silence (T1), and silence is never final: it is one exception with a reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from sparekey.client.dial import dial
from sparekey.client.names import Names, Unresolved
from sparekey.client.stream import Request, Response, Stream, StreamEnded
from sparekey.core.entries import Location


class ServerSilent(ConnectionError):
    """A license server gave no answer that could be used; `reason` is for the technician.

    `sent`: the request may have reached it.
    """

    def __init__(self, location: Location, reason: str, *, sent: bool = True) -> None:
        super().__init__(reason)
        self.location = location
        self.reason = reason
        self.sent = sent


class Connection:
    """The connection to one license server: made when it is needed, then kept and watched.

    It belongs to the loop that it is used in. Requests must be idempotent (S6): one whose kept connection turns out
    dead is sent again, once. A request beside another one gets a connection for itself.
    """

    def __init__(self, location: Location, names: Names | None = None) -> None:
        self.location = location
        self._names = names or Names()
        self._kept: Stream | None = None
        self._watchers: list[Callable[[], None]] = []

    @property
    def connected(self) -> bool:
        """Whether a connection is kept, idle."""
        return self._kept is not None

    def watch(self, on_lost: Callable[[], None]) -> Callable[[], None]:
        """Have `on_lost` called at once when the peer ends the kept connection; returns what ends the watch.

        A request that is under way then says so itself, and an end that the server announced is no loss.
        """
        self._watchers.append(on_lost)
        return lambda: self._watchers.remove(on_lost)

    async def connect(self, timeout: float) -> None:
        """Make the connection unless it is kept, within `timeout` seconds; raise ServerSilent."""
        if self._kept is None:
            self._keep(await self._open(_deadline(timeout), timeout))

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float,
    ) -> Response:
        """Ask, and return the answer whatever its status; raise ServerSilent after `timeout` seconds at most.

        `path` is percent-encoded already. The body, if any, is JSON.
        """
        content = {"Content-Type": "application/json"} if body is not None else {}
        whole = {"Host": _host_header(self.location), "Accept": "application/json", **content, **(headers or {})}
        return await self._ask(Request(method, path, whole, body or b""), timeout)

    def close(self) -> None:
        """Drop the kept connection; the next request makes a new one."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    async def _ask(self, request: Request, timeout: float) -> Response:
        deadline = _deadline(timeout)
        sent = self._kept is not None
        if self._kept is not None:
            kept, self._kept = self._kept, None
            try:
                return await self._exchange(kept, request, deadline, timeout)
            except StreamEnded as end:
                if end.begun:
                    raise self._silent(end) from None
        fresh = await self._open(deadline, timeout, sent=sent)
        try:
            return await self._exchange(fresh, request, deadline, timeout)
        except StreamEnded as end:
            raise self._silent(end) from None

    async def _exchange(self, stream: Stream, request: Request, deadline: float, timeout: float) -> Response:
        try:
            async with asyncio.timeout_at(deadline):
                return await stream.exchange(request)
        except TimeoutError:
            raise ServerSilent(self.location, f"{self.location} gave no answer within {timeout:.1f} s") from None
        finally:
            self._keep(stream)

    async def _open(self, deadline: float, timeout: float, *, sent: bool = False) -> Stream:
        try:
            async with asyncio.timeout_at(deadline):
                dialled = await dial(self.location, self._names)
                _, stream = await asyncio.get_running_loop().create_connection(
                    lambda: Stream(self._ended), sock=dialled
                )
                return stream
        except TimeoutError:
            reason = f"{self.location} took no connection within {timeout:.1f} s"
        except ConnectionRefusedError:
            reason = f"{self.location} refused the connection"
        except Unresolved as error:
            reason = str(error)
        except OSError as error:
            reason = f"{self.location} cannot be reached: {error.strerror or error}"
        raise ServerSilent(self.location, reason, sent=sent)

    def _keep(self, stream: Stream) -> None:
        if stream.usable and self._kept is None:
            self._kept = stream
        else:
            stream.close()

    def _ended(self, stream: Stream) -> None:
        if stream is self._kept:
            self._kept = None
            for on_lost in tuple(self._watchers):
                on_lost()

    def _silent(self, end: StreamEnded) -> ServerSilent:
        return ServerSilent(self.location, f"{self.location} {end}")


class Connections:
    """One connection a location, kept as long as this is open."""

    def __init__(self, names: Names | None = None) -> None:
        self._names = names or Names()
        self._connections: dict[Location, Connection] = {}

    def get(self, location: Location) -> Connection:
        """The connection to this location; connects nothing yet."""
        if location not in self._connections:
            self._connections[location] = Connection(location, self._names)
        return self._connections[location]

    def close(self) -> None:
        """Drop all kept connections."""
        for connection in self._connections.values():
            connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _deadline(timeout: float) -> float:
    return asyncio.get_running_loop().time() + timeout


def _host_header(location: Location) -> str:
    return str(location).encode("ascii", "backslashreplace").decode()
