"""What a license permits, and whether another one is equal or better (R3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import zip_longest
from types import MappingProxyType

from sparekey.core.entries import ANY_SERIAL, EntryError, check_serial

UNLIMITED = -1
"""A limit that no number exceeds."""
LONGEST_NAME = 64
"""Characters of a product, a version, a limit's or a module's name."""
LARGEST_NUMBER = 2**53 - 1
"""JSON carries integers exactly up to here (RFC 8259, section 6)."""

_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_VERSION = re.compile(r"[0-9]+(\.[0-9]+)*")


class TermsError(ValueError):
    """Terms that cannot be; the text says which field is wrong and what is right."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What one license permits.

    `limits` are numbers of which more is better, UNLIMITED best. `valid_from` and `valid_until` are days in UTC, both
    included (S7). `shared` false: for the license server's own machine only. `issued` is Unix time: a newer issue of a
    serial number replaces an older one. `demo_seconds` is the running time of a demo license, None for any other (R6).
    """

    serial: str
    product: str
    version: str
    seats: int = 1
    limits: Mapping[str, int] = field(default_factory=dict, hash=False)
    modules: frozenset[str] = frozenset()
    valid_from: date | None = None
    valid_until: date | None = None
    shared: bool = True
    issued: int = 0
    demo_seconds: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "limits", MappingProxyType(dict(self.limits)))
        _check_serial(self.serial)
        _check_name("product", self.product)
        _check_version(self.version)
        _check_number("seats", self.seats, 1)
        for name, limit in self.limits.items():
            _check_name("limits", name)
            _check_number(f"limits: {name}", limit, UNLIMITED)
        for module in self.modules:
            _check_name("modules", module)
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise TermsError(f"valid_until {self.valid_until} is before valid_from {self.valid_from}")
        _check_number("issued", self.issued, 0)
        if self.demo_seconds is not None:
            _check_number("demo_seconds", self.demo_seconds, 1)

    def as_json(self) -> dict[str, object]:
        """The terms in values that JSON has a form for: dates as ISO 8601, names in their order."""
        return {
            "serial": self.serial,
            "product": self.product,
            "version": self.version,
            "seats": self.seats,
            "limits": dict(sorted(self.limits.items())),
            "modules": sorted(self.modules),
            "valid_from": self.valid_from and self.valid_from.isoformat(),
            "valid_until": self.valid_until and self.valid_until.isoformat(),
            "shared": self.shared,
            "issued": self.issued,
            "demo_seconds": self.demo_seconds,
        }


def shortfalls(backup: Terms, initial: Terms) -> tuple[str, ...]:
    """In what `backup` is worse than `initial`, validity dates aside; empty where it is equal or better (R3)."""
    return (
        *_product_shortfall(backup, initial),
        *_version_shortfall(backup, initial),
        *_limit_shortfalls(backup, initial),
        *(f"module {module} is missing" for module in sorted(initial.modules - backup.modules)),
    )


class Validity(StrEnum):
    """Whether a license is within its days."""

    VALID = "valid"
    NOT_YET = "not-yet-valid"
    EXPIRED = "expired"


def validity(terms: Terms, at: float) -> Validity:
    """Judge the validity dates at `at`, Unix time in seconds: the first and the last day count whole, in UTC (S7)."""
    if terms.valid_from and at < _begin(terms.valid_from):
        return Validity.NOT_YET
    if terms.valid_until and at >= _begin(terms.valid_until) + _DAY:
        return Validity.EXPIRED
    return Validity.VALID


def _product_shortfall(backup: Terms, initial: Terms) -> tuple[str, ...]:
    if backup.product == initial.product:
        return ()
    return (f"product {backup.product} is not {initial.product}",)


def _version_shortfall(backup: Terms, initial: Terms) -> tuple[str, ...]:
    pairs = zip_longest(_numbers(backup.version), _numbers(initial.version), fillvalue=0)
    difference = next((ours - theirs for ours, theirs in pairs if ours != theirs), 0)
    return (f"version {backup.version} < {initial.version}",) if difference < 0 else ()


def _limit_shortfalls(backup: Terms, initial: Terms) -> tuple[str, ...]:
    pairs = ((name, backup.limits.get(name, 0), limit) for name, limit in sorted(initial.limits.items()))
    return tuple(f"{name} {_shown(ours)} < {_shown(limit)}" for name, ours, limit in pairs if _is_less(ours, limit))


def _numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def _is_less(limit: int, other: int) -> bool:
    return limit != UNLIMITED and (other == UNLIMITED or limit < other)


def _shown(limit: int) -> str:
    return "unlimited" if limit == UNLIMITED else str(limit)


def _begin(day: date) -> int:
    """Unix time at which the day begins in UTC."""
    return (day.toordinal() - _EPOCH) * _DAY


def _check_serial(serial: str) -> None:
    try:
        check_serial(serial)
    except EntryError as error:
        raise TermsError(f"serial: {error}") from None
    if serial == ANY_SERIAL:
        raise TermsError(f"serial: '{ANY_SERIAL}' stands for any license and cannot name one")


def _check_name(where: str, name: str) -> None:
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise TermsError(
            f"{where}: {name[:80]!r} is no name: 1 to {LONGEST_NAME} printable characters, no blank at either end"
        )


def _check_version(version: str) -> None:
    if len(version) > LONGEST_NAME or not _VERSION.fullmatch(version):
        raise TermsError(f"version: {version[:80]!r} is no version: numbers separated by dots, such as 14.0")


def _check_number(where: str, number: int, least: int) -> None:
    if number < least:
        raise TermsError(f"{where}: {number} is too small: {least} at least")
    if number > LARGEST_NUMBER:
        raise TermsError(f"{where}: {number} is too large: {LARGEST_NUMBER} at most")
