"""A history: what happened in a plant, one JSON object a line, in the order of its time.

Every record has `what` (its kind) and `t`: seconds on one clock that all take part in. In a simulation that is true
time, on one machine it is its boot clock.

    {"what": "license",  "t", "serial", "container", "seats"}                   a license is shared
    {"what": "grant",    "t", "container", "serial", "lease", "holder", "fence", "repeat", "excused"}
                                                                                a server answers a take with a seat
    {"what": "release",  "t", "container", "lease"}                             a server answers a release
    {"what": "belief",   "t", "holder", "serial", "lease", "until", "excused"}  a holder believes in a seat until then
    {"what": "cease",    "t", "holder", "lease"}                                it does no longer
    {"what": "changed",  "t", "holder", "old", "new"}                           the event of a change of serial number
    {"what": "shown",    "t", "holder", "serial", "recalled"}                   the serial number in use from now on

A holder is one process with one state folder; two that share a copied folder are two holders. `excused` names why a
record may break the rules, where the design admits that: such breaches are counted apart.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class License(msgspec.Struct, frozen=True, tag_field="what", tag="license"):
    t: float
    serial: str
    container: str
    seats: int


class Grant(msgspec.Struct, frozen=True, tag_field="what", tag="grant"):
    """`repeat`: the answer to a take that was answered, or at least granted, before."""

    t: float
    container: str
    serial: str
    lease: str
    holder: str
    fence: int
    repeat: bool = False
    excused: str = ""


class Release(msgspec.Struct, frozen=True, tag_field="what", tag="release"):
    t: float
    container: str
    lease: str


class Belief(msgspec.Struct, frozen=True, tag_field="what", tag="belief"):
    """Replaces what the holder believed of this lease before."""

    t: float
    holder: str
    serial: str
    lease: str
    until: float
    excused: str = ""


class Cease(msgspec.Struct, frozen=True, tag_field="what", tag="cease"):
    t: float
    holder: str
    lease: str


class Changed(msgspec.Struct, frozen=True, tag_field="what", tag="changed"):
    t: float
    holder: str
    old: str
    new: str


class Shown(msgspec.Struct, frozen=True, tag_field="what", tag="shown"):
    """`recalled`: a start has found it on record, as what an earlier run showed last; None where there is nothing."""

    t: float
    holder: str
    serial: str | None
    recalled: bool = False


Record: TypeAlias = License | Grant | Release | Belief | Cease | Changed | Shown

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Record).decode
