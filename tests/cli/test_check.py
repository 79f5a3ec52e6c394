"""`sparekey config check`: what it says of real license servers, and what a loss would lead to."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from plant import EXPIRED, Server, plant, sparekey, terms
from sparekey.trust import issue_license, write_license_file
from systems import System

pytestmark = pytest.mark.plant


class Site:
    """Two license servers, A with 5-1042 and B with 5-1043, and a system."""

    def __init__(self, folder: Path, a: Server, b: Server) -> None:
        self.a, self.b = a, b
        self.system = System(folder / "pc", a.vendor.public)
        self.system.list(("5-1042", a), ("5-1043", b))

    def check(self, *arguments: str, system: System | None = None) -> subprocess.CompletedProcess[str]:
        at = system or self.system
        places = ("--config", str(at.config), "--vendor-key", str(at.vendor_key), "--state", str(at.state))
        return sparekey("config", "check", *places, *arguments)

    def facts(self, app: str = "Runtime") -> dict[str, Any]:
        """What it says of one application to programs."""
        applications = json.loads(self.check("--json").stdout)["applications"]
        return next(each for each in applications if each["app"] == app)

    def entry(self, number: int) -> dict[str, Any]:
        entry: dict[str, Any] = self.facts()["entries"][number]
        return entry


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with plant(tmp_path, "A", "B") as (a, b):
        a.install(terms("5-1042"))
        b.install(terms("5-1043"))
        site = Site(tmp_path, a.start(), b.start())
        yield site
        site.system.end()


def rows(said: subprocess.CompletedProcess[str]) -> list[list[str]]:
    return [line.split() for line in said.stdout.splitlines()]


def test_where_nothing_runs_it_judges_as_for_a_start(site: Site) -> None:
    said = site.check()
    assert (said.returncode, said.stderr) == (0, "")
    assert (
        f"Nothing runs. A start would take the initial license, 5-1042 at {site.a.location}; "
        f"if that were lost, it would switch to backup 1, 5-1043 at {site.b.location}."
    ) in said.stdout
    assert "this one" not in said.stdout
    assert site.facts()["runs"] is False
    assert [entry["in_use"] for entry in site.facts()["entries"]] == [False, False]


def test_where_nothing_runs_and_home_is_down_a_start_would_take_a_backup(site: Site) -> None:
    assert site.check().returncode == 0  # its terms are known from now on
    site.a.kill()
    assert (
        f"A start would wait 5 s at most for the initial license, 5-1042 at {site.a.location} "
        f"({site.a.location} refused the connection), then take backup 1, 5-1043 at {site.b.location}."
    ) in site.check().stdout


def test_the_license_in_use_and_its_container_are_shown(site: Site) -> None:
    site.system.start()
    said = site.check()
    assert f"If 5-1042 were lost now, it would switch to backup 1, 5-1043 at {site.b.location}." in said.stdout
    own, backup = (site.entry(number) for number in (0, 1))
    assert (own["in_use"], own["could_be_taken"], backup["in_use"], backup["could_be_taken"]) == (
        True, False, False, True,
    )  # fmt: skip
    short = site.b.container.key.thumbprint[:8]
    assert ["backup", "1", "5-1043", site.b.location, "B", short, "free", "yes", "no", "end", "free"] in rows(said)
    assert backup["container"] == {"id": site.b.container.key.thumbprint, "name": "B"}
    assert site.facts()["in_use"] == {"entry": 0, "serial": "5-1042", "location": site.a.location}


def test_what_it_says_happens(site: Site) -> None:
    app = site.system.start()
    foretold = site.facts()["next"]
    site.a.kill()
    change = app.until("change")
    assert (foretold["serial"], foretold["location"]) == (change["new"], site.b.location)


def test_a_seat_that_is_held_is_shown_with_its_holder_and_since_when(site: Site, tmp_path: Path) -> None:
    other = System(tmp_path / "other", site.a.vendor.public)
    try:
        other.list(("5-1043", site.b))
        other.start()
        said, entry = site.check(), site.entry(1)
    finally:
        other.end()
    assert said.returncode == 1
    assert f"in use by Runtime on {entry['holders'][0]['system_name']} since 2" in said.stdout
    held = datetime.fromisoformat(entry["holders"][0]["since"])
    assert abs(datetime.now(UTC) - held) < timedelta(minutes=5)
    assert (entry["state"], entry["could_be_taken"], entry["reachable"]) == ("in use", False, True)


def test_r3_worse_expired_and_silent_are_told_with_reasons(site: Site) -> None:
    site.b.install(terms("5-1044", limits={"tags": 500}), terms("5-1045", valid_until=EXPIRED), terms("5-1043"))
    site.system.list(("5-1042", site.a), ("5-1044", site.b), ("5-1045", site.b), ("5-1046", "127.0.0.1:1"))
    site.b.restart()
    _, worse, expired, silent = site.facts()["entries"]
    assert (worse["state"], worse["equal_or_better"], worse["reason"]) == ("worse", False, "tags 500 < 1500")
    assert (expired["state"], expired["days_left"], expired["valid_until"]) == ("not valid", 0, "2020-12-31")
    assert (silent["state"], silent["reachable"], silent["container"]) == ("silent", False, None)
    assert "not reached" in site.check().stdout


def test_days_left_are_whole_days_after_this_one(site: Site) -> None:
    site.b.install(terms("5-1043", valid_until=datetime.now(UTC).date() + timedelta(days=10), issued=2000))
    site.b.restart()
    assert site.entry(1)["days_left"] in (9, 10)  # the day may change meanwhile


def test_where_nothing_could_be_taken_it_says_when_the_license_ends(site: Site) -> None:
    site.system.start()
    site.b.kill()
    said = site.check()
    assert said.returncode == 1
    assert "If 5-1042 were lost now, nothing could be taken: the application would lose its license at 2" in said.stdout
    assert "error: [Runtime] 0 backups could be taken now, 1 are wanted" in said.stderr


def test_r6_where_nothing_could_be_taken_it_says_for_how_long_demo_would_serve(site: Site) -> None:
    demo = terms("demo", demo_seconds=1800)
    write_license_file(site.system.folder / "demo.lic", [issue_license(site.a.vendor.key, demo, None)])
    site.system.list(("5-1042", site.a), DEMO=1)
    site.system.start()
    assert "nothing could be taken: it would run on the demo license for 1800 s." in site.check().stdout
    assert site.facts()["demo_seconds"] == 1800


def test_r6_a_demo_license_of_another_product_is_told(site: Site) -> None:
    demo = terms("demo", product="viewer", demo_seconds=1800)
    write_license_file(site.system.folder / "demo.lic", [issue_license(site.a.vendor.key, demo, None)])
    site.system.list(("5-1042", site.a), DEMO=1)
    assert "The demo license demo is for viewer and will not serve scada-runtime" in site.check().stdout
    assert site.facts()["demo_seconds"] == 0
    site.system.list(("5-1042", site.a), DEMO=0)
    assert site.facts()["demo_misfit"] == ""


def test_a_backup_on_the_same_license_server_is_told(site: Site) -> None:
    site.a.install(terms("5-1042"), terms("5-1050"))
    site.a.restart()
    site.system.list(("5-1042", site.a), ("5-1050", site.a), ("5-1043", site.b))
    assert (
        f"it would switch to backup 1, 5-1050 at {site.a.location}, which is on the same license server: "
        f"if that were lost, it would switch to backup 2, 5-1043 at {site.b.location}."
    ) in site.check().stdout


def test_r13_a_license_that_is_named_and_found_by_a_star_is_one_backup(site: Site) -> None:
    site.system.list(("5-1042", site.a), ("5-1043", site.b), ("*", site.b), MIN_BACKUPS=2)
    said = site.check()
    assert said.returncode == 1
    assert "[Runtime] 1 backups could be taken now, 2 are wanted" in said.stderr
    assert site.facts()["could_be_taken"] == 1


def test_r13_the_initial_license_found_by_a_star_is_named_as_no_backup(site: Site) -> None:
    site.system.list(("5-1042", site.a), ("*", site.a))
    said = site.check()
    assert said.returncode == 1
    assert said.stdout.count("free, but the same license: no backup of itself") == 1


def test_r13_all_short_sections_are_named_and_a_fault_stops_no_other_section(site: Site) -> None:
    site.system.list(("5-1042", site.a))
    more = f"[Good]\nSERIAL0 = 5-1042\nSERIAL0_LOCATION = {site.a.location}\nMIN_BACKUPS = 0\n[Short]\nSERIAL0 = 5-9\n"
    site.system.config.write_text(site.system.config.read_text() + more + "[Bad]\nSERIAL1 = 7\n")
    said = site.check()
    assert said.returncode == 1
    assert "[Good]" in said.stdout
    assert f"{site.system.config}:11: SERIAL0 missing before SERIAL1" in said.stderr
    assert "[Runtime] 0 backups could be taken now, 1 are wanted\n[Short] 0 backups" in said.stderr
    assert "[Good]" not in said.stderr
    told = json.loads(site.check("--json").stdout)
    assert [each["app"] for each in told["applications"]] == ["Runtime", "Good", "Short"]
    assert [fault["line"] for fault in told["faults"]] == [11]
    assert site.check("--app", "Good").returncode == 0


def test_s5_a_container_that_is_met_at_two_addresses_is_reported(site: Site) -> None:
    port = site.b.port
    site.system.list(("5-1042", site.a), ("5-1043", site.b), ("5-1043", f"localhost:{port}"))
    said = site.check()
    assert f"was met at 127.0.0.1:{port} and at localhost:{port}" in said.stdout
    assert said.stdout.count("(twice)") == 2
    met = site.facts()["met_twice"]
    assert met == [
        {
            "container": site.b.container.key.thumbprint,
            "name": "B",
            "locations": [f"127.0.0.1:{port}", f"localhost:{port}"],
        }
    ]


def test_the_license_in_use_by_another_address_is_no_backup(site: Site) -> None:
    site.system.list(("5-1042", site.a), ("5-1042", f"localhost:{site.a.port}"))
    site.system.start()
    said = site.check()
    assert said.returncode == 1
    assert said.stdout.count("this one") == 2
    assert [entry["could_be_taken"] for entry in site.facts()["entries"]] == [False, False]


def test_r3_a_check_keeps_the_terms_of_the_initial_license_but_no_older_issue_of_them(site: Site) -> None:
    older = site.a.state / "older"
    shutil.copytree(site.a.state / "licenses", older)
    site.a.install(terms("5-1042", issued=2000, limits={"tags": 1}))
    site.a.restart()
    site.check()
    cached = next((site.system.state / "licenses").iterdir())
    newer = cached.read_text()
    site.a.stop()
    shutil.rmtree(site.a.state / "licenses")
    older.rename(site.a.state / "licenses")
    site.a.start()
    site.check()
    assert cached.read_text() == newer
    add = ("--app", "Other", "--serial", "5-1042", "--server", site.a.location, "--state", str(site.system.state))
    places = ("--config", str(site.system.config), "--vendor-key", str(site.system.vendor_key))
    added = sparekey("config", "add", *add, *places, "--json")
    assert json.loads(added.stdout)["terms_known"] is True
    assert cached.read_text() == newer
