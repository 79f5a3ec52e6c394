"""The machine that was measured, in words."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter

_SYNCS = 50
_PACKAGES = ("cryptography", "msgspec", "uvicorn", "httptools", "uvloop")


def description(folder: Path) -> Mapping[str, str]:
    """What decides the figures; `folder` lies on the disk whose syncs count."""
    return {
        "processor": f"{os.cpu_count()} x {_processor()}",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "sync of 4 KiB": f"{_sync_time(folder) * 1000:.2f} ms (median of {_SYNCS})",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in _PACKAGES},
    }


def load() -> float:
    """How many processes wanted to run in the last minute."""
    return os.getloadavg()[0]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _sync_time(folder: Path) -> float:
    path = folder / "sync.tmp"
    times: list[float] = []
    with path.open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            file.write(bytes(4096))
            began = perf_counter()
            os.fdatasync(file.fileno())
            times.append(perf_counter() - began)
    path.unlink()
    return median(times)
