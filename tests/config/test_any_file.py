"""What holds for every file, however it was written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import assume, example, given
from hypothesis import strategies as st

from sparekey.config import edits, sections
from sparekey.config.document import Document
from sparekey.config.faults import ConfigError
from sparekey.config.lines import Header, Setting
from sparekey.core.entries import Entry, EntryError, Location

PIECES = ["[Runtime]", "[runtime]", "[Br\xfc", "[", "]", "SERIAL0", "serial1", "_LOCATION", "=", " = ", '"', "'", "*"]
PIECES += [" ", "\t", ";", "#", " ; note", "\n", "\r\n", "\r", "\0", "\ufeff", "5-1042", "server-a:6350", "\xe4", "11"]
pieces = st.lists(st.sampled_from(PIECES)).map("".join)
any_bytes = st.one_of(st.binary(max_size=200), pieces.map(str.encode), pieces.map(lambda text: text.encode("utf-16")))

blanks = st.sampled_from(["", " ", "\t", "  "])
ends = st.sampled_from(["\n", "\r\n"])
cases: st.SearchStrategy[Callable[[str], str]] = st.sampled_from([str.upper, str.lower, str.title, str.swapcase])
quotes = st.sampled_from(["", '"', "'"])
fillers = st.sampled_from(["", "; note", "  # note", "Colour = blue ; kept", "\tPATH=C:\\x"])
serials = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8).filter(lambda s: s != "*")
locations = st.none() | st.sampled_from([Location("server-b"), Location("fe80::1", 7000), Location(";a")])


@dataclass(frozen=True)
class Written:
    """A generated file and how many licenses [Runtime] lists in it."""

    data: bytes
    listed: int


@st.composite
def settings_of(draw: st.DrawFn, key: str, value: str) -> str:
    """A line that sets a key, in any style."""
    quote = draw(quotes)
    tail = draw(st.sampled_from(["", " ; note", "\t# note", "\t"]))
    return f"{draw(blanks)}{draw(cases)(key)}{draw(blanks)}={draw(blanks)}{quote}{value}{quote}{tail}"


@st.composite
def good_files(draw: st.DrawFn) -> Written:
    """Files with a good section [Runtime] in any style, between sections that are not ours."""
    count = draw(st.integers(1, 10))
    keys = [f"SERIAL{n}" for n in range(count)]
    keys += [f"SERIAL{n}_LOCATION" for n in range(count) if draw(st.booleans())]
    settings = [draw(settings_of(key, f"v{index}")) for index, key in enumerate(draw(st.permutations(keys)))]
    rows = ["[Other]", "SERIAL0 = 9", "junk", "[Runtime]"]
    for setting in settings:
        fill = draw(fillers)
        rows += [setting] if fill.strip() and fill in rows else [fill, setting]
    rows += draw(st.sampled_from([[], [""], ["[Last]", "SERIAL0=8"]]))
    text = "".join(row + draw(ends) for row in rows)
    last = text.rstrip("\r\n") if draw(st.booleans()) else text
    return Written((draw(st.sampled_from(["", "\ufeff"])) + last).encode(), count)


def parse(data: bytes) -> Document:
    return Document.parse(data, "License.ini")


def entries(document: Document) -> tuple[Entry, ...]:
    return sections.entries(document, "Runtime")


def numbers(document: Document) -> dict[int, int]:
    """The number of the entry that each line of [Runtime] belongs to, by the line's index."""
    settings = document.sections["runtime"].settings.values()
    return {
        index: int("".join(c for c in setting.key if c.isdigit()))
        for index, setting in settings
        if "serial" in setting.key.lower()
    }


def without_numbers(document: Document) -> list[str]:
    """The lines, each of an entry of [Runtime] as if it were one of entry 0."""
    listed = numbers(document)
    return [
        line.renumbered(0).raw if index in listed and isinstance(line, Setting) else line.raw
        for index, line in enumerate(document.lines)
    ]


def others(document: Document) -> list[str]:
    """What stands outside of [Runtime]."""
    found, outside = [], True
    for line in document.lines:
        outside = line.name.lower() != "runtime" if isinstance(line, Header) else outside
        found += [line.raw.rstrip("\r\n")] if outside else []
    return found


@given(any_bytes)
@example(b"\xef\xbb\xbf[Runtime]\r\n  serial0=\xff")
def test_r5_whatever_a_file_holds_it_is_given_back_byte_for_byte(data: bytes) -> None:
    assert bytes(parse(data)) == data


