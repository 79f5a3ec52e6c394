"""Check the lease protocol with spin: the true model has no error, and every sabotage of it has one."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

MODEL = Path(__file__).with_name("lease.pml")
TRUE = "TRUE"
SABOTAGES = {
    "NO_MARGIN": "the holder believes for a whole ttl",
    "HALF_MARGIN": "the margin covers the drift of one clock, not of two",
    "FROM_ANSWER": "the holder counts from the answer, not from the sending",
    "SLEEPING_CLOCK": "the holder's clock stands still while it is suspended",
    "FORGETFUL": "a restarted server forgets its leases",
    "ANSWER_FIRST": "a grant is answered before it is synced",
    "IDLE_REPEAT": "a repeated take is answered, but the seat is kept no longer",
    "IDLE_RENEWAL": "a renewal is answered, but the seat is kept no longer",
    "LOWER_ORDER": "a late take of a lower order takes the seat over",
    "ANY_RELEASE": "a late release frees the seat of a newer take",
}
"""What each -D switch of the model does."""
COMPILE = ("-O1", "-w", "-DSAFETY", "-DBFS", "-DNOREDUCE", "-DMEMLIM=6000")
"""Breadth first, so that the first error found is the shortest; at most 6,000 MB."""
PACKAGES = ("spin", "gcc")


class CheckError(Exception):
    """The check could not be made; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Result:
    """What spin found in one model. `trail` tells the steps to the error; it is empty where there is none."""

    name: str
    states: int
    depth: int
    seconds: float
    trail: tuple[str, ...]

    @property
    def is_as_expected(self) -> bool:
        return bool(self.trail) == (self.name != TRUE)

    def __str__(self) -> str:
        found = "error found" if self.trail else "no error"
        verdict = "as it must be" if self.is_as_expected else "WHICH MUST NOT BE"
        facts = f"{self.name:<15}{self.states:>12,}{self.depth:>7}{self.seconds:>9.1f}"
        return f"{facts}  {found}, {verdict}: {SABOTAGES.get(self.name, 'two holders never believe at once')}"


def check(name: str, ttl: int) -> Result:
    """Explore one model, the true one or a sabotage, to its end or its first error; raise CheckError."""
    switches = [f"-DTTL={ttl}", *([] if name == TRUE else [f"-D{name}"])]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        shutil.copy(MODEL, folder)
        _run(folder, "spin", *switches, "-a", MODEL.name)
        _run(folder, "gcc", *COMPILE, "-o", "pan", "pan.c")
        began = time.monotonic()
        report = _run(folder, "./pan")
        seconds = time.monotonic() - began
        depth, errors = _numbers(r"depth reached (\d+), errors: (\d+)", report)
        (states,) = _numbers(r"(\d+) states, stored", report)
        if not errors and "Search not completed" in report:
            raise CheckError(f"{name}: spin could not finish; it needs more memory than {COMPILE[-1]} allows\n{report}")
        trail = _run(folder, "spin", *switches, "-t", "-T", "-B", MODEL.name) if errors else ""
    return Result(name, states, depth, seconds, tuple(line for line in trail.splitlines() if "spin:" not in line))


def provide_tools() -> None:
    """Install what is missing from the distribution; raise CheckError where there is no right to."""
    missing = [package for package in PACKAGES if not shutil.which(package)]
    if not missing:
        return
    install = f"apt-get install -y {' '.join(missing)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CheckError(f"the model check needs {' and '.join(missing)}; install with: sudo {install}")
    print(f"installing what the model check needs: {install}", flush=True)
    here = Path.cwd()
    _run(here, "apt-get", "update", "-q")
    _run(here, *install.split())


def _run(folder: Path, *command: str) -> str:
    """What the command prints; CheckError where it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CheckError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _numbers(pattern: str, report: str) -> tuple[int, ...]:
    if found := re.search(pattern, report):
        return tuple(int(number) for number in found.groups())
    raise CheckError(f"spin's report is not as expected:\n{report}")


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    names = [TRUE, *SABOTAGES]
    parser = argparse.ArgumentParser(description=__doc__, epilog="example: python model/check.py --ttl 4 NO_MARGIN")
    parser.add_argument("names", nargs="*", metavar="MODEL", help=f"which to check (all): {', '.join(names)}")
    parser.add_argument("--ttl", type=int, default=5, help="ticks of a lease, 3 or more; 5 takes a minute or two (5)")
    parser.add_argument("--trails", action="store_true", help="tell every error's steps, not only those of NO_MARGIN")
    arguments = parser.parse_args(words)
    if unknown := set(arguments.names) - set(names):
        parser.error(f"no such model: {', '.join(sorted(unknown))}")
    if arguments.ttl < 3:
        parser.error("--ttl must be 3 or more: the margin is 2 ticks")
    arguments.names = arguments.names or names
    return arguments


def main(words: Sequence[str] | None = None) -> int:
    arguments = _arguments(words)
    provide_tools()
    print(f"ttl {arguments.ttl} ticks, margin 2, drift of each clock 1 tick in {arguments.ttl}", flush=True)
    print(f"{'model':<15}{'states':>12}{'depth':>7}{'seconds':>9}  result", flush=True)
    good = True
    with ThreadPoolExecutor(max_workers=2) as pool:
        for result in pool.map(lambda name: check(name, arguments.ttl), arguments.names):
            print(result, flush=True)
            good = good and result.is_as_expected
            if result.trail and (arguments.trails or result.name == "NO_MARGIN"):
                print(
                    *(f"    {step}" for step in result.trail),
                    "    => two holders believe at once",
                    sep="\n",
                    flush=True,
                )
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CheckError as error:
        sys.exit(str(error))
