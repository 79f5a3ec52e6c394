"""The HTTP server that Prometheus asks: in threads of its own, so that no scrape holds up the notifier."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from socketserver import TCPServer, ThreadingMixIn
from typing import Final, TypeAlias
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app

from sparekey.core.entries import Location
from sparekey.notify.feed import Feed
from sparekey.notify.metrics.families import Families, Snapshot
from sparekey.notify.outlet import OutletFault

SILENCE: Final = 10.0
"""Seconds after which a client that says nothing, or takes nothing, is let go."""
MOST_CLIENTS: Final = 16
"""At once; one more is turned away."""
_Request: TypeAlias = socket.socket | tuple[bytes, socket.socket]
_END: Final = 0.1
"""Seconds between two looks whether the server is to end."""


async def serve(at: Location, feed: Feed, well: Callable[[], None]) -> None:
    """Answer until cancelled; raise OutletFault where this address cannot be listened on."""
    families = Families(_snapshot(feed))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(families)
    server = await _listen(at)
    server.set_app(make_wsgi_app(registry))
    subscription = feed.subscribe()
    thread = threading.Thread(target=server.serve_forever, args=(_END,), daemon=True)
    thread.start()
    try:
        well()
        while True:
            await subscription.news()
            families.snapshot = _snapshot(feed)
    finally:
        feed.unsubscribe(subscription)
        await asyncio.to_thread(server.shutdown)
        server.server_close()


def _snapshot(feed: Feed) -> Snapshot:
    return Snapshot(dict(feed.readings), tuple(feed.alarms.values()))


async def _listen(at: Location) -> _Server:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            at.host, at.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, _, _, _, address = found[0]
        return _Server(family, (str(address[0]), at.port))
    except (OSError, UnicodeError) as error:
        raise OutletFault(f"cannot listen on {at}: {getattr(error, 'strerror', None) or error}") from None


class _Handler(WSGIRequestHandler):
    """One request. `timeout` is of each step, by socketserver."""

    timeout = SILENCE

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: a scrape is no news."""


class _Server(ThreadingMixIn, WSGIServer):
    """A thread a client, but not any number of them."""

    daemon_threads = True

    def __init__(self, family: int, address: tuple[str, int]) -> None:
        self.address_family = family
        self._places = threading.BoundedSemaphore(MOST_CLIENTS)
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Without asking a name server what this machine is called, as HTTPServer does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def process_request(self, request: _Request, client_address: object) -> None:
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread is to be had
            self._places.release()
            raise

    def process_request_thread(self, request: _Request, client_address: object) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: _Request, client_address: object) -> None:
        """A client that went away is no news either."""
