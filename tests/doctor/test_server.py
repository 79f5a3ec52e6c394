"""A license server's folder, and whether the server is there."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from doctor.clinic import as_usual, look_at_server
from faults.disk import small_disk
from plant import EXPIRED, NOT_YET, Server, Vendor, terms
from stories.stage import BACKUP, HOME, Stage

pytestmark = pytest.mark.plant


@pytest.fixture
def server(stage: Stage) -> Server:
    """A server that runs and has one license."""
    return stage.server(HOME)


def test_a_server_that_runs_is_well(server: Server) -> None:
    report = look_at_server(server)
    assert report.is_well, report
    assert f"license {HOME}: valid without an end" in report.of("ok")


def test_a_folder_without_a_container(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "none"):
        report = look_at_server(folder)
        assert report.fault(str(folder), "has no container").startswith(f"sparekey server init {folder}")
    assert not (tmp_path / "none").exists()


def test_t4_a_key_that_others_may_read(server: Server) -> None:
    server.container.folder.key.chmod(0o644)
    report = look_at_server(server)
    assert report.fault("others may use the private key (mode 0644)").startswith("chmod 600")


def test_a_key_that_is_missing(server: Server) -> None:
    server.stop()
    key = server.container.folder.key
    text = key.read_text()
    key.unlink()
    report = look_at_server(server)
    assert "from a backup" in report.fault(str(key), "the key is missing")
    key.write_text(text[:-20])
    key.chmod(0o600)
    broken = look_at_server(server)
    assert "sparekey server restore" in broken.fault(str(key))
    assert text[30:60] not in str(broken)


@pytest.mark.parametrize("name", [".", "container.json", "container.key"])
def test_what_may_not_be_read_is_no_damage_that_a_backup_would_mend(server: Server, name: str) -> None:
    path = server.state / name
    mode = path.stat().st_mode
    path.chmod(0)
    cure = look_at_server(server, through=as_usual()).fault(str(path), "may not be read by this user")
    path.chmod(mode)
    assert cure == f"ls -ld {path}; run it as its owner, or mend the rights"


def test_a_container_whose_facts_are_spoilt(server: Server) -> None:
    server.container.folder.facts.write_bytes(b"")
    assert "sparekey server restore" in look_at_server(server).fault("container.json is not what")


def test_a_license_file_that_cannot_be_read(server: Server) -> None:
    garbage = server.container.folder.licenses / "garbage.lic"
    garbage.write_text("hello\n")
    assert "as the vendor sent it" in look_at_server(server).fault(str(garbage), "line 1")


def test_t1_a_license_of_another_vendor(server: Server, tmp_path: Path) -> None:
    file = server.container.folder.licenses / "other.lic"
    Vendor(tmp_path / "other").issue(server.container, terms(BACKUP), out=file)
    assert look_at_server(server).fault(str(file), "line 1")


def test_t1_a_license_that_is_bound_to_another_container(server: Server, stage: Stage) -> None:
    other = stage.stopped_server("5-7")
    file = server.container.folder.licenses / "other.lic"
    stage.vendor.issue(other.container, terms(BACKUP), out=file)
    cure = look_at_server(server).fault(f"license {BACKUP} is bound to container {other.container.id}")
    assert "sparekey server request" in cure


def test_vendor_keys_that_are_spoilt(server: Server) -> None:
    (pinned,) = server.container.folder.vendors.iterdir()
    pinned.write_bytes(b"{")
    assert "--vendor-key" in look_at_server(server).fault(str(pinned))


def test_s7_licenses_that_end(server: Server) -> None:
    today = datetime.now(UTC).date()
    server.install(
        terms("5-1", valid_until=EXPIRED),
        terms("5-2", valid_until=today + timedelta(days=10)),
        terms("5-3", valid_until=today + timedelta(days=400)),
        terms("5-4", valid_from=NOT_YET),
    )
    report = look_at_server(server)
    assert "sparekey server install" in report.fault("license 5-1", "expired on 2020-12-31")
    assert "order a new one" in report.warning("license 5-2", "in 10 days")
    assert report.warning("license 5-4", "not valid before")
    assert any(line.startswith("license 5-3: valid until") for line in report.of("ok"))


def test_an_expired_license_beside_its_renewal_is_nothing(server: Server) -> None:
    for issued, until in ((2000, EXPIRED), (3000, None)):
        file = server.container.folder.licenses / f"{issued}.lic"
        server.vendor.issue(server.container, terms("5-1", issued=issued, valid_until=until), out=file)
    assert look_at_server(server).is_well


def test_no_license_is_installed(stage: Stage) -> None:
    server = stage.server(HOME)
    server.remove(HOME)
    report = look_at_server(server)
    assert "sparekey server request" in report.warning("no license is installed")


def test_s5_a_server_that_does_not_run(server: Server) -> None:
    server.kill()
    cure = look_at_server(server).fault(str(server.state), "the license server does not run")
    assert cure.startswith(f"sparekey server run {server.state}")


def test_a_port_that_another_program_has(server: Server, stage: Stage) -> None:
    server.stop()
    foreign = stage.foreign(404)
    report = look_at_server(server, "--listen", foreign.location)
    assert report.fault("its port is busy: it is a web server").startswith("ss -ltnp")
    other = stage.server(BACKUP)
    report = look_at_server(server, "--listen", other.location)
    assert report.fault(f"another license server is, container {other.container.id}")


def test_a_server_that_listens_elsewhere(server: Server, stage: Stage) -> None:
    report = look_at_server(server, "--listen", stage.stopped_server(HOME).location)
    assert "--listen HOST:PORT" in report.warning("the license server runs, but is not met here")
    assert report.code == 0


def test_a_server_that_hangs(server: Server) -> None:
    server.pause()
    assert look_at_server(server).warning("is not met here: nothing is said")


def test_s4_a_ledger_that_is_missing(server: Server) -> None:
    server.stop()
    server.container.folder.ledger.unlink()
    report = look_at_server(server)
    assert report.warning("the ledger is missing")
    server.ttl = 600.0
    server.start()
    server.stop()
    server.container.folder.ledger.unlink()
    server.start()
    assert look_at_server(server).fault("grants nothing new now")


def test_a_server_that_was_never_started_misses_no_ledger(stage: Stage) -> None:
    assert look_at_server(stage.stopped_server(HOME)).warnings == []


def test_s4_damaged_ledgers_that_were_put_aside(server: Server) -> None:
    server.stop()
    server.container.folder.ledger.write_bytes(b"noise" * 4096)
    server.start()
    assert "rm " in look_at_server(server).warning("damaged ledgers were put aside: ledger.db.damaged-1")


def test_a_disk_that_is_nearly_full(stage: Stage, mounting: None) -> None:
    server = stage.stopped_server(HOME)
    with small_disk(server.state, 4 * 1_048_576):
        assert look_at_server(server.start()).fault(str(server.state), "the disk is nearly full")
        server.stop()
        subprocess.run(("mount", "-o", "remount,ro", server.state), check=True)
        assert look_at_server(server).fault("Read-only file system")


def test_a_folder_that_was_copied_with_other_rights(server: Server) -> None:
    server.stop()
    copy = server.state.with_name("copy")
    shutil.copytree(server.state, copy)
    (copy / "container.key").chmod(0o660)
    assert look_at_server(copy).fault("mode 0660")
