"""A TCP proxy: what a long way, or a router that forgets, does to connections."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from plant import Server
from sparekey.core.entries import Location

_CHUNK = 65_536


class Proxy:
    """Stands before a license server. `delay` is in seconds, for each way."""

    def __init__(self, server: Server) -> None:
        self.delay = 0.0
        self._target = (server.address, server.port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._pumps: set[asyncio.Task[None]] = set()
        self._location = ""

    @property
    def location(self) -> str:
        return self._location

    def forget_connections(self) -> None:
        """Those that there are carry nothing any more, and neither side is told; new ones do."""
        asyncio.run_coroutine_threadsafe(self._forget(), self._loop).result()

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._forget(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> None:
        listening = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self._location = str(Location(*listening.sockets[0].getsockname()))

    async def _connect(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, on = await asyncio.open_connection(*self._target)
        for reader, writer in ((near, on), (far, back)):
            pump = asyncio.create_task(self._carry(reader, writer))
            self._pumps.add(pump)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _forget(self) -> None:
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
