"""A trial: a mutant, or the source as it is, in a temporary copy; seeds happen in it until one breaks a rule."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .hunt import FOUND
from .mutant import ROOT, Mutant

UNFIT = ("SyntaxError", "IndentationError", "ImportError", "ModuleNotFoundError", "NameError")
"""A mutant that ends so has spoiled the language, not a rule."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a trial: the seed that broke something, and what; or that none did."""

    seed: int | None
    text: str
    found: bool


@contextmanager
def source() -> Iterator[Path]:
    """The source as it is now, in a temporary folder: who edits it meanwhile changes no trial."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder)
        for part in ("src", "tests"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        yield copy


def try_out(source: Path, mutant: Mutant | None, seeds: range, tried: Callable[[], None]) -> Verdict:
    """Let the seeds happen in a copy of the source with this mutant in it; `tried` is called for each."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        shutil.copytree(source, copy, dirs_exist_ok=True)
        if mutant:
            (copy / mutant.file).write_text(mutant.spoil(source), encoding="utf-8")
        return _hunt(copy, seeds, tried)


def _hunt(copy: Path, seeds: range, tried: Callable[[], None]) -> Verdict:
    paths = os.pathsep.join(str(copy / part) for part in ("src", "tests"))
    command = (sys.executable, "-B", "-m", "mutants.hunt", str(seeds[0]), str(seeds[-1]))
    with (
        (copy / "stderr").open("w+", encoding="utf-8") as errors,
        subprocess.Popen(
            command, cwd=copy, env={**os.environ, "PYTHONPATH": paths}, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        seed, last = None, ""
        for line in process.stdout or ():
            last = line.strip()
            if last.isdigit():
                seed = int(last)
                tried()
    if process.returncode == 0:
        return Verdict(None, "", found=False)
    if process.returncode == FOUND:
        return Verdict(seed, last, found=True)
    return _exception((copy / "stderr").read_text(encoding="utf-8"), seed)


def _exception(errors: str, seed: int | None) -> Verdict:
    if errors.startswith("Timeout"):
        return Verdict(seed, "never ends", found=True)
    text = errors.strip().rpartition("\n")[2]
    return Verdict(seed, text, found=seed is not None and not text.startswith(UNFIT))
