"""Where the benchmarks work, and where their results stand."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"
WORK = RESULTS.parent / "work"
"""A folder of the checkout's own file system: elsewhere a sync may cost nothing."""
_RAM = Path("/dev/shm")  # noqa: S108 - a temporary folder is made in it
MEMORY = _RAM if os.access(_RAM, os.W_OK) else WORK
"""For files of many simulated systems: they have no disk in common."""
