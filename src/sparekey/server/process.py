"""The license server as a process: start, serve, end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import resource
import signal
import socket
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TypeAlias

import uvicorn

from sparekey.core.entries import Location
from sparekey.core.seats import Lessor
from sparekey.core.timing import LONGEST_TTL, SHORTEST_TTL
from sparekey.host import boot_clock
from sparekey.server import api
from sparekey.server.connection import Connection
from sparekey.server.container import Container, ContainerError
from sparekey.server.ledger import open_ledger
from sparekey.server.notices import forget_where, is_draining, say_where
from sparekey.server.service import Service, now
from sparekey.server.shelf import Shelf
from sparekey.server.sockets import listen, shown
from sparekey.server.writer import Writer

LOOK: Final = 1.0
"""Between two looks at the license files, seconds."""
TICK_LEAST, TICK_MOST = 0.25, SHORTEST_TTL
"""A lease that is granted meanwhile lasts longer than the longest sleep, so none runs out unseen."""
GRACE: Final = 1
"""How long a request that is under way may still take at the end, seconds."""

log = logging.getLogger(__name__)

Ready: TypeAlias = Callable[[Container, list[Location]], None]
"""Told when the server answers, and where."""


def run(state: Path, at: Location | None, ttl: float, ready: Ready) -> None:
    """Serve the container of `state` until SIGTERM or SIGINT; raise ContainerError, ListenError or OSError."""
    if not SHORTEST_TTL <= ttl <= LONGEST_TTL:
        raise ContainerError(f"a ttl is {SHORTEST_TTL:g} to {LONGEST_TTL:g} seconds; {ttl:g} is not")
    container = Container.open(state)
    lock = container.lock()
    try:
        os.umask(0o077)  # what the server writes is nobody else's (T4)
        _allow_many_connections()
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(container, at, ttl, ready))
    finally:
        lock.release()


async def _serve(container: Container, at: Location | None, ttl: float, ready: Ready) -> None:
    async with _service(container, ttl) as service:
        shelf = Shelf(container)
        service.drain(on=is_draining(container.folder))
        service.share(await asyncio.to_thread(shelf.look, now().wall), incomplete=shelf.incomplete)
        sockets = listen(at)
        places = [shown(each) for each in sockets]
        server = _Server(service, ttl, lambda: ready(container, places))
        _end_on_signal(server)
        with _word_of(container, places):
            async with asyncio.TaskGroup() as group:
                beside = [group.create_task(_watch(service, shelf)), group.create_task(_tick(service))]
                await server.serve(sockets)
                for task in beside:
                    task.cancel()


@asynccontextmanager
async def _service(container: Container, ttl: float) -> AsyncIterator[Service]:
    """The service over its ledger: what it opens is synced before the first request is heard (S3, S4)."""
    longest = container.longest_ttl
    container.remember_ttl(ttl)
    with _uncollected():
        ledger = open_ledger(container.folder.ledger)
        lessor = Lessor(ledger.load(), ttl=ttl, longest=longest, last_block=container.last_block, at=now())
    container.remember_block(lessor.block)
    writer = Writer(ledger)
    writer.start()
    try:
        await writer.commit(lessor.opening)
        yield Service(container, lessor, writer)
    finally:
        await writer.close()


@contextlib.contextmanager
def _uncollected() -> Generator[None]:
    """What is made here stays: the collector is not to look for garbage in it, again and again, while requests wait."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextlib.contextmanager
def _word_of(container: Container, places: list[Location]) -> Generator[None]:
    """Where the server listens stands in its state folder meanwhile, where that can be written."""
    try:
        say_where(container.folder, places)
    except OSError as error:
        log.warning("%s: %s: `sparekey server drain` cannot find this server", container.folder.listening, error)
    try:
        yield
    finally:
        forget_where(container.folder)


async def _watch(service: Service, shelf: Shelf) -> None:
    """Look each second, beside the loop, at the license files and whether the server is to be emptied."""
    while True:
        await asyncio.sleep(LOOK)
        service.drain(on=await asyncio.to_thread(is_draining, service.container.folder))
        service.share(await asyncio.to_thread(shelf.look, now().wall), incomplete=shelf.incomplete)


async def _tick(service: Service) -> None:
    """Free what has run out, when it may have."""
    while True:
        service.tick()
        timer = service.lessor.next_timer()
        wait = TICK_MOST if timer is None else timer - boot_clock()
        await asyncio.sleep(min(max(wait, TICK_LEAST), TICK_MOST))


class _Server(uvicorn.Server):
    """uvicorn, told when it is ready, and ended by our signals alone."""

    def __init__(self, service: Service, ttl: float, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                api.build(service),
                http=Connection,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=int(2 * max(ttl, service.container.longest_ttl)) + 10,
                timeout_graceful_shutdown=GRACE,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _end_on_signal(server: uvicorn.Server) -> None:
    def end() -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def _allow_many_connections() -> None:
    """A connection is a file, and the usual limit is for people at a terminal."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
