"""A state folder whose files were damaged: one warning, what was lost is fetched anew, and the license is held."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import sparekey
from damage import DAMAGE
from plant import Server, plant, terms
from sparekey.client.system import StateError

pytestmark = pytest.mark.plant

WARNED_OF = ("system", "licenses/*", "applications/*/starts", "applications/*/secret", "applications/*/held")
SILENT = ("servers/*", "applications/*/status")
"""Worth nothing once they are damaged, and written anew all the time."""


@dataclass(frozen=True)
class Computer:
    """A state folder as a run has left it, a copy of it to go back to, and who is asked for a license."""

    state: Path
    good: Path
    config: Path
    server: Server

    def hold(self) -> str:
        """Hold a license for a moment; its serial number."""
        with sparekey.acquire(
            "Runtime", config=self.config, vendor_key=self.server.vendor.public, state=self.state
        ) as license_:
            assert license_.is_valid()
            return license_.serial_number

    def restore(self) -> None:
        shutil.rmtree(self.state, ignore_errors=True)
        shutil.copytree(self.good, self.state)

    def file(self, pattern: str) -> Path:
        (found,) = self.state.glob(f"{pattern}.json")
        return found


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Computer]:
    folder = tmp_path_factory.mktemp("computer")
    with plant(folder, "server") as (server,):
        server.install(terms(seats=1000))
        server.start()
        config = folder / "License.ini"
        config.write_text(f"[Runtime]\nSERIAL0 = 5-1042\nSERIAL0_LOCATION = {server.location}\n")
        computer = Computer(folder / "state", folder / "good", config, server)
        assert computer.hold() == "5-1042"
        computer.state.rename(computer.good)
        yield computer


@pytest.fixture
def computer(once: Computer) -> Computer:
    once.restore()
    return once


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "sparekey"]


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("pattern", WARNED_OF)
def test_a_damaged_file_is_warned_of_once_and_the_license_is_held(
    computer: Computer, pattern: str, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = computer.file(pattern)
    file.write_bytes(damaged := DAMAGE[damage](file.read_bytes()))
    assert computer.hold() == "5-1042"
    (warning,) = warnings(caplog)
    assert warning.startswith(f"{file} is damaged (")
    assert file.with_name(f"{file.name}.damaged").read_bytes() == damaged
    assert computer.hold() == "5-1042"
    assert len(warnings(caplog)) == 1


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("pattern", SILENT)
def test_what_is_written_all_the_time_is_written_anew(
    computer: Computer, pattern: str, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = computer.file(pattern)
    file.write_bytes(damaged := DAMAGE[damage](file.read_bytes()))
    assert computer.hold() == "5-1042"
    assert file.read_bytes() != damaged
    assert warnings(caplog) == []


def test_r3_a_cached_license_that_was_changed_is_fetched_anew(
    computer: Computer, caplog: pytest.LogCaptureFixture
) -> None:
    file = computer.file("licenses/*")
    good = file.read_bytes()
    middle = len(good) // 2
    file.write_bytes(good[:middle] + (b"A" if good[middle : middle + 1] != b"A" else b"B") + good[middle + 1 :])
    assert computer.hold() == "5-1042"
    (warning,) = warnings(caplog)
    assert warning.startswith(f"{file} is damaged (")
    assert file.read_bytes() == good


def test_r3_a_cached_license_of_another_vendor_is_another_applications(
    computer: Computer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with plant(tmp_path, "other") as (other,):
        other.install(terms())
        token = other.container.installed()["5-1042"].token
    file = computer.file("licenses/*")
    file.write_text(f'{{"serial":"5-1042","license":"{token}"}}')
    assert computer.hold() == "5-1042"
    assert warnings(caplog) == []


def test_a_state_file_that_is_a_folder_is_told_with_what_to_do(computer: Computer) -> None:
    file = computer.file("applications/*/secret")
    file.unlink()
    file.mkdir()
    with pytest.raises(StateError, match=rf"it is a folder; .* \({file}\); .* --state or SPAREKEY_STATE"):
        computer.hold()
