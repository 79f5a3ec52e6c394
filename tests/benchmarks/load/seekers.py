"""Holders as bytes: what each of them sends, made before it is needed, and what it keeps of the answers."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Generator, Iterable, Sequence
from itertools import cycle, islice
from time import perf_counter
from typing import TypeAlias

from sparekey.trust import PublicKey, TrustError, read_lease
from sparekey.wire import TakeBody, encode

Script: TypeAlias = Generator[bytes, bytes, None]
"""What one connection sends, one request after another; each answer is sent in."""

FIRST_TAKE = 1_000_001
"""The order of a holder's first take of its first start."""
_LEASE = b'"lease":"'
_JSON = b"Content-Type: application/json\r\n"


class Unexpected(Exception):
    """An answer that no holder can use: nothing that was measured counts."""


class Seeker:
    """One holder. Its secret is made as the client makes it: HMAC-SHA256 of its own, over the serial (S6)."""

    __slots__ = ("_nonce", "_release", "_renew", "id", "take", "token")

    def __init__(self, serial: str, location: str) -> None:
        self.id = secrets.token_urlsafe(16)
        secret = hmac.new(secrets.token_bytes(32), serial.encode(), hashlib.sha256).hexdigest()
        self._nonce = secrets.token_urlsafe(16)
        body = TakeBody(
            id=self.id,
            serial=serial,
            system=secrets.token_urlsafe(16),
            system_name="pc-1042",
            application="Runtime",
            secret=secret,
            order=FIRST_TAKE,
            nonce=self._nonce,
        )
        host = f"Host: {location}\r\n".encode()
        bearer = f"Authorization: Bearer {secret}\r\n".encode()
        self.take = _message(b"POST /v1/leases HTTP/1.1\r\n" + host, encode(body))
        self._renew = f"POST /v1/leases/{self.id}/renew HTTP/1.1\r\n".encode() + host + bearer
        self._release = _message(f"DELETE /v1/leases/{self.id} HTTP/1.1\r\n".encode() + host + bearer)
        self.token = b""

    def renew(self) -> bytes:
        self._nonce = secrets.token_urlsafe(16)
        body = b'{"nonce":"%s","spare":false,"lease":"%s"}' % (self._nonce.encode(), self.token)
        return _message(self._renew, body)

    def release(self) -> bytes:
        return self._release

    def note(self, answer: bytes) -> None:
        """Keep the token of an answer: its last field, as the server writes it."""
        start = answer.rindex(_LEASE) + len(_LEASE)
        self.token = answer[start : answer.index(b'"', start)]

    def check(self, container: PublicKey) -> None:
        """Raise Unexpected where the last token is not this container's answer to the last request (T1)."""
        try:
            claims = read_lease(self.token.decode(), container)
        except TrustError as error:
            raise Unexpected(str(error)) from None
        if (claims.lease, claims.nonce) != (self.id, self._nonce):
            raise Unexpected("a token answers another request")


def taking(seekers: Iterable[Seeker]) -> Script:
    for seeker in seekers:
        seeker.note(_with_status(b"201", (yield seeker.take)))


def renewing(seekers: Sequence[Seeker], until: float, most: int | None = None) -> Script:
    """Round and round until that time (perf_counter), at most so often."""
    for seeker in islice(cycle(seekers), most):
        if perf_counter() >= until:
            return
        seeker.note(_with_status(b"200", (yield seeker.renew())))


def releasing(seekers: Iterable[Seeker]) -> Script:
    for seeker in seekers:
        _with_status(b"204", (yield seeker.release()))


def _with_status(status: bytes, answer: bytes) -> bytes:
    if answer[9:12] != status:
        raise Unexpected(answer.decode(errors="replace")[:500])
    return answer


def _message(head: bytes, body: bytes = b"") -> bytes:
    kind = _JSON if body else b""
    return b"%s%sContent-Length: %d\r\n\r\n%s" % (head, kind, len(body), body)
