"""What holds for every file, however it was written."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import example, given
from hypothesis import strategies as st

from sparekey.config import edits, sections
from sparekey.config.document import Document
from sparekey.config.faults import ConfigError
from sparekey.config.lines import Setting
from sparekey.core.entries import Entry, EntryError, Location

PIECES = ["[Runtime]", "[runtime]", "[Br\xfc", "[", "]", "SERIAL0", "serial1", "_LOCATION", "=", " = ", '"', "'", "*"]
PIECES += [" ", "\t", ";", "#", " ; note", "\n", "\r\n", "\r", "\0", "\ufeff", "5-1042", "server-a:6350", "\xe4", "11"]
pieces = st.lists(st.sampled_from(PIECES)).map("".join)
any_bytes = st.one_of(st.binary(max_size=200), pieces.map(str.encode), pieces.map(lambda text: text.encode("utf-16")))

blanks = st.sampled_from(["", " ", "\t", "  "])
ends = st.sampled_from(["\n", "\r\n"])
fillers = st.sampled_from(["", "; note", "  # note", "Colour = blue ; kept", "\tPATH=C:\\x"])
serials = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8).filter(lambda s: s != "*")
locations = st.none() | st.sampled_from([Location("server-b"), Location("fe80::1", 7000), Location(";a")])


@dataclass(frozen=True)
class Written:
    """A generated file and how many licenses [Runtime] lists in it."""

    data: bytes
    listed: int


@st.composite
def good_files(draw: st.DrawFn) -> Written:
    """Files with a good section [Runtime] in any style, between sections that are not ours."""
    count = draw(st.integers(1, 10))
    keys = [f"SERIAL{n}" for n in range(count)]
    keys += [f"SERIAL{n}_LOCATION" for n in range(count) if draw(st.booleans())]
    settings = [
        draw(blanks) + draw(st.sampled_from([key, key.lower()])) + draw(blanks) + "=" + draw(blanks) + f"v{index}"
        + draw(st.sampled_from(["", " ; note", "\t"]))
        for index, key in enumerate(draw(st.permutations(keys)))
    ]  # fmt: skip
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
    after = edits.add(before, "Runtime", serial, location, at)
    assert entries(parse(bytes(after)))[at] == Entry(at, serial, location or Location())
    assert entries(edits.remove(after, "Runtime", at)) == entries(before)


@given(good_files(), st.data())
def test_moving_there_and_back_gives_the_same_file(written: Written, data: st.DataObject) -> None:
    at, to = data.draw(st.integers(0, written.listed - 1)), data.draw(st.integers(0, written.listed - 1))
    before = parse(written.data)
    after = edits.move(before, "Runtime", at, to)
    assert entries(after)[to].serial == entries(before)[at].serial
    assert bytes(edits.move(after, "Runtime", to, at)) == written.data


@given(any_bytes, serials)
def test_an_edit_of_any_file_works_or_says_why_not(data: bytes, serial: str) -> None:
    before = parse(data)
    try:
        after = edits.add(before, "Runtime", serial)
    except (ConfigError, EntryError):
        return
    assert entries(parse(bytes(after)))[-1].serial == serial
