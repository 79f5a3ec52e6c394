"""A list that follows its file while the application runs (R5)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sparekey.config import file
from sparekey.core.entries import LicenseList


class WatchedList:
    """The list of an application, read again when its file changed; a bad file leaves `current` in force (R5)."""

    def __init__(self, path: Path, app: str, environ: Mapping[str, str]) -> None:
        """Read the list; raise ConfigError where there is no good one to begin with."""
        self._path = path
        self._app = app
        self._environ = environ
        self._seen = _stamp(path)
        self._current = file.read(path, app, environ)

    @property
    def current(self) -> LicenseList:
        """The last good list."""
        return self._current

    def refresh(self) -> LicenseList:
        """The list as it is now; raise ConfigError, each time, as long as the file is bad. Blocks on the disk."""
        stamp = _stamp(self._path)
        if stamp is None or stamp != self._seen:
            self._current = file.read(self._path, self._app, self._environ)
            self._seen = stamp
        return self._current


def _stamp(path: Path) -> tuple[int, ...] | None:
    """What changes when the file does; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
