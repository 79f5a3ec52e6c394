"""From the keys of a section to the list of an application (R2): the grammar of License.ini."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sparekey.config.document import Document, Section, fold
from sparekey.config.faults import ConfigError, Fault, Place
from sparekey.config.lines import serial_key
from sparekey.core.entries import INITIAL, MAX_BACKUPS, Entry, EntryError, LicenseList, Location

LONGEST_PRODUCT = 200
PRODUCT = "PRODUCT"
_DEFAULTS = LicenseList((Entry(INITIAL, "any"),))


@dataclass(frozen=True, slots=True)
class Value:
    """What a key says, and where; `key` is as it was written."""

    key: str
    written: str
    place: Place
    quote_is_open: bool = False

    @property
    def text(self) -> str:
        """What was written; raise EntryError where it cannot be taken as it is."""
        if self.quote_is_open:
            raise EntryError(f"the quote is not closed; write {self.key} = VALUE")
        return self.written


Values = Mapping[str, Value]
"""Values by folded key: of a section, or of the environment."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A key whose value is a number: what it may be, and what it is where the key is missing."""

    key: str
    default: float
    lowest: int
    highest: int
    seconds: bool = False

    def parse(self, text: str) -> float:
        """The number that was written; raise EntryError where it is none, or out of range."""
        pattern = r"[0-9]{1,9}(\.[0-9]{1,9})?" if self.seconds else r"[0-9]{1,9}"
        if not re.fullmatch(pattern, text) or not self.lowest <= float(text) <= self.highest:
            kind = "number of seconds" if self.seconds else "whole number"
            raise EntryError(f"'{text[:80]}' is no {kind} from {self.lowest} to {self.highest}")
        return float(text)


DEMO = Amount("DEMO", _DEFAULTS.demo, 0, 1)
INITIAL_WAIT = Amount("INITIAL_WAIT", _DEFAULTS.initial_wait, 0, 86_400, seconds=True)
CHECK = Amount("CHECK", _DEFAULTS.check, 1, 86_400, seconds=True)
MIN_BACKUPS = Amount("MIN_BACKUPS", _DEFAULTS.min_backups, 0, MAX_BACKUPS)
AMOUNTS = (DEMO, INITIAL_WAIT, CHECK, MIN_BACKUPS)


def read(document: Document, app: str, environment: Values | None = None) -> LicenseList:
    """The list of an application. Where its environment lists a license, that alone counts; else it goes first.

    Raise ConfigError with every fault that concerns this section, and none of another.
    """
    over = environment or {}
    if has_entries(over):
        return parse(over, Place(app))
    section = _section(document, app)
    given = {**values(document, section), **over}
    return parse(given, document.place(section.header), document.faults_for(app))


def entries(document: Document, app: str) -> tuple[Entry, ...]:
    """What an application lists so far, maybe nothing; raise ConfigError where that is not clear."""
    section = document.section(app)
    faults = list(document.faults_for(app))
    found = _entries(values(document, section), faults) if section else ()
    if faults:
        raise ConfigError(faults)
    return found


def listed(document: Document, app: str) -> tuple[Entry, ...]:
    """What a section that must be there lists so far; raise ConfigError where it is missing or not clear."""
    _section(document, app)
    return entries(document, app)


def values(document: Document, section: Section) -> Values:
    """What the keys of a section say."""
    return {
        key: Value(setting.key, setting.value, document.place(index), setting.quote_is_open)
        for key, (index, setting) in section.settings.items()
    }


def has_entries(given: Values) -> bool:
    """Whether any license is listed here."""
    return any(serial_key(value.key) for value in given.values())


def is_ours(given: Values) -> bool:
    """Whether any key here means something to us; a section without is kept and left alone."""
    return has_entries(given) or any(fold(key) in given for key in (PRODUCT, *(a.key for a in AMOUNTS)))


