"""Edits of a list (R2): each gives a new document and leaves every line as it is that it need not change (R5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sparekey.config import lines, sections
from sparekey.config.document import Document, Section
from sparekey.config.lines import Blank, Header, Line, Setting
from sparekey.core.entries import INITIAL, MAX_BACKUPS, Entry, EntryError, LicenseList, Location


def add(document: Document, app: str, serial: str, location: Location | None = None, at: int | None = None) -> Document:
    """List a license as entry `at`, by default as the last backup; later entries move up by one.

    A section that is missing is made. Raise EntryError where the list may not be so (an 11th backup, a gap, the same
    entry twice), and ConfigError where it has faults already.
    """
    listed = sections.entries(document, app)
    number = len(listed) if at is None else at
    if len(listed) > MAX_BACKUPS:
        raise EntryError(f"[{app}] has {MAX_BACKUPS} backups, and there are no more; remove one first")
    if number > len(listed):
        raise EntryError(f"entry {number} would leave a gap in [{app}]; the next number is {len(listed)}")
    _check_new(app, listed, serial, location or Location())
    _check([*listed[:number], Entry(INITIAL + 1, serial, location or Location()), *listed[number:]])
    document = _with_section(document, app)
    document = _renumbered(document, app, {n: n + 1 for n in range(number, len(listed))})
    return _inserted(document, app, number, serial, location)


def remove(document: Document, app: str, at: int) -> Document:
    """Take entry `at` out of the list; later entries move down by one.

    Raise EntryError where there is no such entry, or what remains makes no list, and ConfigError as `add` does.
    """
    listed = sections.listed(document, app)
    _check_listed(app, listed, at)
    if len(listed) == 1:
        raise EntryError(f"{listed[0].serial} is the only license of [{app}]; add another one first")
    _check([*listed[:at], *listed[at + 1 :]])
    gone = {index for index, _ in _pair(document, app, at)}
    kept = [line for index, line in enumerate(document.lines) if index not in gone]
    return _renumbered(document.edited(kept), app, {n: n - 1 for n in range(at + 1, len(listed))})


def move(document: Document, app: str, at: int, to: int) -> Document:
    """Make entry `at` entry `to`; those between move by one. No line changes its place, only the numbers do.

    Raise as `remove` does.
    """
    listed = sections.listed(document, app)
    _check_listed(app, listed, at)
    _check_listed(app, listed, to)
    order = list(range(len(listed)))
    order.insert(to, order.pop(at))
    _check([listed[number] for number in order])
    return _renumbered(document, app, {old: new for new, old in enumerate(order)})


def _check_listed(app: str, listed: Sequence[Entry], number: int) -> None:
    if not 0 <= number < len(listed):
        there = ", ".join(f"{entry.number} ({entry.serial} at {entry.location})" for entry in listed)
        raise EntryError(
            f"[{app}] has no entry {number}; there {'is' if len(listed) == 1 else 'are'} {there or 'none'}"
        )


def _check_new(app: str, listed: Sequence[Entry], serial: str, location: Location) -> None:
    for entry in listed:
        if (entry.serial, entry.location) == (serial, location):
            hint = "" if entry.number == 0 else "; `sparekey config move` changes its place"
            raise EntryError(f"[{app}] has {serial} at {location} already, as entry {entry.number}{hint}")


def _check(listed: Sequence[Entry]) -> None:
    """Raise EntryError where these, numbered as they come, make no list."""
    LicenseList(tuple(replace(entry, number=number) for number, entry in enumerate(listed)))


def _section(document: Document, app: str) -> Section:
    section = document.section(app)
    if section is None:
        raise EntryError(f"there is no section [{app}]")
    return section


def _pair(document: Document, app: str, number: int) -> list[tuple[int, Setting]]:
    """The lines of an entry with their indexes: one or two, in the order of the file."""
    settings = _section(document, app).settings.values()
    return sorted(
        ((index, setting) for index, setting in settings if _number(setting) == number), key=lambda found: found[0]
    )


def _number(setting: Setting) -> int | None:
    key = lines.serial_key(setting.key)
    return int(key.digits) if key else None


def _renumbered(document: Document, app: str, numbers: Mapping[int, int]) -> Document:
    rows = list(document.lines)
    for index, setting in _section(document, app).settings.values():
        old = _number(setting)
        if old is not None and numbers.get(old, old) != old:
            rows[index] = setting.renumbered(numbers[old])
    return document.edited(rows)


def _with_section(document: Document, app: str) -> Document:
    """The document with this section, made at its end where it is missing, a blank line before it."""
    if document.section(app) is not None:
        return document
    header = Header(f"[{app}]", app)
    if not app.isprintable() or lines.parse(header.raw.encode()) != header:
        raise EntryError(f"'{app}' cannot name a section; take printable characters without [ and ]")
    end = _end_before(document.lines, len(document.lines))
    rows = _ended(document.lines, len(document.lines), end)
    if rows and rows[-1].raw.strip():
        rows.append(Blank(end))
    return document.edited([*rows, lines.with_end(header, end)])


def _inserted(document: Document, app: str, number: int, serial: str, location: Location | None) -> Document:
    """The document with the lines of a new entry, written like those near it."""
    index = _index_for(document, app, number)
    end = _end_before(document.lines, index)
    rows = _ended(document.lines, index, end)
    like = _like(document, app, number)
    rows.insert(index, _styled(f"SERIAL{number}", serial, like, end))
    if location is not None:
        rows.insert(index + 1, _styled(f"SERIAL{number}_LOCATION", str(location), like, end))
    return document.edited(rows)


def _index_for(document: Document, app: str, number: int) -> int:
    """Where a new entry stands: below the one before it, so that a comment above the next one stays with that."""
    if number > INITIAL:
        return _pair(document, app, number - 1)[-1][0] + 1
    if following := _pair(document, app, number + 1):
        return following[0][0]
    section = _section(document, app)
    return max((index for index, _ in section.settings.values()), default=section.header) + 1


def _like(document: Document, app: str, number: int) -> list[Setting]:
    """Settings whose style a new entry takes, the nearest first."""
    near = [*_pair(document, app, number - 1), *_pair(document, app, number + 1)]
    found = near or _section(document, app).settings.values()
    return [setting for _, setting in found] or [line for line in document.lines if isinstance(line, Setting)]


def _styled(key: str, value: str, like: Sequence[Setting], end: str) -> Setting:
    """A new line with the indentation, case and spacing of its model; columns that are aligned stay so."""
    same = [setting for setting in like if _kind(setting.key) == _kind(key)]
    model = next(iter([*same, *like]), Setting("", key, " = ", "", end))
    blank = " " if model.equals != "=" else ""
    equals = model.equals if same else f"{blank}={blank}"
    return Setting(model.indent, key.lower() if model.key.islower() else key, equals, lines.quote(value), end)


def _kind(key: str) -> bool | None:
    found = lines.serial_key(key)
    return found.is_location if found else None


def _end_before(rows: Sequence[Line], index: int) -> str:
    """The line end in use above a place."""
    return next((end for row in reversed(rows[:index]) if (end := lines.ending(row.raw))), "\n")


def _ended(rows: Sequence[Line], index: int, end: str) -> list[Line]:
    """The lines as a list, where the one before `index` has a line end."""
    found = list(rows)
    if index and not lines.ending(found[index - 1].raw):
        found[index - 1] = lines.with_end(found[index - 1], end)
    return found
