"""What the SDK costs an application: import, import and a license, memory, and looking whether it is valid."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.measure import Measure, Pace
from benchmarks.places import WORK
from benchmarks.report.figures import MILLISECONDS, Figure, Quantity, Round, Target, measured, ratio
from plant import Server, plant, terms
from sparekey.host import boot_clock

PYTHON = "Python alone"
PROBE = Path(__file__).with_name("probe.py")

START = Quantity("start of the process", PYTHON, unit=MILLISECONDS)
PACKAGE = Quantity("import sparekey", unit=MILLISECONDS)
FACE = Quantity("import sparekey and acquire", unit=MILLISECONDS)
ACQUIRE = Quantity("import and acquire()", unit=MILLISECONDS)
FIRST = Quantity("start of the process to its first license", unit=MILLISECONDS)
PACKAGES = Quantity("third-party packages imported", unit="packages")
VALID = Quantity("is_valid()", unit="ns")
MEMORY, MEMORY_ALONE = Quantity("memory", unit="MiB"), Quantity("memory", PYTHON, unit="MiB")
TARGETS = {
    PACKAGE: Target(80, at_least=False),
    ACQUIRE: Target(250, at_least=False),
    PACKAGES: Target(12, at_least=False),
    VALID: Target(200, at_least=False),
}


class Told(msgspec.Struct):
    """What a probe tells of itself: milliseconds, MiB, nanoseconds."""

    started: float
    memory: float
    imported: float = 0.0
    acquired: float = 0.0
    valid: float = 0.0
    packages: list[str] = []


def rounds(pace: Pace) -> Iterator[Round]:
    with tempfile.TemporaryDirectory(dir=WORK) as folder, _server(Path(folder)) as server:
        config = Path(folder) / "License.ini"
        config.write_text(f"[Runtime]\nSERIAL0 = 5-1042\nSERIAL0_LOCATION = {server.location}\n")
        places = {"config": str(config), "vendor_key": str(server.vendor.public), "state": f"{folder}/state"}
        for _ in range(pace.rounds):
            yield _round({"app": "Runtime", **places})


def figures(rounds: Sequence[Round]) -> tuple[Figure, ...]:
    """Milliseconds are the machine's; how many starts of Python they are worth is the SDK's."""
    starts = (ratio(rounds, f"{each.what}, of a start of Python", each, START) for each in (PACKAGE, ACQUIRE))
    return (*starts, *measured(rounds, TARGETS))


def probe(what: str, wishes: dict[str, str]) -> Told:
    """What a new process tells, that imports nothing, the package, or holds a license."""
    command = (sys.executable, PROBE, what, str(boot_clock()), json.dumps(wishes))
    return msgspec.json.decode(subprocess.run(command, check=True, capture_output=True).stdout, type=Told)


def _round(wishes: dict[str, str]) -> Round:
    nothing, package, license_ = (probe(what, wishes) for what in ("nothing", "package", "license"))
    return {
        PACKAGE: package.imported,
        FACE: license_.imported,
        ACQUIRE: license_.acquired,
        PACKAGES: len(license_.packages),
        VALID: license_.valid,
        START: nothing.started,
        FIRST: license_.started + license_.acquired,
        MEMORY: license_.memory,
        MEMORY_ALONE: nothing.memory,
    }


@contextmanager
def _server(folder: Path) -> Iterator[Server]:
    with plant(folder, "server") as (server,):
        server.install(terms())
        yield server.start()


SDK = Measure("sdk", "The SDK in an application", rounds, figures)