def parse(given: Values, place: Place, known: tuple[Fault, ...] = ()) -> LicenseList:
    """The list that these values make up; raise ConfigError with all that is wrong, `known` included.

    `place` is where it is told that no license is listed.
    """
    faults = list(known)
    found = _entries(given, faults)
    if not has_entries(given):
        faults.append(Fault(place, "no license is listed; write SERIAL0 = SERIAL NUMBER, the initial license"))
    product = _product(given, faults)
    demo, initial_wait, check, min_backups = (_amount(given, amount, faults) for amount in AMOUNTS)
    if faults:
        raise ConfigError(faults)
    return LicenseList(found, product, bool(demo), initial_wait, check, int(min_backups))


def _section(document: Document, app: str) -> Section:
    section = document.section(app)
    if section is None:
        raise ConfigError(document.faults or (*document.stray, _no_section(document, app)))
    return section


def _no_section(document: Document, app: str) -> Fault:
    names = ", ".join(f"[{section.name}]" for section in document.sections.values())
    there = f"there are {names}" if names else "there is none at all"
    return Fault(document.place(0), f"no section [{app}]; {there}; `sparekey config add` makes it")


@contextmanager
def _noted(value: Value, faults: list[Fault]) -> Iterator[None]:
    """Turn an EntryError into a fault of the line that it comes from."""
    try:
        yield
    except EntryError as error:
        faults.append(Fault(value.place, f"{value.key}: {error}"))


def _entries(given: Values, faults: list[Fault]) -> tuple[Entry, ...]:
    serials, locations = _numbered(given, faults)
    faults.extend(_gaps(serials))
    faults.extend(
        Fault(location.place, f"{location.key} stands without SERIAL{number}; add that or take this out")
        for number, location in locations.items()
        if number not in serials
    )
    found: list[Entry] = []
    for number in sorted(serials):
        location = _location(locations.get(number), faults)
        with _noted(serials[number], faults):
            found.append(Entry(number, serials[number].text, location))
    return tuple(found)


def _numbered(given: Values, faults: list[Fault]) -> tuple[dict[int, Value], dict[int, Value]]:
    """The serial numbers and the locations, each by the number of its entry."""
    serials: dict[int, Value] = {}
    locations: dict[int, Value] = {}
    for value in given.values():
        if key := serial_key(value.key):
            with _noted(value, faults):
                (locations if key.is_location else serials)[_number(key.digits)] = value
    return serials, locations


def _number(digits: str) -> int:
    if len(digits) > 1 and digits.startswith("0"):
        raise EntryError(f"an entry's number has no zero before it; write {digits.lstrip('0') or '0'}")
    if len(digits) > 2 or int(digits) > MAX_BACKUPS:
        raise EntryError(f"a list has {MAX_BACKUPS} backups at most, SERIAL1 to SERIAL{MAX_BACKUPS}; take this out")
    return int(digits)


def _gaps(serials: Mapping[int, Value]) -> Iterator[Fault]:
    expected = INITIAL
    for number in sorted(serials):
        if number != expected:
            missing = f"SERIAL{expected}" if number == expected + 1 else f"SERIAL{expected} to SERIAL{number - 1}"
            text = f"{missing} missing before {serials[number].key}; number the licenses from 0 without a gap"
            yield Fault(serials[number].place, text)
        expected = number + 1


def _location(value: Value | None, faults: list[Fault]) -> Location:
    if value is not None:
        with _noted(value, faults):
            return Location.parse(value.text) if value.text else Location()
    return Location()


def _product(given: Values, faults: list[Fault]) -> str | None:
    value = given.get(fold(PRODUCT))
    if value is None:
        return None
    with _noted(value, faults):
        if not value.text.isprintable() or len(value.text) > LONGEST_PRODUCT:
            raise EntryError(f"a product has 1 to {LONGEST_PRODUCT} printable characters")
    return value.written or None


def _amount(given: Values, amount: Amount, faults: list[Fault]) -> float:
    value = given.get(fold(amount.key))
    if value is not None:
        with _noted(value, faults):
            return amount.parse(value.text) if value.text else amount.default
    return amount.default
