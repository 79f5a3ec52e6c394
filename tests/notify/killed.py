"""A notifier that dies: `python killed.py FOLDER N` handles what the journal has, and kills itself at statement N.

With N = 0 it lives, and prints how many statements there were.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

from sparekey import database
from sparekey.journal import Journal
from sparekey.notify.evaluation import Evaluation
from sparekey.notify.matrix_file import read
from sparekey.notify.store import Store


def main(folder: Path, fatal: int) -> None:
    count = 0

    def step(_statement: str) -> None:
        nonlocal count
        count += 1
        if count == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    opened: Callable[..., sqlite3.Connection] = database.open_database

    def traced(path: Path, schema: str, *, synced: bool) -> sqlite3.Connection:
        connection = opened(path, schema, synced=synced)
        connection.set_trace_callback(step)
        return connection

    for module in ("sparekey.journal", "sparekey.notify.store"):
        sys.modules[module].open_database = traced  # type: ignore[attr-defined]
    Evaluation(Journal(folder), Store(folder), read(folder / "reactions.toml").matrices, ["mail", "mqtt"]).step()
    print(count)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
