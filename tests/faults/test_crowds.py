"""Many systems at one license server: behind one address, and when it starts again (R7, S2, T6)."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from faults.chronicle import Chronicle
from history.records import Belief, decode
from plant import Client, Server, terms, until
from sparekey.core import timing
from sparekey.host import boot_clock
from stories.stage import HOME, Stage
from systems import Program

pytestmark = [pytest.mark.plant, pytest.mark.long, pytest.mark.timeout(1200)]

FIRST = ("nice", "-n", "-15")
"""The machine has to do the work of a thousand, and has work of its own; where that is not allowed, nothing changes."""
HERE = Path(__file__).parent
TTL = 60.0
PATIENCE = 5 * TTL
"""Seconds; so many systems on a small machine take their time."""
FIRST_OF_ALL = ("nice", "-n", "-20")
"""A server that starts must not wait for a thousand systems that try it."""
SHARE = 250
"""So many of them are one process: each that is suspect tries again four times a second."""
MOST = 3
"""In no second do so many times the mean come."""


class Crowd:
    """So many systems, each with a seat; see crowd.py."""

    def __init__(self, stage: Stage, folder: Path, server: Server, count: int) -> None:
        folder.mkdir()
        self._count = count
        self._folder = folder
        programs = [
            self._start(stage, server, range(first, min(first + SHARE, count))) for first in range(0, count, SHARE)
        ]
        for program in programs:
            assert program.until("acquired", "refused", timeout=PATIENCE)["event"] == "acquired", program.events

    def beliefs(self) -> Iterator[Belief]:
        """Each renewal that was answered; those of one holder in the order of their answers."""
        for history in self._folder.glob("*/history.jsonl"):
            whole_lines, _, _ = history.read_bytes().rpartition(b"\n")
            yield from (record for record in map(decode, whole_lines.splitlines()) if isinstance(record, Belief))

    def by_holder(self) -> Iterator[list[Belief]]:
        holders: dict[str, list[Belief]] = {}
        for record in self.beliefs():
            holders.setdefault(record.holder, []).append(record)
        yield from holders.values()

    def await_renewals(self, since: float, times: int = 1) -> None:
        """Wait until all have had so many renewals answered that were sent after this moment."""
        for _ in until(PATIENCE):
            time.sleep(1)  # a look at the whole history takes its time
            renewals = Counter(record.holder for record in self.beliefs() if sent(record) > since)
            if sum(number >= times for number in renewals.values()) == self._count:
                break

    def assert_all_kept(self) -> None:
        """Each believed again before its belief had ended, and all believe now."""
        holders = list(self.by_holder())
        assert len(holders) == self._count
        assert all(after.t < before.until for each in holders for before, after in pairwise(each))
        assert all(each[-1].until > boot_clock() for each in holders)

    def _start(self, stage: Stage, server: Server, numbers: range) -> Program:
        folder = self._folder / f"from-{numbers.start}"
        folder.mkdir()
        wishes = {
            "vendor_key": str(stage.vendor.public),
            "folder": str(folder),
            "first": numbers.start,
            "systems": len(numbers),
            "server": server.location,
            "serial": HOME,
        }
        imports = {"PYTHONPATH": str(HERE.parent)}
        program = Program(*FIRST, sys.executable, str(HERE / "crowd.py"), json.dumps(wishes), env=imports)
        stage.watch(program)
        return program


def sent(record: Belief) -> float:
    return record.until - timing.belief(TTL)


def test_t6_200_systems_behind_one_address(stage: Stage, chronicle: Chronicle, tmp_path: Path) -> None:
    """Limits go by holder, not by address: nobody is refused anything."""
    server = stage.server(terms(HOME, seats=200), ttl=TTL)
    crowd = Crowd(stage, tmp_path / "crowd", server, 200)
    crowd.await_renewals(boot_clock())
    crowd.assert_all_kept()
    assert refusals(server) == 0
    chronicle.told.extend(crowd.beliefs())


def test_r7_a_thousand_holders_when_their_server_restarts(stage: Stage, chronicle: Chronicle, tmp_path: Path) -> None:
    """All keep their leases; but for each one's first renewal, which finds the server again, they come evenly."""
    server = stage.stopped_server(terms(HOME, seats=1000), ttl=TTL)
    server.through = FIRST_OF_ALL
    server.start()
    crowd = Crowd(stage, tmp_path / "crowd", server, 1000)
    server.kill()
    returned = boot_clock()
    server.start()
    crowd.await_renewals(since=returned, times=3)
    crowd.assert_all_kept()
    chronicle.told.extend(crowd.beliefs())
    renewals = [[record for record in each if sent(record) > returned] for each in crowd.by_holder()]
    first = busiest_second(each[0] for each in renewals)
    later = busiest_second(record for each in renewals for record in each[1:])
    mean = 1000 / timing.renewal(TTL, 0.5)
    print(f"renewals in the busiest second: {first} at the return, {later} afterwards, {mean:.0f} in the mean")
    assert later <= MOST * mean


def busiest_second(renewals: Iterable[Belief]) -> int:
    return max(Counter(int(sent(record)) for record in renewals).values())


def refusals(server: Server) -> int:
    """How many requests this server has refused since its start."""
    with Client(server.location) as client:
        lines = client.get("/metrics").content.decode().splitlines()
    return sum(int(line.split()[-1]) for line in lines if line.startswith("sparekey_refusals_total"))
