"""A mutant: the source with one line of it spoiled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORE = "src/sparekey/core/"
LEDGER = "src/sparekey/server/ledger.py"
SIMULATION = "tests/simulation/"


class MismatchError(ValueError):
    """The fragment is not to be found in its file exactly once: the table is older than the source."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """`fragment` stands in `file` exactly once and becomes `replacement`, which breaks `rule`."""

    name: str
    rule: str
    file: str
    fragment: str
    replacement: str

    def spoil(self, root: Path) -> str:
        """The text of the spoiled file; raise MismatchError where the fragment is not there exactly once."""
        source = (root / self.file).read_text(encoding="utf-8")
        if (times := source.count(self.fragment)) != 1:
            raise MismatchError(f"{self.name}: {self.file} has {times} times: {self.fragment}")
        return source.replace(self.fragment, self.replacement)
