"""What passes for a license server, for tests: one that lies, one that is another program, one that never answers."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and the answer that the real server gave to it."""

    method: str
    path: str
    sent: bytes
    status: int
    content: bytes

    @property
    def request(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.sent)
        return parsed

    @property
    def body(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.content)
        return parsed

    @property
    def is_take(self) -> bool:
        return (self.method, self.path) == ("POST", "/v1/leases")

    @property
    def is_renewal(self) -> bool:
        return self.path.endswith("/renew")

    def altered(self, **changes: object) -> Exchange:
        """The same with other fields in its JSON answer."""
        return replace(self, content=json.dumps({**self.body, **changes}).encode())

    def refused(self, **problem: object) -> Exchange:
        """The same with a problem document for an answer."""
        status = problem["status"]
        assert isinstance(status, int)
        return replace(self, status=status, content=json.dumps(problem).encode())


Lie = Callable[[Exchange], Exchange]


class _WebServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """The other side has gone: then this side goes too."""


class _Impostor:
    """Listens on a port of 127.0.0.1 as a web server does."""

    def __init__(self) -> None:
        impostor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                size = int(self.headers.get("Content-Length", 0))
                credentials = self.headers.get("Authorization", "")
                status, content = impostor.answer(self.command, self.path, self.rfile.read(size), credentials)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                if status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = handle_any  # noqa: N815 - names of http.server

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - a name of http.server
                pass

        self._server = _WebServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def location(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def answer(self, method: str, path: str, sent: bytes, credentials: str) -> tuple[int, bytes]:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class Foreign(_Impostor):
    """A web server that has nothing to do with licenses: the same answer to everything."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status
        self.asked = 0

    def answer(self, method: str, path: str, sent: bytes, credentials: str) -> tuple[int, bytes]:
        self.asked += 1
        return self.status, b'{"error": "no such page"}'


class Middleman(_Impostor):
    """Stands between an application and a license server, and lies where it has a `lie`."""

    def __init__(self, server: str) -> None:
        super().__init__()
        self._target = server
        self.lie: Lie | None = None
        self.lies = 0
        self.exchanges: list[Exchange] = []
        self.heard = threading.Condition()

    def answer(self, method: str, path: str, sent: bytes, credentials: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self._target, timeout=10)
        try:
            connection.request(method, path, sent or None, {"Authorization": credentials} if credentials else {})
            response = connection.getresponse()
            exchange = Exchange(method, path, sent, response.status, response.read())
        finally:
            connection.close()
        told = self.lie(exchange) if self.lie else exchange
        with self.heard:
            self.lies += told is not exchange
            self.exchanges.append(exchange)
            self.heard.notify_all()
        return told.status, told.content

    def until(self, wanted: Callable[[Exchange], bool], timeout: float = 30.0) -> Exchange:
        """The first exchange that is wanted."""
        with self.heard:
            found = self.heard.wait_for(lambda: next(filter(wanted, self.exchanges), None), timeout)
        assert found, [(each.method, each.path, each.status) for each in self.exchanges]
        return found


class Mute:
    """A port that takes connections, as its kernel does, and never answers."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)

    @property
    def location(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.close()
