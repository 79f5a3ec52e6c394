"""TOML as people write it. What only somebody who means harm writes is refused before it takes all memory (T6)."""

from __future__ import annotations

import re
import tomllib
from typing import Final

_DEEP_KEY: Final = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){32}""", re.ASCII)


class TomlError(ValueError):
    """A text that is no such TOML. `line` is 0 where the fault is in none in particular."""

    def __init__(self, what: str, line: int = 0, column: int = 0) -> None:
        super().__init__(what, line, column)
        self.what, self.line, self.column = what, line, column

    def __str__(self) -> str:
        if self.column:
            return f"{self.what} (at line {self.line}, column {self.column})"
        return f"line {self.line}: {self.what}" if self.line else self.what


def parse(text: str) -> dict[str, object]:
    """The document; raise TomlError."""
    _check_depth(text)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise TomlError("it is nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        raise _located(str(error)) from None
    except ValueError:  # more digits than Python makes a number of
        raise TomlError("a number has too many digits") from None


def _check_depth(text: str) -> None:
    """tomllib takes time and memory that grow with the square of a key's parts."""
    if found := _DEEP_KEY.search(text):
        raise TomlError("a key has a few parts at most", text.count("\n", 0, found.start()) + 1)


def _located(message: str) -> TomlError:
    """tomllib writes "WHAT (at line 3, column 7)", or "(at end of document)"."""
    what, _, at = message.partition(" (at line ")
    line, _, column = at.rstrip(")").partition(", column ")
    return TomlError(what, int(line), int(column)) if column.isdigit() else TomlError(message)
