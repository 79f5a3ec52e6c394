"""The programs of the benchmarks, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TESTS = Path(__file__).parents[1]


@contextmanager
def start(module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a module until the end of the block; its input and output are pipes."""
    process = subprocess.Popen(
        (sys.executable, "-m", module, *arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_TESTS)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
