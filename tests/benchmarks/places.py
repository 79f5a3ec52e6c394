"""Where the benchmarks work, and where their results stand."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"
WORK = RESULTS.parent / "work"
"""A folder of the checkout's own file system: elsewhere a sync may cost nothing."""
