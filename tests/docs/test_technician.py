"""Who is woken by an alarm finds it on docs/technician.md: what has happened, whether to hurry, what to type."""

from __future__ import annotations

import re

import pytest

from docs.pages import FOLDER
from sparekey.core.matrices import Matrix
from sparekey.core.variables import SERVER_OWNER
from sparekey.notify.matrix_file import read
from sparekey.notify.places import SHIPPED

PAGE = FOLDER / "technician.md"
MATRICES = read(SHIPPED).matrices
ASKED = ("What has happened.", "Is the plant in danger?", "When it goes.", "If it does not.")
"""What a section answers, in this order; the numbered steps stand before the third."""

every_alarm = pytest.mark.parametrize("matrix", MATRICES, ids=lambda matrix: matrix.name)


@every_alarm
def test_every_alarm_has_a_section_with_its_texts(matrix: Matrix) -> None:
    quoted = re.findall(r"^> `(.*)`$", _section(matrix), re.MULTILINE)
    texts = [_shape(matrix, state.text.text) for state in matrix.states if state.text]
    assert sorted(quoted) == sorted(set(texts))


@every_alarm
def test_every_section_says_whether_to_hurry_and_what_to_do_step_by_step(matrix: Matrix) -> None:
    section = _section(matrix)
    places = [section.index(f"**{words}**") for words in ASKED]
    assert places == sorted(places)
    steps = re.findall(r"^(\d+)\. ", section[places[1] : places[2]], re.MULTILINE)
    assert steps == [str(number) for number in range(1, len(steps) + 1)]
    assert len(steps) >= 2
    assert "`sparekey " in section[places[1] : places[2]], "no command is named"
    assert re.search(r"\b[Cc]all\b|\bback\b", section[places[3] :]), "nobody is named to call"


def test_there_are_sections_for_no_other_alarm() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("## What each alarm means")[2].partition("\n## ")[0]
    assert re.findall(r"^### ([\w-]+): ", text, re.MULTILINE) == [matrix.name for matrix in _in_order(text)]


def _in_order(text: str) -> list[Matrix]:
    return sorted(MATRICES, key=lambda matrix: text.index(f"### {matrix.name}: "))


def _section(matrix: Matrix) -> str:
    found = re.search(rf"^### {matrix.name}: .*?(?=^##)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found, f"{PAGE.name} has no section for the alarm {matrix.name}"
    return found[0]


def _shape(matrix: Matrix, text: str) -> str:
    """The text as the page shows it: `...` for what varies, `server NAME` for a license server."""
    of_server = matrix.variables[0].text.startswith(SERVER_OWNER.format(name="*"))
    return re.sub(r"\{\w+\}", "...", text.replace("{app}", SERVER_OWNER.format(name="NAME")) if of_server else text)
