"""License.ini as lines in sections; what is not edited stays as it is, byte for byte (R5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sparekey.config import lines
from sparekey.config.faults import Fault, Place
from sparekey.config.lines import Blank, Broken, Header, Line, Setting

LARGEST = 64 * 1024
"""Most bytes that License.ini may have."""
_BOM = "\ufeff"


@dataclass(slots=True)
class Section:
    """The settings under one header by folded key, each with its index among the lines, and what is wrong there."""

    name: str
    header: int
    settings: dict[str, tuple[int, Setting]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Document:
    """The content of one License.ini, read from `source`.

    `sections` is by folded name; `faults` concern the whole file, `stray` ones stand under a header that is broken.
    """

    source: str
    bom: str = ""
    lines: tuple[Line, ...] = ()
    sections: dict[str, Section] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    stray: tuple[Fault, ...] = ()

    @classmethod
    def parse(cls, data: bytes, source: str) -> Document:
        """Read what a file holds; faults are kept with the section that they are in, none is raised."""
        if whole := _fault_of_all(data):
            raw = data.decode("utf-8", "surrogateescape")
            return cls(source, lines=(Blank(raw),), faults=(Fault(Place(source, 1), whole),))
        bom = _BOM if data.startswith(_BOM.encode()) else ""
        rows = data[len(bom.encode()) :].splitlines(keepends=True)
        return cls.of(source, bom, (lines.parse(row) for row in rows))

    @classmethod
    def of(cls, source: str, bom: str, rows: Iterable[Line]) -> Document:
        """Put lines into their sections."""
        rows = tuple(rows)
        sorter = _Sorter(source)
        for index, line in enumerate(rows):
            sorter.put(index, line)
        return cls(source, bom, rows, sorter.sections, tuple(sorter.before.faults), tuple(sorter.lost.faults))

    def edited(self, rows: Iterable[Line]) -> Document:
        """The same file with other lines."""
        return Document.of(self.source, self.bom, rows)

    def section(self, name: str) -> Section | None:
        return self.sections.get(fold(name))

    def faults_for(self, name: str) -> tuple[Fault, ...]:
        """What stands in the way of this section; one that is missing may be behind a header that cannot be read."""
        section = self.section(name)
        return (*self.faults, *(section.faults if section else self.stray))

    def place(self, index: int) -> Place:
        """Where the line with this index stands."""
        return Place(self.source, index + 1)

    def __bytes__(self) -> bytes:
        text = self.bom + "".join(line.raw for line in self.lines)
        return text.encode("utf-8", "surrogateescape")


def fold(name: str) -> str:
    """The form in which names of sections and keys are compared: their case does not matter."""
    return name.casefold()


def _fault_of_all(data: bytes) -> str | None:
    if len(data) > LARGEST:
        return f"the file is larger than {LARGEST // 1024} KB; take out what does not belong to it"
    zeros = tuple(byte == 0 for byte in data[:4])
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or zeros in ((True, False, True, False), (False, True, False, True)):
        return "the file is UTF-16; save it as UTF-8"
    return None


class _Sorter:
    """Puts one line after the other into its section."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.before = Section("", -1)
        self.lost = Section("", -1)
        self.sections: dict[str, Section] = {}
        self._open = self.before

    def put(self, index: int, line: Line) -> None:
        match line:
            case Header():
                self._enter(index, line)
            case Setting():
                self._add(index, line)
            case Broken():
                if line.is_header:
                    self._open = self.lost
                self._fault(index, line.fault)

    def _enter(self, index: int, header: Header) -> None:
        self._open = self.sections.setdefault(fold(header.name), Section(header.name, index))
        if self._open.header != index:
            self._fault(index, f"section [{header.name}] began in line {self._open.header + 1}; make one of the two")

    def _add(self, index: int, setting: Setting) -> None:
        if self._open is self.before:
            self._fault(index, f"{setting.key} stands before the first section; write [NAME] above it")
            return
        first, _ = self._open.settings.setdefault(fold(setting.key), (index, setting))
        if first != index and self._open is not self.lost:
            self._fault(index, f"{setting.key} stands in line {first + 1} already; take one of the two out")

    def _fault(self, index: int, text: str) -> None:
        self._open.faults.append(Fault(Place(self.source, index + 1), text))
