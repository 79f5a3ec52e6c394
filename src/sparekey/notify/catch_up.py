"""The alarm list brought up to date where no notifier runs: whoever asks for it evaluates the journal first."""

from __future__ import annotations

from contextlib import closing

from sparekey import host
from sparekey.client.system import System
from sparekey.core.matrices import Matrix
from sparekey.notify.notifier import Notifier, lock_path


def catch_up(system: System, matrices: tuple[Matrix, ...]) -> None:
    """Evaluate what is new, unless a notifier runs, which has done so; raise sqlite3.Error or OSError."""
    lock = host.Lock(lock_path(system))
    try:
        lock.acquire()
    except host.Locked:
        return
    try:
        with closing(Notifier(system, matrices, ())) as notifier:
            notifier.step()
    finally:
        lock.release()
