"""What came of a visit to a location: a license server, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from sparekey.core.entries import Location


def machine(location: Location) -> str:
    """Where a command about this location is to be typed."""
    here = location.host == "localhost" or location.host.startswith("127.") or location.host == "::1"
    return "here" if here else f"on {location.host}"


class Miss(StrEnum):
    """How far a visit came that met no license server."""

    UNRESOLVED = "the name does not resolve"
    REFUSED = "the connection is refused"
    SILENT = "no connection is taken"
    UNREACHABLE = "there is no way"
    MUTE = "nothing is said"
    FOREIGN = "it is no license server"


@dataclass(frozen=True, slots=True)
class Missed:
    """No license server was met. `detail` is what was seen; `addresses` are those of the name, where it has some."""

    location: Location
    miss: Miss
    detail: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Met:
    """A license server, as it says of itself; none of it is signed, so nothing but advice may rest on it (T1).

    `ttl` is in seconds; `started` on this machine's boot clock; `ahead` is by how many seconds its wall clock is ahead
    of this machine's; `trips` are the seconds that its answers took; `signers` are the vendor keys (thumbprints) that
    its licenses name, by serial number; `trouble` is why it grants nothing new now.
    """

    location: Location
    name: str
    container: str
    ttl: float
    started: float
    ahead: float | None = None
    trips: tuple[float, ...] = ()
    signers: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""


Encounter: TypeAlias = Met | Missed
