"""What goes over the network. A token or a refusal is signed by saying whose key made it (T1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sparekey.core.history import Shown
from sparekey.core.problems import Problem
from sparekey.core.requests import Occupant
from sparekey.core.terms import Terms, Validity

FORGER = "forger"
"""The key of somebody who is no container."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A license as its vendor signed it, bound to a container."""

    terms: Terms
    container: str


@dataclass(frozen=True, slots=True)
class Token:
    """A lease as its container signed it over the caller's nonce."""

    container: str
    says: Shown
    nonce: int
    drain: bool = False


@dataclass(frozen=True, slots=True)
class TakeCall:
    id: str
    serial: str
    system: str
    application: str
    secret: str
    order: int
    nonce: int
    spare: bool
    token: Token | None
    holder: str
    """Who it is in truth; no server looks at it."""
    excuse: str = ""
    """Why the token that it shows may be older than its holder knows; no server looks at it."""


@dataclass(frozen=True, slots=True)
class RenewCall:
    id: str
    secret: str
    nonce: int
    spare: bool
    token: Token | None


@dataclass(frozen=True, slots=True)
class ReleaseCall:
    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class AskCall:
    """`serial` None asks for all."""

    serial: str | None


Request: TypeAlias = TakeCall | RenewCall | ReleaseCall | AskCall


@dataclass(frozen=True, slots=True)
class Promise:
    """A grant or a renewal."""

    token: Token
    license: Signed | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """`signer` is empty where nobody signed it; `license` says whose word counts."""

    problem: Problem
    signer: str
    nonce: int
    serial: str
    lease: str
    license: Signed | None = None
    spare: bool = False


@dataclass(frozen=True, slots=True)
class GivenBack:
    pass


@dataclass(frozen=True, slots=True)
class Shared:
    license: Signed
    validity: Validity
    used: int
    occupants: tuple[Occupant, ...]


@dataclass(frozen=True, slots=True)
class Offers:
    shared: tuple[Shared, ...]
    draining: bool = False


Answer: TypeAlias = Promise | Refusal | GivenBack | Offers


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer that counts. `sent`: the request may have reached the server."""

    reason: str
    sent: bool = True
