"""The grants of license servers, read in copies of their ledgers, so that no lock of an original is touched."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from history.records import Grant
from plant import Server
from sparekey.host import boot_clock
from sparekey.server.folder import StateFolder


class Holder(NamedTuple):
    """Whose seat of what, as a ledger says."""

    serial: str
    system: str
    application: str


class Ledgers:
    """What was granted, as far as it was read."""

    def __init__(self) -> None:
        self.grants: list[Grant] = []
        self._newest: dict[Holder, str] = {}
        self._known: set[str] = set()
        self._last = dict[Path, float]()

    def lease(self, holder: Holder) -> str | None:
        """The id of its newest lease that was read; None where there is none."""
        return self._newest.get(holder)

    def read(self, servers: Iterable[Server]) -> None:
        """Read on. A ledger that cannot be read now, as its story may have it, is passed over."""
        for server in servers:
            began = boot_clock()
            rows = list(_rows(StateFolder(server.state).ledger))
            # What is new was granted after the last look, and it was before whoever was told of it believed in it.
            since = self._last.get(server.state, 0.0)
            for lease, holder, fence in rows:
                self._newest[holder] = lease
                if lease not in self._known:
                    self._known.add(lease)
                    owner = f"{holder.system}/{holder.application}"
                    self.grants.append(Grant(since, server.container.id, holder.serial, lease, owner, fence))
            if rows:
                self._last[server.state] = began


def _rows(ledger: Path) -> Iterator[tuple[str, Holder, int]]:
    """Each lease, its holder and fencing number, the numbers growing."""
    with suppress(OSError, sqlite3.Error), tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "ledger"
        for suffix in ("-wal", ""):  # in this order: what is written between the two is no harm
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{ledger}{suffix}", f"{copy}{suffix}")
        with closing(sqlite3.connect(copy)) as connection:
            query = "SELECT id, serial, system, application, fence FROM grants ORDER BY fence"
            for lease, serial, system, application, fence in connection.execute(query).fetchall():
                yield lease, Holder(serial, system, application), fence
