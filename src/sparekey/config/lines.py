"""The lines of License.ini: each keeps its text to the byte and says what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

_QUOTED = re.compile(r"""(["'])(.*?)\1(?=\s*$|\s+[;#])""")
_COMMENT = re.compile(r"(?:(?<=\s)|^)[;#]")
_HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*([;#].*)?$")
_SERIAL = re.compile(r"SERIAL([0-9]+)(_LOCATION)?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Header:
    """A line that opens a section."""

    raw: str
    name: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A key and its value; `raw` is the five parts in order."""

    indent: str
    key: str
    equals: str
    written: str
    tail: str

    @property
    def raw(self) -> str:
        return self.indent + self.key + self.equals + self.written + self.tail

    @property
    def quoted(self) -> bool:
        return _QUOTED.fullmatch(self.written) is not None

    @property
    def value(self) -> str:
        """The value as it is meant, without quotes round it."""
        return self.written[1:-1] if self.quoted else self.written

    @property
    def quote_is_open(self) -> bool:
        return self.written.startswith(('"', "'")) and not self.quoted

    def renumbered(self, number: int) -> Setting:
        """The same line of another entry: SERIAL1 becomes SERIAL2, serial1_location becomes serial2_location."""
        return replace(self, key=re.sub(r"[0-9]+", str(number), self.key, count=1))


@dataclass(frozen=True, slots=True)
class Blank:
    """An empty line or a comment."""

    raw: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that means nothing, and why; what follows a broken header belongs to no section that is known."""

    raw: str
    fault: str
    is_header: bool = False


Line = Header | Setting | Blank | Broken


class SerialKey(NamedTuple):
    """The digits in SERIALn or SERIALn_LOCATION, and which of the two it is."""

    digits: str
    is_location: bool


def serial_key(key: str) -> SerialKey | None:
    """Take SERIALn or SERIALn_LOCATION apart; None for any other key."""
    match = _SERIAL.fullmatch(key)
    return SerialKey(match[1], match[2] is not None) if match else None


def ending(raw: str) -> str:
    """The line end of a line, empty where it is the last one and has none."""
    return raw[len(raw.rstrip("\r\n")) :]


def with_end(line: Line, end: str) -> Line:
    """The same line, closed with a line end that it lacked."""
    return parse((line.raw + end).encode("utf-8", "surrogateescape"))


def quote(value: str) -> str:
    """Write a value without blanks so that it is read again as it is."""
    if not value.startswith(('"', "'", ";", "#")):
        return value
    return f"'{value}'" if value.startswith('"') else f'"{value}"'


def parse(data: bytes) -> Line:
    """Read one line with its line end; whatever it holds, `raw` gives the same bytes again."""
    raw = data.decode("utf-8", "surrogateescape")
    text = raw.rstrip("\r\n")
    bare = text.strip()
    if damage := _damage(text):
        return Broken(raw, damage, is_header=bare.startswith("["))
    if not bare or bare[0] in ";#":
        return Blank(raw)
    if bare.startswith("["):
        return _header(raw)
    if bare.startswith("="):
        return Broken(raw, "a value without key; write KEY = VALUE")
    if "=" not in bare:
        return Broken(raw, "neither a section nor KEY = VALUE; begin a comment with ';'")
    return _setting(text, ending(raw))


def _damage(text: str) -> str | None:
    if "\0" in text:
        return "there is a NUL in this line; take it out"
    byte = next((ord(c) - 0xDC00 for c in text if "\udc80" <= c <= "\udcff"), None)
    return f"byte 0x{byte:02X} is not UTF-8; save the file as UTF-8" if byte is not None else None


def _header(raw: str) -> Header | Broken:
    match = _HEADER.fullmatch(raw.rstrip("\r\n"))
    name = match[1].strip() if match else ""
    return Header(raw, name) if name else Broken(raw, "no name of a section; write [NAME]", is_header=True)


def _setting(text: str, end: str) -> Setting:
    before, _, after = text.partition("=")
    key = before.strip()
    indent = before[: len(before) - len(before.lstrip())]
    gap = before[len(indent) + len(key) :]
    body = after.lstrip()
    lead = after[: len(after) - len(body)]
    written = _written(body, bool(lead))
    return Setting(indent, key, f"{gap}={lead}", written, body[len(written) :] + end)


def _written(body: str, after_blank: bool) -> str:
    """The value at the start of `body`, with its quotes, without what follows it."""
    if quoted := _QUOTED.match(body):
        return quoted[0]
    comment = _COMMENT.search(body, 0 if after_blank else 1)
    return (body[: comment.start()] if comment else body).rstrip()
