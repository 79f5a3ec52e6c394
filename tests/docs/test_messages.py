"""Whoever sees a message finds it on docs/messages.md: each error and each line of a log, and each kind of refusal."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.pages import FOLDER, ROOT, table
from sparekey.core.problems import Problem
from sparekey.server.replies import STATUS

PAGE = FOLDER / "messages.md"
SOURCE = ROOT / "src" / "sparekey"
SAYS = re.compile(
    r"((?<!Usage)Error|Failure|Unlicensed|Refused|Fault|ServerSilent|Damaged|NotToBeSeen)$|^(error|warning|alarm|fault|note|_failed|_fault|_unsigned)$"
)
"""What is called to say something: an exception, a fault, a line of a log. In config/ a fault's text is returned.
Wrong usage is not among it: it explains itself."""
NOT_FOR_PEOPLE = {"api.py", "hot.py", "openapi.py", "demo.py", "vendor.py"}
"""Modules whose messages are for programs, for the vendor, or part of a show."""
LEAST = 6
"""Letters that a row must have in common with a message."""


@pytest.mark.parametrize("room", ["server", "config", "client", "cli", "drill", "notify"])
def test_every_message_has_a_row(room: str) -> None:
    rows = [_pattern(words) for words in _quoted()]
    missing = [
        f"{module.name}:{line}: {message}"
        for module in sorted((SOURCE / room).rglob("*.py"))
        if module.name not in NOT_FOR_PEOPLE
        for line, message in _messages(module)
        if not any(row.search(message) for row in rows)
    ]
    assert not missing, f"{PAGE.name} has no row for\n" + "\n".join(missing)


def test_every_row_is_a_message() -> None:
    said = [message for module in SOURCE.rglob("*.py") for message in _strings(module)]
    gone = [words for words in _quoted() if not any(_pattern(words).search(message) for message in said)]
    assert set(gone) <= {"Permission denied"}, f"{PAGE.name} has rows for what nobody says: {gone}"


def test_every_kind_of_refusal_has_a_row_with_its_status() -> None:
    rows = {row[0].strip("`"): int(row[1]) for row in table(PAGE, "status")}
    assert rows == {str(kind): int(STATUS[kind]) for kind in Problem}


def _quoted() -> list[str]:
    """The messages of the page's tables, each with `...` for what varies."""
    return [words for row in table(PAGE, "message") for words in re.findall(r"`([^`]+)`", row[0])]


def _pattern(words: str) -> re.Pattern[str]:
    assert sum(map(str.isalpha, words)) >= LEAST, f"{words!r} says too little to be found"
    return re.compile(".*".join(re.escape(part) for part in words.split("...")))


def _messages(module: Path) -> Iterator[tuple[int, str]]:
    """What a module says, and in which line."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if SAYS.search(name):
                said = node.args
            case ast.Return(value=ast.expr() as value) if module.parent.name == "config":
                said = [value]
            case _:
                continue
        yield from ((node.lineno, text) for text in map(_text, said) if sum(map(str.isalpha, text)) >= LEAST)


def _strings(module: Path) -> Iterator[str]:
    return (text for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if (text := _text(node)))


def _text(node: ast.AST) -> str:
    """The text of a string, `...` where something is put in; empty for all else."""
    match node:
        case ast.Constant(value=str(text)):
            return re.sub(r"%(?:\.\d+)?[sdf]", "...", text)
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) if isinstance(part, ast.Constant) else "..." for part in parts)
        case _:
            return ""
