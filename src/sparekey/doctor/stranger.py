"""Who it is that answers at a port, but not as a license server does."""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import suppress

from sparekey.client.dial import dial
from sparekey.client.names import Names
from sparekey.core.entries import Location

GLANCE = 0.5
"""Seconds for what a stranger has to say."""
_MOST = 1024
_REQUEST = b"GET /v1/server HTTP/1.1\r\nHost: license-server\r\nConnection: close\r\n\r\n"
_TLS_RECORDS = (b"\x15\x03", b"\x16\x03")
"""An alert or a handshake (RFC 8446, section 5.1)."""


async def who_is_at(location: Location, names: Names) -> str:
    """In words, by what it says first."""
    said = await first_words(location, names)
    if not said and await _speaks_tls(location, names):
        return _TLS
    return kind_of(said)


_TLS = "a server with TLS, such as https"


def kind_of(said: bytes) -> str:
    """What says this."""
    if not said:
        return "something that closes the connection without a word"
    line = _printable(said.split(b"\n", 1)[0])
    if said.startswith(b"SSH-"):
        return f"an SSH server ({line})"
    if said.startswith(_TLS_RECORDS):
        return _TLS
    if said.startswith(b"HTTP/"):
        return _TLS if b"HTTPS" in said.upper() else f"a web server ({line}{_software(said)})"
    return f"something that says '{line}'"


def _software(said: bytes) -> str:
    named = re.search(rb"^server:[ \t]*(.+?)\r?$", said, re.IGNORECASE | re.MULTILINE)
    return f", {_printable(named[1])}" if named else ""


def _printable(text: bytes) -> str:
    return "".join(c if " " <= c <= "~" else "?" for c in text.strip().decode("latin-1"))[:60]


async def first_words(location: Location, names: Names) -> bytes:
    """What is said there within a glance, before or after a question."""
    said = b""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(GLANCE):
            reader, writer = await asyncio.open_connection(sock=await dial(location, names))
            try:
                writer.write(_REQUEST)
                while len(said) < _MOST and (more := await reader.read(_MOST)):
                    said += more
            finally:
                writer.transport.abort()
    return said


async def _speaks_tls(location: Location, names: Names) -> bool:
    """Whether a TLS handshake gets anywhere; whose certificate it is does not matter, since nothing is told to it."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(GLANCE):
            _, writer = await asyncio.open_connection(
                sock=await dial(location, names), ssl=context, server_hostname=location.host
            )
            writer.transport.abort()
            return True
    except (OSError, TimeoutError, ValueError):
        return False
