"""The activation request: a container asks the vendor, by a file, for licenses bound to its key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from sparekey.trust.encoding import from_json, from_json_file
from sparekey.trust.error import TrustError
from sparekey.trust.files import FileKind, read_text
from sparekey.trust.jws import Kind, sign, verify
from sparekey.trust.keys import PrivateKey, PublicKey

LARGEST_REQUEST = 64 * 1024
LONGEST_NAME = 128


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks: the name that people gave the license server, and the key of its container."""

    name: str
    container: PublicKey


class _Facts(msgspec.Struct):
    name: str
    container: str
    key: dict[str, object]
    iat: int


class _Document(msgspec.Struct):
    """The facts as people read them, and signed."""

    name: str
    container: str
    key: dict[str, object]
    request: str


_FACTS = msgspec.json.Decoder(_Facts)
_DOCUMENT = msgspec.json.Decoder(_Document)


def make_request(container_key: PrivateKey, name: str, now: int) -> str:
    """A JSON document for the vendor, signed by the container; `now` is Unix time."""
    _check_name(name)
    public = container_key.public
    facts = _Facts(name, public.thumbprint, {**public.to_jwk()}, now)
    token = sign(container_key, Kind.REQUEST, msgspec.json.encode(facts))
    document = _Document(facts.name, facts.container, facts.key, token)
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def read_request(source: str | Path) -> Request:
    """Read a request from its text or its file; raise TrustError where its container did not sign just this."""
    try:
        return _read(source if isinstance(source, str) else read_text(source, LARGEST_REQUEST, FileKind.REQUEST))
    except TrustError as error:
        raise TrustError(f"{source}: {error}" if isinstance(source, Path) else str(error)) from None


def _read(text: str) -> Request:
    document = from_json_file(_DOCUMENT, text, "the activation request")
    container = PublicKey.from_jwk(document.key)
    payload, _ = verify(document.request, Kind.REQUEST, (container,))
    facts = from_json(_FACTS, payload, "the signed part of the activation request")
    if (facts.name, facts.container, facts.key) != (document.name, document.container, document.key):
        raise TrustError("the activation request was edited: what is written in it is not what the container signed")
    if facts.container != container.thumbprint:
        raise TrustError("the activation request names another container than the one whose key it has")
    _check_name(facts.name)
    return Request(facts.name, container)


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise TrustError(f"{name[:80]!r} is no name of a license server: 1 to {LONGEST_NAME} printable characters")
