"""The state folder of a container: where in it what is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StateFolder:
    """Where in the state folder what is."""

    path: Path

    @property
    def key(self) -> Path:
        return self.path / "container.key"

    @property
    def facts(self) -> Path:
        return self.path / "container.json"

    @property
    def licenses(self) -> Path:
        return self.path / "licenses"

    def license_files(self) -> list[Path]:
        """The files in `licenses`; their ending may be in any case, as other systems write it."""
        return sorted(self.licenses.glob("*.[lL][iI][cC]"))

    @property
    def vendors(self) -> Path:
        """The vendor keys that were pinned at an install, one a file."""
        return self.path / "vendors"

    @property
    def ledger(self) -> Path:
        return self.path / "ledger.db"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def draining(self) -> Path:
        """There while the server is to be emptied."""
        return self.path / "draining"

    @property
    def listening(self) -> Path:
        """Where the running server listens."""
        return self.path / "listening.json"
