"""License.ini on the disk: found, read, watched, and changed whole or not at all."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from sparekey.config import edits, file
from sparekey.config.document import LARGEST, Document
from sparekey.config.faults import ConfigError
from sparekey.config.replace import locked
from sparekey.config.watch import WatchedList
from sparekey.core.entries import EntryError

ONE = b"; kept\n[Runtime]\nSERIAL0 = 1\n"
FULL = b"[Runtime]\n" + b"".join(b"SERIAL%d = %d\n" % (n, n) for n in range(11))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "License.ini"
    path.write_bytes(ONE)
    return path


def add(path: Path, serial: str = "2", app: str = "Runtime") -> None:
    file.edit(path, lambda before: edits.add(before, app, serial), make=True)


def test_the_file_is_where_the_option_says_else_the_variable_else_the_site() -> None:
    environ = {"SPAREKEY_CONFIG": "/plant/License.ini"}
    assert file.locate(Path("here.ini"), environ) == Path("here.ini")
    assert file.locate(None, environ) == Path("/plant/License.ini")
    assert file.locate(None, {}).parts[-2:] == ("sparekey", "License.ini")


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none: no such file; .*`sparekey config add`"):
        file.read(tmp_path / "none", "Runtime", {})


@pytest.mark.parametrize(
    "make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to(path)], ids=["folder", "pipe", "endless link"]
)
def test_what_is_no_file_is_told_and_left_alone(make: object, tmp_path: Path) -> None:
    path = tmp_path / "License.ini"
    assert callable(make)
    make(path)
    before = path.lstat()
    with pytest.raises(ConfigError, match="cannot be read: "):
        add(path)
    assert path.lstat() == before


def test_r5_an_edit_changes_its_lines_and_leaves_no_other_file(path: Path) -> None:
    add(path)
    assert path.read_bytes() == ONE + b"SERIAL1 = 2\n"
    assert os.listdir(path.parent) == ["License.ini"]  # noqa: PTH208


def test_a_new_file_is_made_with_its_folder(tmp_path: Path) -> None:
    add(tmp_path / "sparekey" / "License.ini")
    assert (tmp_path / "sparekey" / "License.ini").read_bytes() == b"[Runtime]\nSERIAL0 = 2\n"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_r5_the_mode_stays(mode: int, path: Path) -> None:
    path.chmod(mode)
    add(path)
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_r5_the_owner_stays(path: Path) -> None:
    os.chown(path, 1234, 2345)
    add(path)
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 2345)


def test_r5_a_symbolic_link_stays_and_its_target_is_written(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "links"
    folder.mkdir()
    link = folder / "License.ini"
    link.symlink_to("../License.ini")
    add(link)
    assert link.is_symlink()
    assert path.read_bytes() == ONE + b"SERIAL1 = 2\n"


def test_r5_a_hard_link_stays(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.ini"
    other.hardlink_to(path)
    add(path)
    assert other.samefile(path)
    assert other.read_bytes() == ONE + b"SERIAL1 = 2\n"


def test_r5_a_reader_keeps_the_file_that_it_opened(path: Path) -> None:
    with path.open("rb") as reader:
        add(path)
        assert reader.read() == ONE


def test_r2_an_eleventh_backup_leaves_the_file_as_it_was(path: Path) -> None:
    path.write_bytes(FULL)
    before = path.stat()
    with pytest.raises(EntryError, match="10 backups"):
        add(path)
    assert path.read_bytes() == FULL
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_is_refused_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(EntryError):
        add(tmp_path / "sparekey" / "License.ini", serial="*")
    assert not (tmp_path / "sparekey").exists()


def test_a_file_does_not_grow_over_what_is_read(path: Path) -> None:
    full = ONE.ljust(LARGEST, b";")
    path.write_bytes(full)
    with pytest.raises(ConfigError, match="would be larger than 64 KB"):
        add(path)
    assert path.read_bytes() == full


def test_what_a_crash_left_is_cleared_away(path: Path) -> None:
    path.with_name(".License.ini.new").write_text("half")
    add(path)
    assert not path.with_name(".License.ini.new").exists()
    assert path.read_bytes() == ONE + b"SERIAL1 = 2\n"


def test_edits_at_once_do_not_lose_one_another(path: Path) -> None:
    threads = [threading.Thread(target=add, args=(path, "7", f"App{n}")) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = {section.name for section in file.load(path).sections.values()}
    assert names == {"Runtime", *(f"App{n}" for n in range(12))}


def test_an_edit_that_does_not_end_is_told_with_what_to_do(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparekey.config.replace.PATIENCE", 0.0)
    with locked(path), pytest.raises(ConfigError, match="another edit has not ended; it is as it was; try again"):
        add(path)
    assert path.read_bytes() == ONE


def test_a_failing_change_leaves_the_file_as_it_was(path: Path) -> None:
    def refuse(_document: Document) -> Document:
        raise EntryError("no")

    with pytest.raises(EntryError):
        file.edit(path, refuse)
    assert path.read_bytes() == ONE


def test_r5_a_changed_file_is_read_again(path: Path) -> None:
    watched = WatchedList(path, "Runtime", {})
    assert watched.refresh() is watched.current
    add(path)
    assert [entry.serial for entry in watched.refresh().entries] == ["1", "2"]


@pytest.mark.parametrize("bad", [b"", b"[Runtime]\nSERIAL1 = 2\n", None], ids=["empty", "gap", "gone"])
def test_r5_a_bad_file_leaves_the_last_good_list_in_force_until_it_is_good_again(bad: bytes | None, path: Path) -> None:
    watched = WatchedList(path, "Runtime", {})
    good = watched.current
    path.write_bytes(bad) if bad is not None else path.unlink()
    for _ in range(2):
        with pytest.raises(ConfigError):
            watched.refresh()
        assert watched.current is good
    path.write_bytes(ONE.replace(b"1", b"3"))
    assert watched.refresh().initial.serial == "3"


def test_all_lists_of_a_file_are_read_and_all_its_faults(path: Path) -> None:
    path.write_bytes(ONE + b"[General]\nColour = blue\n[Bad]\nSERIAL1 = 2\n[Env]\nDEMO = 1\n[Worse\n")
    found = file.read_all(path, {"ENV_LICENSING_SERIAL0": "9"})
    assert {app: listed.initial.serial for app, listed in found.lists.items()} == {"Runtime": "1", "Env": "9"}
    assert [fault.place.line for fault in found.faults] == [7, 10]


def test_an_application_is_called_as_its_section_has_it(tmp_path: Path) -> None:
    path = tmp_path / "License.ini"
    path.write_text("[Runtime]\nSERIAL0 = 5-1042\n")
    assert file.spelled(path, "RUNTIME", {}) == "Runtime"
    assert file.spelled(tmp_path / "none", "RUNTIME", {"RUNTIME_LICENSING_SERIAL0": "5-1042"}) == "RUNTIME"
