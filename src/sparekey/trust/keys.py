"""Ed25519 keys as JWK (RFC 7517, RFC 8037), known by their thumbprints (RFC 7638)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sparekey.host import create_exclusively
from sparekey.trust.encoding import from_base64url, from_json_file, to_base64url
from sparekey.trust.error import TrustError
from sparekey.trust.files import FileKind, checked_text, read_text

KEY_BYTES = 32
LARGEST_KEY_FILE = 64 * 1024

Jwk: TypeAlias = Mapping[str, object]
KeySource: TypeAlias = str | bytes | Path | Jwk | Sequence[str | bytes | Path | Jwk]
"""A path, JSON text, a JWK, a JWK Set, or a list of those."""

_OBJECT = msgspec.json.Decoder(dict[str, object])
_OBJECTS = msgspec.json.Decoder(dict[str, object] | list[dict[str, object]])


class PublicKey:
    """Checks what its private key signed. `thumbprint` is its id."""

    __slots__ = ("_key", "_raw", "thumbprint")

    def __init__(self, raw: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(raw)
        self._raw = raw
        self.thumbprint = _thumbprint(self.to_jwk())

    @classmethod
    def from_jwk(cls, jwk: Jwk) -> PublicKey:
        """Read an Ed25519 public key; raise TrustError for anything else, above all for a private key."""
        if "d" in jwk:
            raise TrustError("this is a private key, which must stay where it was made; give the public one")
        return cls(_member(jwk, "x"))

    def to_jwk(self) -> dict[str, str]:
        return {"kty": "OKP", "crv": "Ed25519", "x": to_base64url(self._raw)}

    def verifies(self, signature: bytes, message: bytes) -> bool:
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self._raw == other._raw

    def __hash__(self) -> int:
        return hash(self._raw)

    def __repr__(self) -> str:
        return f"PublicKey({self.thumbprint})"


class PrivateKey:
    """Signs; its text is that of its public key only (T4)."""

    __slots__ = ("_key", "public")

    def __init__(self, raw: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(raw)
        self.public = PublicKey(self._key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> PrivateKey:
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def from_jwk(cls, jwk: Jwk) -> PrivateKey:
        """Read an Ed25519 private key; raise TrustError for anything else."""
        if "d" not in jwk:
            raise TrustError("this is no private key (it has no member 'd')")
        key = cls(_member(jwk, "d"))
        if key.public.to_jwk()["x"] != jwk.get("x"):
            raise TrustError("its members 'x' and 'd' do not belong together")
        return key

    @classmethod
    def load(cls, path: Path) -> PrivateKey:
        """Read a key file; raise TrustError, with its name, where it is none."""
        try:
            text = read_text(path, LARGEST_KEY_FILE, FileKind.KEY)
            jwk = from_json_file(_OBJECT, text, "it")
            return cls.from_jwk(jwk)
        except TrustError as error:
            raise TrustError(f"{path}: {error}") from None

    def to_jwk(self) -> dict[str, str]:
        """The key with its secret part: for a file of mode 0600 and nothing else."""
        return {**self.public.to_jwk(), "d": to_base64url(self._key.private_bytes_raw())}

    def save(self, path: Path) -> None:
        """Write a new key file of mode 0600, synced; raise FileExistsError rather than lose another key."""
        create_exclusively(path, msgspec.json.encode(self.to_jwk()) + b"\n", mode=0o600)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    @property
    def thumbprint(self) -> str:
        return self.public.thumbprint

    def __repr__(self) -> str:
        return f"PrivateKey({self.thumbprint})"


def vendor_keys(source: KeySource) -> tuple[PublicKey, ...]:
    """The public keys that `source` names, at least one; raise TrustError that says how to get a right one."""
    try:
        keys = tuple(dict.fromkeys(_keys(source)))
    except (ValueError, OSError) as error:
        raise TrustError(f"vendor key: {_reason(error)}; {_ADVICE}") from None
    if not keys:
        raise TrustError(f"vendor key: there is none in it; {_ADVICE}")
    return keys


_ADVICE = (
    "it is the file vendor.pub.json that the vendor of the application gives away (made by `sparekey vendor init`)"
)


def _keys(source: KeySource) -> list[PublicKey]:
    if isinstance(source, Path):
        return _keys_in_file(source)
    if isinstance(source, bytes):
        return _keys_in_text(checked_text(source, FileKind.KEY))
    if isinstance(source, str):
        is_text = source.lstrip("\ufeff \t\r\n").startswith(("{", "[", "-----BEGIN "))
        return _keys(source.encode("utf-8", "surrogatepass")) if is_text else _keys_in_file(Path(source))
    if isinstance(source, Mapping):
        return _keys_in_set(source["keys"]) if "keys" in source else [PublicKey.from_jwk(source)]
    return [key for item in source for key in _keys(item)]


def _keys_in_file(path: Path) -> list[PublicKey]:
    try:
        return _keys_in_text(read_text(path, LARGEST_KEY_FILE, FileKind.KEY))
    except TrustError as error:
        raise TrustError(f"{path}: {error}") from None


def _keys_in_text(text: str) -> list[PublicKey]:
    return _keys(from_json_file(_OBJECTS, text, "it"))


def _keys_in_set(members: object) -> list[PublicKey]:
    """The keys of a JWK Set (RFC 7517, section 5)."""
    if not isinstance(members, list) or not all(isinstance(member, Mapping) for member in members):
        raise TrustError("'keys' of a JWK Set is a list of JWKs (RFC 7517)")
    return [PublicKey.from_jwk(member) for member in members]


def _member(jwk: Jwk, name: str) -> bytes:
    """The key bytes in member `name` of an Ed25519 JWK (RFC 8037, section 2)."""
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
        raise TrustError(
            'this is no Ed25519 key in JWK form ({"kty": "OKP", "crv": "Ed25519", ...}), the only kind here'
        )
    text = jwk.get(name)
    raw = from_base64url(text, f"its member '{name}'") if isinstance(text, str) else b""
    if len(raw) != KEY_BYTES:
        raise TrustError(f"its member '{name}' is not the {KEY_BYTES} bytes of an Ed25519 key")
    return raw


def _thumbprint(jwk: Jwk) -> str:
    """The hash of the required members in their order (RFC 7638; RFC 8037, appendix A.3)."""
    return to_base64url(sha256(msgspec.json.encode(jwk, order="sorted")).digest())


def _reason(error: ValueError | OSError) -> str:
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
