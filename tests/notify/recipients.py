"""Who is told by mail and webhook: a real SMTP server and a real HTTP server, which can be away, hang and come back."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sparekey.host import boot_clock

USER, PASSWORD = "sparekey", "s3cret-in-a-url"


@dataclass(frozen=True, slots=True)
class Told:
    """What has arrived, and when, boot clock."""

    title: str
    body: str
    at: float = field(default_factory=boot_clock)


class Recipient(Protocol):
    """Keeps its port, whether it is there or not. `told` is all that arrived, in order."""

    told: list[Told]

    @property
    def url(self) -> str: ...

    def start(self) -> None: ...

    def stop(self) -> None:
        """Nobody listens any more."""


class MailServer:
    """An SMTP server that keeps what it gets. With `login`, it takes mail from USER with PASSWORD only."""

    def __init__(self, *, login: bool = False) -> None:
        self.told: list[Told] = []
        self.port = free_port()
        self._login = login
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        user = f"{USER}:{PASSWORD}@" if self._login else ""
        return self.url_as(user)

    def url_as(self, user: str) -> str:
        return f"mailto://{user}127.0.0.1:{self.port}?from=plant@example.org&to=technician@example.org"

    def start(self) -> None:
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            authenticator=_check if self._login else None,
            auth_required=self._login,
            auth_require_tls=False,
        )
        self._controller.start()

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()
            self._controller = None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        body = mail.get_body(("plain", "html"))
        assert body
        self.told.append(Told(mail["Subject"], body.get_content()))
        return "250 OK"


def _check(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


class Webhook:
    """An HTTP server that keeps the JSON it gets, and answers `status`."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.posts: list[dict[str, Any]] = []
        self.status = 200
        self.port = free_port()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.port}/alarms"

    def start(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def _handler(webhook: Webhook) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            post = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if webhook.status == 200:
                webhook.posts.append(post)
                webhook.told.append(Told(post["title"], post["message"]))
            self.send_response(webhook.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def hanging(port: int) -> Iterator[None]:
    """Whoever connects meanwhile waits for an answer."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        accepted: list[socket.socket] = []
        thread = threading.Thread(target=_accept, args=(listening, accepted), daemon=True)
        thread.start()
        try:
            yield
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            for each in accepted:
                each.close()


def _accept(listening: socket.socket, accepted: list[socket.socket]) -> None:
    with suppress(OSError):
        while True:
            accepted.append(listening.accept()[0])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
