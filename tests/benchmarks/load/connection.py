"""One kept connection that sends its script, request by request, and notes how long each answer took."""

from __future__ import annotations

import asyncio
import socket
from time import perf_counter
from typing import cast

from benchmarks.load.seekers import Script

_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


class Ended(Exception):
    """The server closed a connection in the middle."""


class Connection(asyncio.Protocol):
    """Nothing is pipelined: the next request goes when the answer is there, or `pause` seconds after it was sent."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._script: Script | None = None
        self._done: asyncio.Future[None] | None = None
        self._pause = 0.0
        self._sent = 0.0
        self._rest = b""
        self.latencies: list[float] = []
        """Of the last script, seconds."""

    async def carry_out(self, script: Script, pause: float = 0.0) -> None:
        """Send the script to its end; raise what it raises, or Ended."""
        self.latencies, self._script, self._pause = [], script, pause
        first = next(script, None)
        if first is not None:
            self._done = self._loop.create_future()
            self._send(first)
            await self._done

    def close(self) -> None:
        if self._transport:
            self._transport.close()

    # What the loop calls (asyncio.Protocol)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        answer = self._rest + data if self._rest else data
        if not is_whole(answer):
            self._rest = answer
            return
        self._rest = b""
        self.latencies.append(perf_counter() - self._sent)
        assert self._script
        assert self._done
        try:
            request = self._script.send(answer)
        except StopIteration:
            self._done.set_result(None)
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            self._done.set_exception(error)
        else:
            self._send_in_time(request)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._done and not self._done.done():
            self._done.set_exception(Ended(str(error or "closed by the server")))

    def _send_in_time(self, request: bytes) -> None:
        if self._pause:
            self._loop.call_later(max(0.0, self._sent + self._pause - perf_counter()), self._send, request)
        else:
            self._send(request)

    def _send(self, request: bytes) -> None:
        if self._transport:
            self._sent = perf_counter()
            self._transport.write(request)


def is_whole(answer: bytes) -> bool:
    """Whether all of an answer is there, which says its length, or has no body (204)."""
    head = answer.find(_END)
    if head < 0:
        return False
    at = answer.find(_LENGTH, 0, head)
    if at < 0:
        return True
    length = int(answer[at + len(_LENGTH) : answer.index(b"\r", at)])
    return len(answer) >= head + len(_END) + length


async def connect(location: str) -> Connection:
    host, _, port = location.rpartition(":")
    loop = asyncio.get_running_loop()
    transport, connection = await loop.create_connection(Connection, host, int(port))
    transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