@given(any_bytes)
def test_whatever_a_file_holds_it_is_a_list_or_a_config_error(data: bytes) -> None:
    document = parse(data)
    for app in ("Runtime", *(section.name for section in document.sections.values())):
        try:
            found = sections.read(document, app)
        except ConfigError:
            continue
        assert found.initial.number == 0


@given(good_files(), serials, locations, st.data())
def test_r5_adding_changes_no_byte_but_the_numbers_that_move_up(
    written: Written, serial: str, location: Location | None, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, written.listed))
    before = parse(written.data)
    assume((serial, location or Location()) not in [(e.serial, e.location) for e in entries(before)])
    after = edits.add(before, "Runtime", serial, location, at)
    new = {index for index, number in numbers(after).items() if number == at}
    kept = [line.raw for index, line in enumerate(after.lines) if index not in new]
    moved = {index: number for index, number in numbers(before).items() if number >= at}
    expected = [
        line.renumbered(moved[index] + 1).raw if isinstance(line, Setting) and index in moved else line.raw
        for index, line in enumerate(before.lines)
    ]
    if not expected[-1].endswith("\n"):
        assert kept[-1].rstrip("\r\n") == expected[-1]
        kept, expected = kept[:-1], expected[:-1]
    assert kept == expected
    assert after.bom == before.bom


@given(good_files(), serials, locations, st.data())
def test_what_was_added_is_listed_there_and_removing_it_gives_the_same_list(
    written: Written, serial: str, location: Location | None, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, written.listed))
    before = parse(written.data)
    assume((serial, location or Location()) not in [(e.serial, e.location) for e in entries(before)])
    after = edits.add(before, "Runtime", serial, location, at)
    assert entries(parse(bytes(after)))[at] == Entry(at, serial, location or Location())
    assert entries(parse(bytes(edits.remove(after, "Runtime", at)))) == entries(before)


@given(good_files(), st.data())
def test_r5_removing_takes_the_lines_of_the_entry_and_changes_no_byte_but_the_numbers_that_move_down(
    written: Written, data: st.DataObject
) -> None:
    assume(written.listed > 1)
    at = data.draw(st.integers(0, written.listed - 1))
    before = parse(written.data)
    after = edits.remove(before, "Runtime", at)
    moved = numbers(before)
    expected = [
        line.renumbered(moved[index] - 1).raw if isinstance(line, Setting) and moved.get(index, -1) > at else line.raw
        for index, line in enumerate(before.lines)
        if moved.get(index) != at
    ]
    assert bytes(after).decode() == before.bom + "".join(expected)


@given(good_files(), st.data())
def test_what_was_removed_and_is_added_again_gives_the_same_list(written: Written, data: st.DataObject) -> None:
    assume(written.listed > 1)
    at = data.draw(st.integers(0, written.listed - 1))
    before = parse(written.data)
    gone = entries(before)[at]
    after = parse(bytes(edits.remove(before, "Runtime", at)))
    again = edits.add(after, "Runtime", gone.serial, gone.location, at)
    assert entries(parse(bytes(again))) == entries(before)


@given(good_files(), st.data())
def test_moving_changes_no_byte_but_numbers_and_back_gives_the_same_file(written: Written, data: st.DataObject) -> None:
    at, to = data.draw(st.integers(0, written.listed - 1)), data.draw(st.integers(0, written.listed - 1))
    before = parse(written.data)
    after = parse(bytes(edits.move(before, "Runtime", at, to)))
    order = [entry.serial for entry in entries(before)]
    order.insert(to, order.pop(at))
    assert [entry.serial for entry in entries(after)] == order
    assert without_numbers(after) == without_numbers(before)
    assert bytes(edits.move(after, "Runtime", to, at)) == written.data


@given(good_files(), serials, st.data())
def test_other_sections_stay_byte_for_byte_whatever_is_edited(
    written: Written, serial: str, data: st.DataObject
) -> None:
    before = parse(written.data)
    assume(serial not in [entry.serial for entry in entries(before)])
    edit = data.draw(st.sampled_from(["add", "remove", "move"]))
    assume(written.listed > 1 or edit == "add")
    after = {
        "add": lambda: edits.add(before, "Runtime", serial),
        "remove": lambda: edits.remove(before, "Runtime", 0),
        "move": lambda: edits.move(before, "Runtime", 0, written.listed - 1),
    }[edit]()
    assert others(after) == others(before)


@given(any_bytes, serials)
def test_an_edit_of_any_file_works_or_says_why_not(data: bytes, serial: str) -> None:
    before = parse(data)
    try:
        after = edits.add(before, "Runtime", serial)
    except (ConfigError, EntryError):
        return
    assert entries(parse(bytes(after)))[-1].serial == serial
