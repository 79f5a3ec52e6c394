"""The list from environment variables, for containers."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparekey.config import file
from sparekey.config.faults import ConfigError
from sparekey.core.entries import Entry, LicenseList, Location

FILE = "[Runtime]\nPRODUCT = old\nSERIAL0 = 1\nSERIAL1 = 2\nMIN_BACKUPS = 2\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "License.ini"
    path.write_text(FILE)
    return path


def test_a_variable_that_lists_a_license_replaces_the_whole_section(path: Path) -> None:
    environ = {
        "RUNTIME_LICENSING_SERIAL0": "5-1042",
        "RUNTIME_LICENSING_SERIAL0_LOCATION": "server-a",
        "RUNTIME_LICENSING_SERIAL1": "*",
        "RUNTIME_LICENSING_DEMO": "1",
    }
    entries = (Entry(0, "5-1042", Location("server-a")), Entry(1, "*"))
    assert file.read(path, "Runtime", environ) == LicenseList(entries, product=None, demo=True)


def test_no_file_is_needed_then(tmp_path: Path) -> None:
    assert file.read(tmp_path / "none", "Runtime", {"RUNTIME_LICENSING_SERIAL0": "7"}).initial == Entry(0, "7")


def test_a_bad_file_does_no_harm_then(path: Path) -> None:
    path.write_bytes(b"\0")
    assert file.read(path, "Runtime", {"RUNTIME_LICENSING_SERIAL0": "7"}).initial == Entry(0, "7")


def test_without_a_license_the_variables_go_before_the_keys_of_the_section(path: Path) -> None:
    found = file.read(path, "Runtime", {"RUNTIME_LICENSING_PRODUCT": "new", "RUNTIME_LICENSING_DEMO": "1"})
    assert (found.product, found.demo, len(found.entries), found.min_backups) == ("new", True, 2, 2)


@pytest.mark.parametrize("app", ["My plant-3", "my PLANT 3"])
def test_the_name_of_a_section_is_in_capitals_with_other_characters_as_underscores(app: str, tmp_path: Path) -> None:
    assert file.read(tmp_path / "none", app, {"MY_PLANT_3_LICENSING_SERIAL0": "7"}).initial.serial == "7"


@pytest.mark.parametrize("environ", [{"OTHER_LICENSING_SERIAL0": "7"}, {"RUNTIME_LICENSING_SERIAL0": ""}])
def test_variables_of_another_application_and_empty_ones_say_nothing(environ: dict[str, str], path: Path) -> None:
    assert file.read(path, "Runtime", environ) == file.read(path, "Runtime", {})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("SERIAL1", "7", "SERIAL0 missing"),
        ("SERIAL11", "7", "10 backups at most"),
        ("SERIAL0", "*", "'*' is for backups"),
        ("SERIAL0_LOCATION", "a", "stands without SERIAL0"),
    ],
)
def test_a_fault_is_told_with_the_variable(name: str, text: str, said: str, path: Path) -> None:
    with pytest.raises(ConfigError, match=f"^RUNTIME_LICENSING_{name}: ") as caught:
        file.read(path, "Runtime", {f"RUNTIME_LICENSING_{name}": text})
    assert said in str(caught.value)
