"""Lists of licenses as commands read and show them."""

from __future__ import annotations

import os
from pathlib import Path

from sparekey.config import file
from sparekey.config.faults import ConfigError, Fault
from sparekey.core.entries import Entry


def overview(path: Path, app: str | None) -> file.Overview:
    """The list of one application, or all of a file, and their faults."""
    try:
        if app is None:
            return file.read_all(path, os.environ)
        found = file.read(path, app, os.environ)
        return file.Overview({file.spelled(path, app, os.environ): found}, ())
    except ConfigError as error:
        return file.Overview({}, error.faults)


def entry_facts(entry: Entry) -> dict[str, object]:
    """An entry for programs."""
    return {"entry": entry.number, "serial": entry.serial, "location": str(entry.location)}


def fault_facts(fault: Fault) -> dict[str, object]:
    """A fault for programs."""
    return {"source": fault.place.source, "line": fault.place.line, "text": fault.text}
