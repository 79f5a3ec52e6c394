"""License servers that a notifier watches: real ones, which are used, run out of seats, are killed and come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from impostors import Mute
from notify.recipients import free_port
from notify.scraped import sample, scrape
from plant import Client, Seeker, Server, plant, sparekey, start_sparekey, terms, until
from sparekey.client.survey import MOST_LICENSES, Survey
from sparekey.client.system import System
from sparekey.core.alarms import State
from sparekey.core.entries import Location
from sparekey.core.variables import Name, Quality, Reading, Value
from sparekey.notify import server_watch
from sparekey.notify.matrix_file import read
from sparekey.notify.metrics.outlet import MetricsOutlet
from sparekey.notify.notifier import Notifier
from sparekey.notify.outlet import Outlet
from sparekey.notify.outlet_settings import Metrics
from sparekey.notify.places import SHIPPED
from sparekey.notify.server_settings import Server as Watched
from sparekey.notify.server_watch import facts_of
from sparekey.notify.store import Kind, Store
from sparekey.wire import LicenseBody, ServerBody
from systems import PATIENCE

pytestmark = pytest.mark.plant
TODAY = datetime.now(UTC).date()
USED, FREE, DAYS = "[License 5-1] Seats used", "[License 5-1] Seats free", "[License 5-1] Days left"
ALARM = "[Server] Alarm"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with plant(tmp_path, "server") as (only,):
        only.install(terms("5-1", seats=3, valid_until=TODAY + timedelta(days=40)), terms("5-2"))
        yield only.start()


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_watch, "PERIOD", 0.2)
    monkeypatch.setattr("sparekey.notify.notifier.STATUS_PERIOD", 0.1)


class Hall:
    """A notifier that serves, and what its outlets are told of the license server `hall`."""

    def __init__(self, notifier: Notifier, folder: Path) -> None:
        self.notifier = notifier
        self.folder = folder

    def reading(self, variable: str, owner: str = "server hall") -> Reading | None:
        return self.notifier.feed.readings.get(Name(owner, variable))

    def values(self, *variables: str) -> list[tuple[Value, Quality] | None]:
        readings = map(self.reading, variables)
        return [(reading.value, reading.quality) if reading else None for reading in readings]

    def alarms(self) -> list[tuple[str, str]]:
        return [(alarm.matrix, alarm.text) for alarm in self.notifier.feed.alarms.values()]

    async def until(self, fits: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not fits():  # noqa: ASYNC110 - the feed is looked at, as an outlet would
                await asyncio.sleep(0.02)


@asynccontextmanager
async def watching(
    folder: Path, *servers: Watched, reactions: Path = SHIPPED, outlets: Iterable[Outlet] = ()
) -> AsyncIterator[Hall]:
    notifier = Notifier(System.open(folder), read(reactions).matrices, outlets, servers)
    task = asyncio.create_task(notifier.run())
    try:
        yield Hall(notifier, folder)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled(), task
        notifier.close()


def hall(server: Server) -> Watched:
    return Watched("hall", Location.parse(server.location))


def good(*values: Value) -> list[tuple[Value, Quality]]:
    return [(value, Quality.GOOD) for value in values]


async def test_each_license_has_its_seats_and_its_days(server: Server, tmp_path: Path) -> None:
    async with watching(tmp_path / "state", hall(server)) as watch:
        await watch.until(lambda: watch.values(USED, FREE, DAYS, ALARM) == good(0, 3, 40, ""))
        assert watch.values("[License 5-2] Seats free", "[License 5-2] Days left") == good(1, None)
        with Client(server.location) as client:
            holder = Seeker("5-1")
            holder.take(client)
            await watch.until(lambda: watch.values(USED, FREE) == good(1, 2))
            holder.release(client)
            await watch.until(lambda: watch.values(USED, FREE) == good(0, 3))
    kinds = {event.kind for event in Store(tmp_path / "state").events() if event.name.variable in (USED, FREE)}
    assert kinds == set(), "seats that come and go are no events"


async def test_an_outlet_shows_them_until_the_server_is_dead(server: Server, tmp_path: Path) -> None:
    at = Location("127.0.0.1", free_port())
    free = sample("license_seats_free", app="server hall", serial="5-1")
    async with watching(tmp_path / "state", hall(server), outlets=[MetricsOutlet(Metrics("metrics", at))]) as watch:
        await watch.until(lambda: watch.values(FREE) == good(3))
        async with asyncio.timeout(PATIENCE):
            while (await scrape(at)).get(free) != 3:
                pass
            server.kill()
            while free in await scrape(at):
                pass


def test_the_command_watches_what_its_file_names(server: Server, tmp_path: Path) -> None:
    reactions, state = tmp_path / "reactions.toml", str(tmp_path / "state")
    reactions.write_text(
        f'[server.hall]\nlocation = "{server.location}"\n[[matrix]]\nname = "m"\nvariables = ["server hall/{FREE}"]\n'
        '[[matrix.state]]\nwhen = "less"\nvalue = 3\nalarm = { severity = 300 }\ntext = "{app}: {new} free"\n'
    )
    notifier = start_sparekey("notify", "run", "--state", state, "--reactions", str(reactions))
    try:
        with Client(server.location) as client:
            Seeker("5-1").take(client)
            for _ in until(PATIENCE):
                if "server hall: 2 free" in sparekey("alarms", "list", "--state", state).stdout:
                    break
    finally:
        notifier.terminate()
        notifier.communicate(timeout=PATIENCE)
    assert notifier.returncode == 0


async def test_a_license_that_is_removed_has_no_values_and_no_alarm(server: Server, tmp_path: Path) -> None:
    server.install(terms("5-1", seats=3, valid_until=TODAY + timedelta(days=5), issued=2000))
    async with watching(tmp_path / "state", hall(server)) as watch:
        await watch.until(lambda: watch.alarms())
        assert watch.alarms() == [
            ("server-expiry", f"server hall: a license ends soon: {DAYS} is 5. Order a newer issue")
        ]
        server.remove("5-1")
        await watch.until(lambda: watch.values(USED, FREE, DAYS) == good(None, None, None))
        (alarm,) = Store(watch.folder).alarms()
        assert alarm.state is State.RETURNED


async def test_of_a_dead_server_the_values_stay_with_bad_quality_until_it_is_back(
    server: Server, tmp_path: Path
) -> None:
    async with watching(tmp_path / "state", hall(server)) as watch:
        await watch.until(lambda: watch.values(FREE) == good(3))
        server.kill()
        await watch.until(lambda: watch.values(USED, FREE) == [(0, Quality.BAD), (3, Quality.BAD)])
        server.start()
        await watch.until(lambda: watch.values(USED, FREE, ALARM) == good(0, 3, ""))


async def test_a_server_that_never_answered_is_known_by_its_alarm(server: Server, tmp_path: Path) -> None:
    server.stop()
    reactions = tmp_path / "reactions.toml"
    reactions.write_text(SHIPPED.read_text().replace("delay = 30", "delay = 0.1").replace('notify = ["*"]', ""))
    async with watching(tmp_path / "state", hall(server), reactions=reactions) as watch:
        await watch.until(watch.alarms)
        assert watch.values(ALARM) == [(None, Quality.BAD)]
        ((matrix, told),) = watch.alarms()
        assert matrix == "server-silent"
        assert f"server hall: no answer ({server.location} refused the connection)" in told
        server.start()
        await watch.until(lambda: [alarm.state for alarm in watch.notifier.feed.alarms.values()] == [State.RETURNED])


async def test_one_that_hangs_holds_up_no_other(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_watch, "TIMEOUT", 2 * PATIENCE)
    with Mute() as mute:
        hanging = Watched("mute", Location.parse(mute.location))
        async with watching(tmp_path / "state", hanging, hall(server)) as watch:
            await watch.until(lambda: watch.values(FREE) == good(3))
            assert watch.reading(ALARM, "server mute") is None, "its first answer is still waited for"


async def test_a_server_that_is_not_watched_any_more_has_no_values(server: Server, tmp_path: Path) -> None:
    async with watching(tmp_path / "state", hall(server)) as watch:
        await watch.until(lambda: watch.values(FREE) == good(3))
    async with watching(tmp_path / "state") as watch:
        await watch.until(lambda: watch.values(USED, FREE, DAYS, ALARM) == good(None, None, None, None))


async def test_s4_a_ledger_that_was_rolled_back_reaches_the_alarm_list(server: Server, tmp_path: Path) -> None:
    server.stop()
    older = {part: part.read_bytes() for part in server.state.glob("ledger.db*")}
    server.start()
    holder = Seeker("5-1")
    with Client(server.location) as client:
        holder.take(client)
    server.kill()
    for part in server.state.glob("ledger.db*"):
        part.unlink()
    for part, content in older.items():
        part.write_bytes(content)
    server.start()
    async with watching(tmp_path / "state", hall(server)) as watch:
        await watch.until(lambda: watch.values(ALARM) == good(""))
        with Client(server.location) as client:
            holder.renew(client)
        await watch.until(watch.alarms)
        told = "server hall: its ledger was rolled back: it is older than what was done with it"
        assert watch.alarms() == [("server", told)]
        assert [event.text for event in Store(watch.folder).events() if event.kind is Kind.ALARM] == [told]


def test_t6_what_a_server_says_is_bounded_and_a_strange_date_is_none() -> None:
    said = ServerBody("server-a", "c", {}, "0.1", 1.0, 30.0, alarm="x" * 10_000)
    licenses = [LicenseBody("5-1", "p", {"valid_until": until}, "", 1, 3, []) for until in ("soon", 7, None)]
    for license_ in licenses:
        facts = facts_of(Survey(said, (license_,)), TODAY)
        assert (len(str(facts[ALARM])), facts[FREE], facts[DAYS]) == (server_watch.LONGEST_ALARM, 0, None)


async def test_t6_a_thousand_licenses_of_a_server_are_told(tmp_path: Path) -> None:
    with plant(tmp_path, "server") as (server,):
        server.install(*(terms(f"6-{number:04}") for number in range(MOST_LICENSES + 5)))
        server.start()
        async with watching(tmp_path / "state", hall(server)) as watch:
            await watch.until(lambda: watch.values(ALARM) == good(""))
            told = [name for name in watch.notifier.feed.readings if name.variable.endswith("Seats free")]
    assert len(told) == MOST_LICENSES
