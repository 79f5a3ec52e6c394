"""Where in a TOML file something stands, for messages: tomllib does not tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

Position: TypeAlias = tuple[str | int, ...]
"""The way to a value, e.g. ("matrix", 0, "state", 1, "when")."""

_KEY = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_KEYS = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_KEYS})\s*\]")
_ASSIGNMENT = re.compile(rf"\s*({_KEYS})\s*=")
_LONG_STRING = re.compile("\"\"\"|'''")


def lines_of(text: str) -> dict[Position, int]:
    """The line, from 1, of each table and key; what stands within an inline table is at its table's line."""
    lines: dict[Position, int] = {}
    arrays: dict[Position, int] = {}
    table: Position = ()
    for number, line in _outside_strings(text):
        if header := _HEADER.match(line):
            *above, last = _parts(header[2])
            table = (*_resolved(above, arrays), last)
            if header[1] == "[[":
                lines.setdefault(table, number)
                arrays[table] = arrays.get(table, -1) + 1
                table = (*table, arrays[table])
            lines.setdefault(table, number)
        elif assignment := _ASSIGNMENT.match(line):
            lines.setdefault((*table, *_parts(assignment[1])), number)
    return lines


def line_of(lines: dict[Position, int], position: Position) -> int:
    """The line of a position, else of the nearest table round it; 0 where there is none."""
    around = (position[:length] for length in range(len(position), 0, -1))
    return next((lines[each] for each in around if each in lines), 0)


def _outside_strings(text: str) -> Iterator[tuple[int, str]]:
    """The lines that do not begin within a string of several lines."""
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not inside:
            yield number, line
        for quotes in _LONG_STRING.findall(line):
            inside = "" if inside == quotes else inside or quotes


def _parts(keys: str) -> list[str]:
    return [key.strip("\"'") for key in re.findall(_KEY, keys)]


def _resolved(keys: list[str], arrays: dict[Position, int]) -> Position:
    """The keys with the index of the last table, where one names an array of tables."""
    position: Position = ()
    for key in keys:
        position = (*position, key)
        if position in arrays:
            position = (*position, arrays[position])
    return position
