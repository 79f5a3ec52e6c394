"""What listens at a port and is no license server."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Stranger:
    """Says the same to everybody who connects, and closes."""

    def __init__(self, words: bytes) -> None:
        self._words = words
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.location = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connected, _ = self._listener.accept()
            except OSError:
                return
            with connected, suppress(OSError):
                self._talk(connected)

    def _talk(self, connected: socket.socket) -> None:
        connected.sendall(self._words)
        connected.shutdown(socket.SHUT_WR)
        while connected.recv(4096):
            pass


class Greeter(Stranger):
    """Says its words, and then waits for something that it understands."""

    def _talk(self, connected: socket.socket) -> None:
        connected.sendall(self._words)
        while connected.recv(4096):
            pass


class Https(Stranger):
    """Speaks TLS, with a certificate that nobody knows, and nothing else."""

    def __init__(self, folder: Path) -> None:
        super().__init__(b"")
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(_certificate(folder / "https.pem"))

    def _talk(self, connected: socket.socket) -> None:
        self._context.wrap_socket(connected, server_side=True).close()


class FullQueue:
    """A port of all addresses with a full queue: its kernel drops whoever comes, as a silent firewall does."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("", 0), backlog=0)
        self.port: int = self._listener.getsockname()[1]
        self.location = f"127.0.0.1:{self.port}"
        self._waiting: list[socket.socket] = []

    def __enter__(self) -> Self:
        while True:
            waiting = socket.socket()
            self._waiting.append(waiting)
            waiting.settimeout(1.0)
            try:
                waiting.connect(("127.0.0.1", self.port))
            except TimeoutError:
                return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for waiting in (*self._waiting, self._listener):
            waiting.close()


def _certificate(file: Path) -> Path:
    """A key and its own certificate, as PEM."""
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "server-a")])
    today = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today)
        .not_valid_after(today + datetime.timedelta(days=1))
        .sign(key, None)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return file
