"""A process that looks at itself: python probe.py nothing|package|license SPAWNED WISHES, a JSON object on stdout.

SPAWNED is when its parent started it, boot clock. What it needs itself is imported after what it measures.
"""

from __future__ import annotations

import sys
import time

BEGUN = time.clock_gettime(time.CLOCK_BOOTTIME)
BEFORE = frozenset(sys.modules)
LOOKS = 200_000


def main(what: str, spawned: str, wishes: str) -> None:
    began = time.perf_counter()
    told = {"nothing": _nothing, "package": _package, "license": _license}[what](began, wishes)

    import json

    print(json.dumps({"started": (BEGUN - float(spawned)) * 1000, "memory": _memory(), **told}))


def _nothing(_began: float, _wishes: str) -> dict[str, object]:
    return {}


def _package(began: float, _wishes: str) -> dict[str, object]:
    import sparekey  # noqa: F401 - what it takes is the question

    return {"imported": _milliseconds(began)}


def _license(began: float, wishes: str) -> dict[str, object]:
    import sparekey

    acquire = sparekey.acquire  # the face is imported when it is first used
    imported = _milliseconds(began)

    import json

    with acquire(**json.loads(wishes)) as license_:
        acquired = _milliseconds(began)
        packages, memory = _packages(), _memory()

        import timeit

        valid = min(timeit.repeat(license_.is_valid, number=LOOKS, repeat=5)) / LOOKS * 1e9
    return {"imported": imported, "acquired": acquired, "packages": packages, "memory": memory, "valid": valid}


def _milliseconds(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _packages() -> list[str]:
    """Third-party packages that were imported by what was measured."""
    names = {name.partition(".")[0] for name in sys.modules.keys() - BEFORE}
    return sorted(name for name in names if "-packages" in (getattr(sys.modules.get(name), "__file__", None) or ""))


def _memory() -> float:
    """What of this process is in memory, MiB."""
    with open("/proc/self/status") as file:  # noqa: PTH123 - pathlib would be measured too
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
