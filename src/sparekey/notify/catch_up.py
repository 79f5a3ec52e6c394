"""The alarm list brought up to date where no notifier runs: whoever asks for it evaluates the journal first."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sparekey import host
from sparekey.client.system import System, default_folder
from sparekey.journal import NAME as JOURNAL
from sparekey.notify.findings import ReactionsError
from sparekey.notify.kinds import make_outlet
from sparekey.notify.notifier import Notifier
from sparekey.notify.places import lock_path
from sparekey.notify.settings import reactions_of
from sparekey.notify.store import Store

log = logging.getLogger("sparekey")


class NothingRan(ValueError):
    """No application and no notifier has run with the state folder: it is likely another one that is meant."""


class UnusableError(ValueError):
    """The alarm list can be neither read nor changed; the text says where it is, and why."""


def system_of(state: Path | None) -> System:
    """The system of a state folder in which something has happened; raise NothingRan, lest no news be good news."""
    folder = state or default_folder()
    if not any((folder / name).exists() for name in ("applications", JOURNAL)):
        raise NothingRan(f"nothing has run with the state folder {folder}; name another one with --state")
    return System.open(folder)


@contextmanager
def up_to_date(system: System) -> Iterator[Store]:
    """The system's store, with all in it that has happened; raise UnusableError, OSError or Locked."""
    _catch_up(system)
    try:
        with closing(Store(system.folder)) as store:
            yield store
    except sqlite3.Error as error:
        raise UnusableError(f"the alarm list in {system.folder} cannot be used: {error}; is its disk full?") from error


def _catch_up(system: System) -> None:
    """Evaluate what is new, unless a notifier runs, which has done so. What there is to tell waits for the next one.

    Where the disk is full, or reactions.toml is bad, the list stays as it was, and a warning says so; raise OSError.
    """
    lock = host.Lock(lock_path(system))
    try:
        lock.acquire()
    except host.Locked:
        return
    try:
        file = reactions_of(system, None)
        outlets = [make_outlet(settings, system.folder) for settings in file.outlets.values()]
        with closing(Notifier(system, file.matrices, outlets, file.servers)) as notifier:
            notifier.step()
    except (sqlite3.Error, ReactionsError) as error:
        log.warning("the alarm list is not up to date: %s", error)
    finally:
        lock.release()
