"""What is found wrong in reactions.toml, each with its line and its cure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from sparekey.config.faults import Fault, FaultyFile, Place
from sparekey.core.entries import EntryError
from sparekey.core.matrices import MatrixError
from sparekey.core.suggestions import suggestion
from sparekey.core.templates import TemplateError
from sparekey.notify.positions import Position, line_of, lines_of

T = TypeVar("T")
_WORDS = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "array": "list",
    "object": "table",
}
"""What msgspec calls a type, and what people do."""


class ReactionsError(FaultyFile):
    """A reactions.toml that cannot be used."""


class Findings:
    """Collects the faults of a file, and notes of what is odd in it but can be done."""

    def __init__(self, source: str, text: str) -> None:
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []
        self._source = source
        self._lines = lines_of(text)

    def fault(self, where: Position, text: str) -> None:
        self.faults.append(self._at(where, text))

    def note(self, where: Position, text: str) -> None:
        self.notes.append(self._at(where, text))

    def attempt(self, where: Position, make: Callable[[], T]) -> T | None:
        """What `make` makes; None, and a fault, where the core says that it cannot be."""
        try:
            return make()
        except (MatrixError, TemplateError, EntryError) as error:
            self.fault(where, str(error))
            return None

    def shaped(self, where: Position, table: object, shape: type[T]) -> T | None:
        """A table in its shape, None where it has not got it; a key that is unknown is a fault, and is left out."""
        if not isinstance(table, Mapping):
            self.fault(where, "this is a table, in brackets")
            return None
        known = {field.encode_name: field for field in msgspec.structs.fields(shape)}  # type: ignore[arg-type]
        for key in [key for key in table if key not in known]:
            self.fault((*where, key), f"unknown key '{key[:40]}': {suggestion(key, known)}")
        missing = [key for key, field in known.items() if field.required and key not in table]
        for key in missing:
            self.fault(where, f"{key} must be given")
        try:
            return None if missing else msgspec.convert(table, shape)
        except msgspec.ValidationError as error:
            what, _, at = str(error).partition(" - at `$.")
            key = at.rstrip("`").partition("[")[0]
            self.fault((*where, key), f"{key}: {_in_words(what)}")
            return None

    def _at(self, where: Position, text: str) -> Fault:
        return Fault(Place(self._source, line_of(self._lines, where)), text)


def _in_words(mismatch: str) -> str:
    """msgspec writes "Expected `object | null`, got `int`"."""
    plain = mismatch.replace("`", "").replace(" | null", "").replace(" | ", " or ").lower()
    return re.sub(r"\w+", lambda word: _WORDS.get(word[0], word[0]), plain)
