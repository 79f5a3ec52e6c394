"""Lines and sections of License.ini: what is read, what is a fault, and that nothing is lost."""

from __future__ import annotations

import pytest

from sparekey.config.document import LARGEST, Document


def values(text: str, section: str = "Runtime") -> dict[str, str]:
    found = Document.parse(text.encode(), "License.ini").section(section)
    assert found is not None
    return {setting.key: setting.value for _, setting in found.settings.values()}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("SERIAL0=5-1042", "5-1042"),
        ("  SERIAL0  =  5-1042  ", "5-1042"),
        ("\tSERIAL0\t=\t5-1042\t", "5-1042"),
        ("SERIAL0 = 5-1042 ; comment", "5-1042"),
        ("SERIAL0 = 5-1042\t# comment", "5-1042"),
        ("SERIAL0 = 5;1042#1", "5;1042#1"),
        ("SERIAL0 = 5=1042", "5=1042"),
        ('SERIAL0 = "5-1042"', "5-1042"),
        ("SERIAL0 = '5-1042'   ; comment", "5-1042"),
        ('SERIAL0 = "5 ; 1042" # comment', "5 ; 1042"),
        ('SERIAL0 = "it\'s"', "it's"),
        ('SERIAL0 = ""', ""),
        ("SERIAL0 =", ""),
        ("SERIAL0 = ; comment", ""),
        ("SERIAL0 =;5", ";5"),
        ('SERIAL0 = "half', '"half'),
    ],
)
def test_a_value_is_read_without_blanks_quotes_and_comment(line: str, value: str) -> None:
    assert values(f"[Runtime]\n{line}\n") == {"SERIAL0": value}


@pytest.mark.parametrize(
    "header", ["[Runtime]", "  [runtime]", "[ RUNTIME ]", "[Runtime] ; comment", "\ufeff[Runtime]"]
)
def test_a_section_is_found_in_any_case_and_indentation(header: str) -> None:
    assert values(f"{header}\nA = 1") == {"A": "1"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_will_do_and_the_last_line_needs_none(end: str) -> None:
    assert values(end.join(["; top", "[Runtime]", "", "  # note", "A = 1", "B = 2"])) == {"A": "1", "B": "2"}


@pytest.mark.parametrize(
    ("data", "line", "said"),
    [
        (b"[Runtime]\nA = \xe4\n", 2, "byte 0xE4 is not UTF-8"),
        (b"[Runtime]\n; \xe4\n", 2, "byte 0xE4 is not UTF-8"),
        (b"[Runtime]\nA = 1\0\n", 2, "NUL"),
        (b"[Runtime]\nA = 1\n\na = 2\n", 4, "a stands in line 2 already"),
        (b"[Runtime]\nA = 1\n[RUNTIME]\nB = 2\n", 3, "section [RUNTIME] began in line 1"),
        (b"[Runtime]\nA = 1\n[RUNTIME]\nA = 2\n", 4, "A stands in line 2 already"),
        (b"[Runtime]\n = 5-1042\n", 2, "a value without key"),
        (b"[Runtime]\nSERIAL0\n", 2, "neither a section nor KEY = VALUE"),
        ("[Runtime]\n".encode("utf-16"), 1, "UTF-16"),
        ("[Runtime]\n".encode("utf-16-le"), 1, "UTF-16"),
        ("[Runtime]\n".encode("utf-16-be"), 1, "UTF-16"),
        (b"A = 1\n[Runtime]\n", 1, "A stands before the first section"),
        (b"A\n[Runtime]\n", 1, "neither a section nor KEY = VALUE"),
        (b"[Runtime]\n" + b";" * LARGEST, 1, "larger than 64 KB"),
    ],
)
def test_a_fault_is_told_with_its_line(data: bytes, line: int, said: str) -> None:
    faults = Document.parse(data, "License.ini").faults_for("Runtime")
    assert any(fault.place.line == line and said in fault.text for fault in faults), faults


@pytest.mark.parametrize("header", ["[Runtime", "[]", "[ ]", "[Run]time]", "[Runtime] more", "[Runt\0ime]"])
def test_a_broken_header_hides_what_is_below_it_and_says_so_when_that_is_asked_for(header: str) -> None:
    document = Document.parse(f"[Other]\nA = 1\n{header}\nA = 2\n".encode(), "License.ini")
    assert [fault.place.line for fault in document.faults_for("Runtime")] == [3]
    assert document.faults_for("Other") == ()


@pytest.mark.parametrize("fault", ["A = 1\nA = 2", "junk", "= 1", "\0", "[Other]"])
def test_a_fault_in_another_section_does_not_stop_this_one(fault: str) -> None:
    document = Document.parse(f"[Other]\n{fault}\n[Runtime]\nA = 1\n".encode(), "License.ini")
    assert document.faults_for("Other") != ()
    assert document.faults_for("Runtime") == ()


def test_a_file_of_64_kb_is_not_too_large() -> None:
    data = b"[Runtime]\n".ljust(LARGEST, b";")
    assert Document.parse(data, "License.ini").faults == ()
