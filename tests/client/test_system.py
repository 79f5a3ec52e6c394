"""The state folder of a system."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from damage import no_longer_root
from sparekey.client.system import StateError, System, default_folder, file_name
from sparekey.core.entries import Location

OPEN = """
import sys, pathlib
from sparekey.client.system import System
sys.stdin.readline()
print(System.open(pathlib.Path(sys.argv[1])).id)
"""


def ids_of_starts_at_once(state: Path, count: int) -> set[str]:
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(count)
    ]
    for start in starts:
        assert start.stdin is not None
        start.stdin.write("go\n")
        start.stdin.flush()
    return {start.communicate()[0].strip() for start in starts}


def test_the_id_is_random_and_stays(tmp_path: Path) -> None:
    first, second = System.open(tmp_path / "a"), System.open(tmp_path / "b")
    assert first.id != second.id
    assert len(first.id) == 32
    assert System.open(tmp_path / "a").id == first.id


def test_applications_that_first_start_at_once_agree_on_the_id(tmp_path: Path) -> None:
    assert len(ids_of_starts_at_once(tmp_path, 4)) == 1


def test_applications_that_find_a_damaged_id_at_once_agree_on_the_new_one(tmp_path: Path) -> None:
    (tmp_path / "system.json").write_bytes(b"")
    ids = ids_of_starts_at_once(tmp_path, 4)
    assert ids == {System.open(tmp_path).id}


@pytest.mark.parametrize("damage", [b"", b'{"id":"0123', b"\0" * 40, b'{"id":"short"}', b'{"id":1}', b"\xff\xfe"])
def test_a_damaged_id_is_warned_of_once_and_made_anew(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    old = System.open(tmp_path).id
    (tmp_path / "system.json").write_bytes(damage)
    new = System.open(tmp_path).id
    assert new != old
    assert System.open(tmp_path).id == new
    assert [record.name for record in caplog.records] == ["sparekey"]
    assert (tmp_path / "system.json.damaged").read_bytes() == damage


def test_the_name_is_what_is_given_then_the_environments_then_the_hosts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPAREKEY_SYSTEM", "line 4")
    assert System.open(tmp_path, "line 3").name == "line 3"
    assert System.open(tmp_path).name == "line 4"
    monkeypatch.delenv("SPAREKEY_SYSTEM")
    assert System.open(tmp_path).name == socket.gethostname()


@pytest.mark.parametrize(
    ("given_name", "name"), [("Prüfstand\n", "Pr?fstand?"), ("x" * 70, "x" * 64), ("  ", "system")]
)
def test_a_name_is_made_printable_ascii(tmp_path: Path, given_name: str, name: str) -> None:
    assert System.open(tmp_path, given_name).name == name


def test_the_folder_is_the_environments_or_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPAREKEY_STATE", str(tmp_path / "there"))
    assert System.open().folder == tmp_path / "there"
    monkeypatch.delenv("SPAREKEY_STATE")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "sparekey"


def test_a_folder_that_cannot_be_used_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match=r"state folder .*file/state cannot be used: .* --state or SPAREKEY_STATE"):
        System.open(tmp_path / "file" / "state")


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with no_longer_root(), pytest.raises(StateError, match="Permission denied"):
        System.open(tmp_path)


@given(st.text(max_size=200), st.text(max_size=200))
def test_file_names_are_safe_and_differ_where_texts_differ_also_without_case(one: str, other: str) -> None:
    names = [file_name(text) for text in (one, other)]
    assert all(len(name) <= 64 and set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for name in names)
    assert (names[0].casefold() == names[1].casefold()) == (one == other)


def test_file_names_differ_where_only_the_case_does() -> None:
    assert file_name("Runtime") != file_name("runtime")
    assert file_name("Runtime").startswith("runtime-")


def test_r3_a_license_is_cached_for_the_whole_system(tmp_path: Path) -> None:
    System.open(tmp_path).cache_license("5-1042", "a.b.c")
    assert System.open(tmp_path).cached_license("5-1042") == "a.b.c"
    assert System.open(tmp_path).cached_license("5-1043") is None


def test_s5_which_container_was_met_where_is_kept(tmp_path: Path) -> None:
    system, here, there = System.open(tmp_path), Location("server-a", 6350), Location("server-a", 6351)
    system.remember_container(here, "one")
    system.remember_container(here, "two")
    assert (system.met_container(here), system.met_container(there)) == ("two", None)
    system.server_path(here).write_bytes(b"")
    assert system.met_container(here) is None


@pytest.mark.parametrize(
    "damage", [b"", b'{"serial":"5-1042","license":"a.b', b'{"serial":"5-1042","license":"a.b.c"}x']
)
def test_r3_a_damaged_license_is_none_and_warned_of(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    system = System.open(tmp_path)
    system.cache_license("5-1042", "a.b.c")
    system.license_path("5-1042").write_bytes(damage)
    assert system.cached_license("5-1042") is None
    assert len(caplog.records) == 1
    system.cache_license("5-1042", "a.b.c")
    assert system.cached_license("5-1042") == "a.b.c"
