"""License.ini as people leave it."""

from __future__ import annotations

import pytest

from doctor.clinic import look_at
from stories.stage import HOME, Stage

pytestmark = pytest.mark.plant


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[Runtime]\nSERIAL0 = 1\nSERIAL2 = 3\n", 3, "SERIAL1 missing before SERIAL2"),
        ("[Runtime]\nSERIAL1 = 3\n", 2, "SERIAL0 missing before SERIAL1"),
        ("[Runtime]\nSERIAL0 = 1\nSERIAL0_LOCATION = http://server-a/\n", 3, "is no location"),
        ("[Runtime]\nSERIAL0 = 1\nserial0 = 2\n", 3, ""),
    ],
)
def test_r5_a_fault_is_told_with_its_line(stage: Stage, text: str, line: int, said: str) -> None:
    system = stage.system()
    system.config.write_text(text)
    assert "sparekey config list" in look_at(system).fault(f"{system.config}:{line}: ", said)


def test_a_list_that_is_missing_says_how_to_make_one(stage: Stage) -> None:
    system = stage.system()
    system.config.unlink()
    assert look_at(system).fault(str(system.config), "no such file") == (
        f"sparekey config add --config {system.config} --app APP --serial SERIAL --server HOST:PORT"
    )


def test_an_application_that_is_not_listed_says_which_are(stage: Stage) -> None:
    system = stage.system((HOME, stage.server(HOME)))
    assert look_at(system, "--app", "Archive").fault("no section [Archive]", "[Runtime]")


def test_a_file_without_applications(stage: Stage) -> None:
    system = stage.system()
    system.config.write_text("; nothing yet\n")
    assert "sparekey config add" in look_at(system).fault("no application is listed")


def test_a_bad_section_keeps_nobody_from_looking_at_a_good_one(stage: Stage) -> None:
    server = stage.server(HOME)
    system = stage.system((HOME, server), MIN_BACKUPS=0)
    with system.config.open("a") as file:
        file.write("[Archive]\nSERIAL1 = 1\n")
    report = look_at(system)
    assert report.fault("SERIAL0 missing")
    assert any(server.location in line for line in report.of("ok"))
    assert look_at(system, "--app", "Runtime").is_well
