"""The alarm list for those who only look: nothing in the state folder is written, also where no notifier ever ran."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sparekey import host
from sparekey.client.system import System
from sparekey.core.alarms import Alarm
from sparekey.journal import Journal
from sparekey.notify.evaluation import Evaluation
from sparekey.notify.findings import ReactionsError
from sparekey.notify.settings import reactions_of
from sparekey.notify.store import Store

MOST_CHANGES: Final = 2000
"""So many changes that no notifier has handled are looked at; where there are more, that would take too long."""
_FILES: Final = ("journal.sqlite", "notify.sqlite")


class NotToBeSeen(Exception):
    """The alarm list cannot be told in passing; the text says why."""


def alarms_at_a_glance(system: System) -> list[Alarm]:
    """The alarms that are there, those of changes that nobody has handled yet among them; raise NotToBeSeen."""
    try:
        with TemporaryDirectory(prefix="sparekey-") as folder:
            copy = Path(folder)
            found = [name for name in _FILES if (system.folder / name).exists()]
            for name in found:
                _copy(system.folder / name, copy / name)
            return _evaluated(system, copy) if found else []
    except (ReactionsError, sqlite3.Error, OSError, host.Locked) as error:
        raise NotToBeSeen(f"the alarms cannot be seen: {error}") from None


def _evaluated(system: System, copy: Path) -> list[Alarm]:
    with closing(Journal(copy, synced=False)) as journal, closing(Store(copy, synced=False)) as store:
        waiting = len(journal.after(store.position(journal.id) or 0, MOST_CHANGES + 1))
        if waiting > MOST_CHANGES:
            raise NotToBeSeen(
                f"more than {MOST_CHANGES} changes wait for a notifier: 'sparekey alarms list' handles them"
            )
        if waiting:
            Evaluation(journal, store, reactions_of(system, None).matrices, ()).step()
        return store.alarms()


def _copy(file: Path, to: Path) -> None:
    with (
        closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(to)) as copy,
    ):
        copy.execute("PRAGMA synchronous = OFF")
        source.backup(copy)
