"""License.ini where another file cannot take its place: a mount of its own, a read-only folder, a second name (R5)."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from sparekey.config import edits, file
from sparekey.config.faults import ConfigError

BEFORE = "; kept\r\n[Runtime]\r\nSERIAL0 = 1\r\n"
AFTER = BEFORE + "SERIAL1 = 2\r\n"
ADD = f"{sys.executable} -m sparekey config add --app Runtime --serial 2 --config"
NOBODY = 65534
MAY_MOUNT = subprocess.run(("unshare", "--mount", "true"), capture_output=True, check=False).returncode == 0

mounts = pytest.mark.skipif(not MAY_MOUNT, reason="no right to make a mount namespace (unshare --mount)")

pytestmark = pytest.mark.plant


class Folder:
    """A folder with License.ini, edited by a command that sees it with mounts of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "License.ini"
        path.mkdir()
        self.config.write_bytes(BEFORE.encode())

    def edit(self, mounts: str, path: str = "License.ini") -> subprocess.CompletedProcess[str]:
        """Mount so, in the folder, then add a license."""
        script = f"{mounts}\n{ADD} {self.path / path}"
        environ = {**os.environ, "SPAREKEY_STATE": str(self.path.parent / "state")}
        return subprocess.run(
            ("unshare", "--mount", "sh", "-ec", script),
            cwd=self.path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    def names(self) -> set[str]:
        return {found.name for found in self.path.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "plant")


@mounts
def test_a_file_that_is_a_mount_of_its_own_is_written_in_place(folder: Folder, tmp_path: Path) -> None:
    source = tmp_path / "source.ini"
    source.write_bytes(BEFORE.encode())
    source.chmod(0o640)
    inode = source.stat().st_ino
    done = folder.edit(f"mount --bind {source} License.ini")
    assert (done.returncode, done.stderr) == (0, "")
    assert source.read_bytes() == AFTER.encode()
    assert (source.stat().st_ino, stat.S_IMODE(source.stat().st_mode)) == (inode, 0o640)
    assert folder.config.read_bytes() == BEFORE.encode()  # beneath the mount
    assert folder.names() == {"License.ini"}


@mounts
def test_a_file_that_is_a_mount_in_a_read_only_folder_is_written_in_place(folder: Folder, tmp_path: Path) -> None:
    source = tmp_path / "source.ini"
    source.write_bytes(BEFORE.encode())
    done = folder.edit(
        f"mount --bind . . && mount -o remount,bind,ro . && cd {folder.path} && mount --bind {source} License.ini"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert source.read_bytes() == AFTER.encode()
    assert folder.names() == {"License.ini"}


@mounts
def test_a_read_only_folder_is_told_and_the_file_is_as_it_was(folder: Folder) -> None:
    refused = folder.edit(f"mount --bind . . && mount -o remount,bind,ro {folder.path}")
    assert refused.returncode == 1
    assert (
        f"error: {folder.config}: cannot be written: Read-only file system; it is as it was; "
        "edit it where it comes from, or mount it for writing"
    ) in refused.stderr
    assert "Traceback" not in refused.stderr
    assert folder.config.read_bytes() == BEFORE.encode()
    assert folder.names() == {"License.ini"}


@mounts
def test_a_new_file_in_a_read_only_folder_is_told_and_nothing_is_left(folder: Folder) -> None:
    refused = folder.edit(f"mount --bind . . && mount -o remount,bind,ro {folder.path}", "more/New.ini")
    assert refused.returncode == 1
    assert "New.ini: cannot be written: Read-only file system" in refused.stderr
    assert folder.names() == {"License.ini"}


@mounts
def test_a_symbolic_link_to_another_file_system_stays(folder: Folder) -> None:
    done = folder.edit(
        "mkdir disk && mount -t tmpfs tmpfs disk && mv License.ini disk && ln -s disk/License.ini License.ini"
        f" && {ADD.replace('--serial 2', '--serial 3')} License.ini && ls -A disk && cat disk/License.ini"
    )
    assert done.returncode == 0, done.stderr
    assert "License.ini\n; kept" in done.stdout  # no other file lies beside it
    assert "SERIAL1 = 3" in done.stdout
    assert folder.config.is_symlink()


@mounts
def test_a_full_disk_is_told_and_neither_a_file_nor_a_folder_is_left(folder: Folder) -> None:
    done = folder.edit(
        "mkdir disk && mount -t tmpfs -o size=16k tmpfs disk && cp License.ini disk"
        f" && ! dd if=/dev/zero of=disk/filler && ! {ADD} disk/License.ini && ! {ADD} disk/more/New.ini"
        " && cmp License.ini disk/License.ini && ls -A disk"
    )
    assert done.stdout.startswith("License.ini\nfiller\n")
    assert done.stderr.count("No space left on device; it is as it was; free space on its disk") == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
@pytest.mark.parametrize(("mode", "written"), [(0o666, True), (0o644, False)])
def test_in_a_folder_of_somebody_else_the_file_is_written_in_place_if_it_may_be(mode: int, *, written: bool) -> None:
    with tempfile.TemporaryDirectory() as name:  # others may go there, not into a folder of pytest
        folder = Folder(Path(name, "plant"))
        folder.path.parent.chmod(0o755)
        folder.config.chmod(mode)
        said = edit_as(NOBODY, folder.config)
        if written:
            assert (said, folder.config.read_bytes()) == ("", AFTER.encode())
        else:
            assert said.endswith("Permission denied; it is as it was; edit it as a user who may write it")
            assert folder.config.read_bytes() == BEFORE.encode()
        assert folder.config.stat().st_uid == 0
        assert folder.names() == {"License.ini"}


def edit_as(user: int, path: Path) -> str:
    """Add a license as another user; what was said against it."""
    os.seteuid(user)
    try:
        file.edit(path, lambda before: edits.add(before, "Runtime", "2"))
    except ConfigError as error:
        return str(error)
    finally:
        os.seteuid(0)
    return ""


def test_a_file_with_two_names_in_two_folders_is_edited_by_one_after_the_other(folder: Folder, tmp_path: Path) -> None:
    other = Folder(tmp_path / "other")
    other.config.unlink()
    other.config.hardlink_to(folder.config)
    command = (sys.executable, "-m", "sparekey", "config", "add", "--app")
    environ = {**os.environ, "SPAREKEY_STATE": str(tmp_path / "state")}
    started = [
        subprocess.Popen(
            (*command, f"App{number}", "--serial", "7", "--config", str(at.config)), env=environ, stdout=subprocess.PIPE
        )
        for number, at in enumerate((folder, other) * 2)
    ]
    for edit in started:
        edit.communicate()
    assert [edit.returncode for edit in started] == [0] * 4
    assert set(file.load(folder.config).sections) == {"runtime", "app0", "app1", "app2", "app3"}
    assert other.config.samefile(folder.config)
