"""The pages of the documentation, and the blocks of code in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(FOLDER.glob("*.md")))

_FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the file that it is (or ""), and where it stands."""

    language: str
    name: str
    text: str
    where: str


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(found[1], found[2] or "", found[3], f"{page.name}:{text.count(chr(10), 0, found.start()) + 1}")
        for found in _FENCE.finditer(text)
    ]


def title(page: Path) -> str:
    """The page's name in the list of tests."""
    return page.stem


def table(page: Path, column: str) -> list[list[str]]:
    """The rows of the tables that have this column."""
    rows: list[list[str]] = []
    inside = False
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and column in cells:
            inside = True
        elif inside and line.startswith("|"):
            rows += [] if set(line) <= set("|- ") else [cells]
        else:
            inside = False
    assert rows, f"{page.name} has no table with the column {column}"
    return rows
