"""The metrics outlet, asked over HTTP; its answers are read by the parser of prometheus_client."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from notify.kept import Desk
from notify.scraped import Sample, sample, scrape
from sparekey.core.entries import Location
from sparekey.core.variables import (
    BACKUP_DAYS_LEFT,
    DAYS_LEFT,
    DEMO_SECONDS_LEFT,
    ENTRY,
    LEASE_SECONDS_LEFT,
    MISSING,
    REDUNDANCY,
    SEATS_FREE,
    SEATS_USED,
    SERIAL_NUMBER,
    SERVER_DAYS_LEFT,
    STATE,
    UNACKNOWLEDGED,
    Name,
    Quality,
    Value,
)
from sparekey.notify.metrics.outlet import MetricsOutlet
from sparekey.notify.metrics.server import MOST_CLIENTS
from sparekey.notify.outlet_settings import Metrics


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "state")


@pytest.fixture
def at() -> Location:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Location("127.0.0.1", probe.getsockname()[1])


def outlet(at: Location) -> MetricsOutlet:
    return MetricsOutlet(Metrics("metrics", at))


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        (ENTRY, 2, sample("entry", app="Runtime")),
        (REDUNDANCY, 3, sample("redundancy", app="Runtime")),
        (MISSING, 1, sample("backups_missing", app="Runtime")),
        (DAYS_LEFT, 30, sample("days_left", app="Runtime")),
        (BACKUP_DAYS_LEFT.format(number=10), 7, sample("backup_days_left", app="Runtime", number="10")),
        (LEASE_SECONDS_LEFT, 22.4, sample("lease_seconds_left", app="Runtime")),
        (DEMO_SECONDS_LEFT, 1800.0, sample("demo_seconds_left", app="Runtime")),
        (UNACKNOWLEDGED, 1, sample("unacknowledged_alarms", app="Runtime")),
        (SEATS_USED.format(serial='5-"1'), 4, sample("license_seats_used", app="Runtime", serial='5-"1')),
        (SEATS_FREE.format(serial="5-1"), 0, sample("license_seats_free", app="Runtime", serial="5-1")),
        (SERVER_DAYS_LEFT.format(serial="5-1"), 9, sample("license_days_left", app="Runtime", serial="5-1")),
    ],
)
async def test_each_number_is_a_gauge_with_its_application(
    desk: Desk, at: Location, variable: str, value: Value, expected: Sample
) -> None:
    desk.read(Name("Runtime", variable), value)
    async with desk.keep(outlet(at)):
        assert (await scrape(at))[expected] == value


async def test_the_serial_number_the_state_and_whether_it_is_up_are_told(desk: Desk, at: Location) -> None:
    desk.read(Name("Runtime", SERIAL_NUMBER), "5-1042")
    desk.read(Name("Runtime", STATE), "hold")
    desk.read(Name("Editor", STATE), "stop", Quality.BAD)
    async with desk.keep(outlet(at)):
        found = await scrape(at)
    assert found[sample("serial_number_info", app="Runtime", serial="5-1042")] == 1
    assert found[sample("state", app="Runtime", state="hold")] == 1
    assert found[sample("state", app="Runtime", state="suspect")] == 0
    assert (found[sample("up", app="Runtime")], found[sample("up", app="Editor")]) == (1, 0)


async def test_a_value_that_is_not_to_be_believed_or_none_is_not_told(desk: Desk, at: Location) -> None:
    desk.read(Name("Runtime", SERIAL_NUMBER), "5-1042", Quality.BAD)
    desk.read(Name("Runtime", ENTRY), 0, Quality.BAD)
    desk.read(Name("Runtime", STATE), "hold", Quality.BAD)
    desk.read(Name("Runtime", DAYS_LEFT), None)
    desk.read(Name("Editor", SERIAL_NUMBER), "")
    async with desk.keep(outlet(at)):
        found = await scrape(at)
    assert {name for name, _ in found} == {"sparekey_up", "sparekey_alarms"}


async def test_a_scrape_sees_what_is_new(desk: Desk, at: Location) -> None:
    entry = sample("entry", app="Runtime")
    desk.read(Name("Runtime", ENTRY), 0)
    async with desk.keep(outlet(at)):
        assert (await scrape(at))[entry] == 0
        desk.read(Name("Runtime", ENTRY), 1)
        async with asyncio.timeout(30):
            while (await scrape(at))[entry] != 1:
                pass


async def test_alarms_are_counted_by_priority_and_state(desk: Desk, at: Location) -> None:
    desk.alarm(7)
    desk.alarm(8)
    desk.feed.acknowledge(8, "anna", "")
    async with desk.keep(outlet(at)):
        found = await scrape(at)
    counts = {labels: value for (name, labels), value in found.items() if name == "sparekey_alarms"}
    assert len(counts) == 12
    assert {labels: value for labels, value in counts.items() if value} == {
        frozenset({("priority", "high"), ("state", "unacknowledged")}): 1,
        frozenset({("priority", "high"), ("state", "acknowledged")}): 1,
    }


async def test_clients_that_say_nothing_hold_up_nobody_and_are_not_more_than_a_few(desk: Desk, at: Location) -> None:
    async with desk.keep(outlet(at)):
        await scrape(at)
        mute = [socket.create_connection((at.host, at.port), 30) for _ in range(MOST_CLIENTS - 1)]
        assert sample("alarms", priority="high", state="acknowledged") in await scrape(at)
        mute.append(socket.create_connection((at.host, at.port), 30))
        with socket.create_connection((at.host, at.port), 30) as one_too_many:
            assert await asyncio.to_thread(one_too_many.recv, 1) == b""
        for each in mute:
            each.close()
        await scrape(at)


async def test_a_port_that_is_taken_is_a_fault_until_it_is_free(desk: Desk, at: Location) -> None:
    with socket.create_server((at.host, at.port)):
        async with desk.keep(outlet(at)):
            await desk.until(desk.events)
            assert desk.events() == [f"outlet metrics: cannot listen on {at}: Address already in use"]
    async with desk.keep(outlet(at)):
        await scrape(at)
    socket.create_server((at.host, at.port)).close()


async def test_a_name_that_does_not_exist_is_a_fault(desk: Desk) -> None:
    async with desk.keep(outlet(Location("nowhere.invalid", 9363))):
        await desk.until(desk.events)
        assert desk.events()[0].startswith("outlet metrics: cannot listen on nowhere.invalid:9363: ")


def test_the_library_that_is_missing_is_named_with_the_cure() -> None:
    program = """
import asyncio, sys
sys.modules["prometheus_client"] = None
from sparekey.core.entries import Location
from sparekey.notify.feed import Feed, Home
from sparekey.notify.metrics.outlet import MetricsOutlet
from sparekey.notify.outlet_settings import Metrics
asyncio.run(MetricsOutlet(Metrics("metrics", Location())).run(Feed(Home("id", "pc"), print), None, print))
"""
    ended = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=False)
    assert ended.stderr.splitlines()[-1] == (
        "sparekey.notify.outlet.OutletFault: prometheus_client is not installed;"
        " install it with: pip install sparekey[metrics]"
    )
