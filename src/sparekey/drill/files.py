"""Reports of drills in a folder: as text, for programs, and as a page."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from sparekey import host
from sparekey.drill.page import page
from sparekey.drill.report import DrillReport


@dataclass(frozen=True, slots=True)
class ReportFolder:
    """A folder that can be written: so it is known before anything is switched."""

    folder: Path

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Make it where it is missing; raise OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "no file can be made there; name another folder with --report", str(folder))
        return cls(folder)

    def write(self, report: DrillReport) -> Iterator[Path]:
        """Write the files, each whole, and name them; raise OSError."""
        began = datetime.fromtimestamp(report.began, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        contents = {
            "txt": report.whole_text,
            "json": json.dumps(report.facts, indent=2, ensure_ascii=False) + "\n",
            "html": page(report),
        }
        for kind, content in contents.items():
            file = self.folder / f"drill-{began}.{kind}"
            host.write_atomically(file, content.encode("utf-8", "replace"), mode=0o644)
            yield file
