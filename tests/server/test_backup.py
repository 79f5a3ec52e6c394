"""The backup of a container, made while its server runs, and what a restored one does (S4)."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from damage import DAMAGE
from plant import Client, Seeker, Server, plant, sparekey, terms
from sparekey.server.backup import Backup, BackupError
from sparekey.server.container import Container, ContainerError

NAMES = ["container.key", "container.json", "licenses/5-1042.lic"]


@pytest.fixture
def archive(server: Server, tmp_path: Path) -> Path:
    """A backup of the running server."""
    Backup.of(server.state).save(tmp_path / "server.tar")
    return tmp_path / "server.tar"


def test_it_has_the_key_the_licenses_and_the_vendors_but_no_ledger(server: Server, archive: Path) -> None:
    with tarfile.open(archive) as tar:
        assert tar.getnames() == [*NAMES, f"vendors/{server.vendor.key.thumbprint}.json"]
    assert (server.state / "ledger.db").exists()


def test_it_has_a_license_whose_ending_is_written_in_capitals(server: Server, archive: Path) -> None:
    (installed,) = server.container.folder.license_files()
    installed.rename(installed.with_name("PLANT.LIC"))
    Backup.of(server.state).save(archive)
    assert "licenses/PLANT.LIC" in Backup.load(archive).files


def test_t4_the_file_is_its_owners_only_and_so_is_the_key_in_it(archive: Path) -> None:
    previous = os.umask(0)
    try:
        Backup.load(archive).save(archive)
    finally:
        os.umask(previous)
    assert archive.stat().st_mode & 0o777 == 0o600
    with tarfile.open(archive) as tar:
        assert tar.getmember("container.key").mode == 0o600


def test_a_restored_container_is_the_same_one(server: Server, archive: Path, tmp_path: Path) -> None:
    restored = Backup.load(archive).restore(tmp_path / "new" / "state")
    assert (restored.id, restored.name) == (server.container.id, server.container.name)
    assert restored.installed() == server.container.installed()
    assert restored.folder.key.stat().st_mode & 0o777 == 0o600
    assert restored.folder.path.stat().st_mode & 0o777 == 0o700


def test_it_can_be_unpacked_by_tar_alone(archive: Path, tmp_path: Path) -> None:
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "by-hand", filter="data")
    assert Container.open(tmp_path / "by-hand").installed().keys() == {"5-1042"}


@pytest.mark.plant
def test_s4_a_restored_server_gives_seats_back_and_none_away(tmp_path: Path) -> None:
    with plant(tmp_path, "server", ttl=5) as (server,):
        server.install(terms())
        Backup.of(server.state).save(tmp_path / "server.tar")  # before it ever ran
        holder, other = Seeker(), Seeker()
        with Client(server.start().location) as client:
            assert holder.take(client).status == 201
        server.kill()
        server.state.rename(tmp_path / "dead")
        Backup.load(tmp_path / "server.tar").restore(server.state)
        with Client(server.start().location) as client:
            refused = other.take(client)
            assert (refused.status, refused.problem) == (503, "recovering")
            assert holder.renew(client).problem == "no-such-lease"
            assert holder.take(client).status == 201


def test_a_container_that_is_there_stays_as_it_is(server: Server, archive: Path) -> None:
    with pytest.raises(ContainerError, match="has a container already"):
        Backup.load(archive).restore(server.state)


@pytest.mark.parametrize("size", [0, 100, 700, 1100])
def test_a_file_that_was_cut_short_is_no_backup(archive: Path, size: int) -> None:
    archive.write_bytes(archive.read_bytes()[:size])
    with pytest.raises(BackupError, match=r"server\.tar is no whole backup"):
        Backup.load(archive)


def test_neither_a_pipe_nor_a_folder_is_waited_for_or_replaced(server: Server, archive: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(OSError, match="it is a"):
            Backup.load(path)
        with pytest.raises(OSError, match="it is a"):
            Backup.load(archive).save(path)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("file", ["container.key", "container.json"])
@pytest.mark.parametrize("damage", sorted(DAMAGE.keys() - {"huge"}))
def test_a_backup_of_a_damaged_container_is_no_backup(archive: Path, file: str, damage: str) -> None:
    files = Backup.load(archive).files
    Backup({**files, file: DAMAGE[damage](files[file])}).save(archive)
    with pytest.raises(BackupError, match=r"server\.tar is no whole backup"):
        Backup.load(archive)


@pytest.mark.parametrize("name", ["../escaped", "/etc/passwd", "licenses/../../x.lic", "ledger.db"])
def test_what_does_not_belong_into_a_backup_is_refused(archive: Path, name: str) -> None:
    with tarfile.open(archive, "a") as tar:
        tar.addfile(tarfile.TarInfo(name))
    with pytest.raises(BackupError, match="does not belong"):
        Backup.load(archive)


def test_the_key_of_another_container_is_refused(archive: Path, tmp_path: Path) -> None:
    other = Container.init(tmp_path / "other", "other")
    files = {**Backup.load(archive).files, "container.key": other.folder.key.read_bytes()}
    Backup(files).save(archive)
    with pytest.raises(BackupError, match="is not the key"):
        Backup.load(archive)


@pytest.mark.plant
def test_the_commands_say_what_to_keep_secret_and_what_must_never_run_again(server: Server, tmp_path: Path) -> None:
    made = sparekey("server", "backup", str(server.state), "--to", str(tmp_path / "b.tar"))
    assert "1 license file; keep it secret" in made.stdout
    restored = sparekey("server", "restore", str(tmp_path / "b.tar"), str(tmp_path / "new"))
    assert server.container.id in restored.stdout
    assert "the original never runs again" in restored.stdout
    again = sparekey("server", "restore", str(tmp_path / "b.tar"), str(tmp_path / "new"))
    assert again.returncode == 1
    assert again.stderr.startswith("error: ")
