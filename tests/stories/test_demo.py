"""The demo license as the last resort: R6."""

from __future__ import annotations

import pytest

from plant import sparekey, terms
from sparekey.trust import issue_license, write_license_file
from stories.stage import HOME, Stage

pytestmark = pytest.mark.plant


def test_r6_demo_only_where_the_list_allows_it(stage: Stage) -> None:
    system = stage.system((HOME, stage.stopped_server(HOME)), INITIAL_WAIT=0.5)
    system.demo = stage.demo(seconds=1800)
    assert "refused the connection" in system.application().refused()[0]


def test_r6_in_demo_it_takes_the_first_license_that_it_gets(stage: Stage) -> None:
    server = stage.stopped_server(HOME)
    system = stage.system((HOME, server), INITIAL_WAIT=0.5, DEMO=1)
    system.demo = stage.demo(seconds=1800)
    application = system.start()
    assert (application.acquired["serial"], application.acquired["entry"]) == ("DEMO", -1)
    server.start()
    application.until("change")
    assert application.changes == [("DEMO", HOME)]
    assert application.look()["entry"] == 0
    assert application.never_invalid
    assert system.until_status(lambda status: status["serial"] == HOME)["demo_seconds_left"] == 1800


def test_r6_without_a_backup_demo_bridges_the_servers_absence(stage: Stage) -> None:
    server = stage.server(HOME)
    system = stage.system((HOME, server), DEMO=1)
    system.demo = stage.demo(seconds=1800)
    application = system.start()
    server.kill()
    application.until("change")
    server.start()
    application.until("change")
    assert application.changes == [(HOME, "DEMO"), ("DEMO", HOME)]
    assert application.never_invalid


def test_r6_demo_ends_with_its_time_and_a_restart_wins_none(stage: Stage) -> None:
    system = stage.system((HOME, stage.stopped_server(HOME)), INITIAL_WAIT=0.5, DEMO=1)
    system.demo = stage.demo(seconds=2)
    application = system.start()
    assert 1.5 < application.until("invalid")["t"] - application.acquired["t"] < 2.5
    assert application.until("change")["new"] == ""
    application.close()
    application.refused()


def test_r6_a_crash_wins_no_demo_time(stage: Stage) -> None:
    """Ten seconds are written down before they are used: the crash costs them, and one is left."""
    system = stage.system((HOME, stage.stopped_server(HOME)), INITIAL_WAIT=0.5, DEMO=1)
    system.demo = stage.demo(seconds=11)
    system.start().kill()
    again = system.start()
    assert again.until("invalid")["t"] - again.acquired["t"] < 1.5
    again.kill()
    system.application().refused()


def test_r6_the_end_of_the_demo_time_is_told_once(stage: Stage) -> None:
    system = stage.system((HOME, stage.stopped_server(HOME)), INITIAL_WAIT=0.5, DEMO=1)
    system.demo = stage.demo(seconds=2)
    running = system.run("sleep", "60", options=("--demo", str(system.demo)))
    assert running.wait() == 3
    assert [event["event"] for event in running.events] == ["demo", "lost", "alarm"]


@pytest.mark.parametrize("end", ["close", "exit"])
def test_r6_an_orderly_end_gives_back_the_demo_time_that_was_reserved(stage: Stage, end: str) -> None:
    """Eleven seconds, of which ten are reserved: only if they were given back is there more than one left."""
    system = stage.system((HOME, stage.stopped_server(HOME)), INITIAL_WAIT=0.5, DEMO=1)
    system.demo = stage.demo(seconds=11)
    first = system.start()
    if end == "close":
        first.close()
    first.close_stdin()
    first.wait()
    again = system.start()
    status = system.until_status(lambda status: status["state"] == "demo" and status["pid"] == again.process.pid)
    assert status["valid_until_boottime"] - again.acquired["t"] > 5


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "demo.lic: No such file or directory"),
        ("", "demo.lic: it is empty"),
        ("license", "has licenses of a license server, and no demo license"),
    ],
)
def test_r6_a_demo_license_that_is_named_must_be_one(stage: Stage, content: str | None, reason: str) -> None:
    server = stage.stopped_server(HOME)
    system = stage.system((HOME, server), DEMO=1)
    system.demo = system.folder / "demo.lic"
    if content is not None:
        system.demo.write_text(server.container.installed()[HOME].token if content else "")
    places = {"config": system.config, "state": system.state, "vendor-key": system.vendor_key, "demo": system.demo}
    told = sparekey("run", "--app", "Runtime", *(f"--{name}={place}" for name, place in places.items()), "--", "true")
    assert told.returncode == 1
    assert told.stderr.startswith("error: demo license: ")
    assert reason in told.stderr
    assert "it is the file demo.lic that the vendor of the application gives away" in told.stderr


@pytest.mark.parametrize("known", [{"PRODUCT": "scada-runtime"}, {}], ids=["at once", "once home is known"])
def test_r6_a_demo_license_of_another_product_is_told_once(stage: Stage, known: dict[str, str]) -> None:
    system = stage.system((HOME, stage.server(HOME)), DEMO=1, **known)
    demo = issue_license(stage.vendor.key, terms("DEMO-1", product="viewer", demo_seconds=10), None)
    write_license_file(system.folder / "demo.lic", [demo])
    application = system.start()
    assert application.acquired["serial"] == HOME
    application.close()
    assert application.errors.count("demo license DEMO-1 is for viewer and will not serve scada-runtime") == 1


def test_r6_a_bad_demo_license_beside_the_list_stops_nobody(stage: Stage) -> None:
    system = stage.system((HOME, stage.server(HOME)), DEMO=1)
    (system.folder / "demo.lic").mkdir()
    application = system.start()
    assert application.acquired["serial"] == HOME
    application.close()
    assert application.errors.count("it is a folder") == 1
