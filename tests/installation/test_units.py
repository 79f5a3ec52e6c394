"""The units for systemd: they are right, they are tight, and the license server lives under what they allow it."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest

from installation.confined import LIBRARY, NOBODY
from installation.units import APPLICATION, INSTALLED, ROOT, SERVER, settings
from plant import Client, Seeker, Server, Vendor, terms, until
from systems import PATIENCE

MOST_EXPOSED = 1.5
"""What `systemd-analyze security` may make of the license server, from 0 (safe) to 10."""
PROBE = """
import json, mmap, socket, sys

def failure(attempt):
    try:
        attempt()
    except OSError as error:
        return error.strerror
    return ""

status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({
    "user": int(status["Uid"].split()[0]),
    "capabilities": int(status["CapBnd"], 16),
    "no new privileges": int(status["NoNewPrivs"]),
    "umask": status["Umask"].strip(),
    "inet": failure(lambda: socket.socket(socket.AF_INET6)),
    "netlink": failure(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
    "write and execute": failure(lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)),
    "elsewhere": failure(lambda: open("/var/tmp/elsewhere", "w")),
    "state": failure(lambda: open(sys.argv[1] + "/probe", "w")),
}))
"""

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")


def _has_seccomp() -> bool:
    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        return False
    return True


needs_confinement = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("unshare") or not _has_seccomp(),
    reason=f"it needs the right to mount (root), unshare, and {LIBRARY}",
)


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@needs_systemd
@pytest.mark.parametrize(("unit", "instance"), [(SERVER, "line-1"), (APPLICATION, "Runtime")])
def test_a_unit_has_no_fault_that_systemd_sees(unit: Path, instance: str, tmp_path: Path) -> None:
    copy = tmp_path / unit.name.replace("@", f"@{instance}")
    copy.write_text(unit.read_text().replace(INSTALLED, sys.executable))
    verified = _run("systemd-analyze", "verify", "--man=no", copy)
    assert (verified.returncode, verified.stderr) == (0, "")


@needs_systemd
def test_the_license_server_is_hardly_exposed() -> None:
    judged = _run(
        *("systemd-analyze", "security", "--offline=yes", "--no-pager"), f"--threshold={MOST_EXPOSED * 10:g}", SERVER
    )
    assert judged.returncode == 0, judged.stdout


@pytest.mark.parametrize("unit", [SERVER, APPLICATION])
def test_systemd_never_gives_up(unit: Path) -> None:
    said = settings(unit)
    assert said["Restart"] == ["always"]
    assert said["StartLimitIntervalSec"] == ["0"]


@pytest.mark.skipif(not shutil.which("systemd-sysusers"), reason="systemd is not installed")
def test_the_users_of_the_units_are_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    made = _run("systemd-sysusers", f"--root={tmp_path}", ROOT / "packaging" / "sysusers.d" / "sparekey.conf")
    users = {line.split(":")[0] for line in (tmp_path / "etc" / "passwd").read_text().splitlines()}
    assert users == {settings(SERVER)["User"][0], settings(APPLICATION)["User"][0]}, made.stderr


@pytest.fixture
def confined_state() -> Iterator[Path]:
    """A state folder of nobody, in a place that nobody may pass."""
    place = Path(mkdtemp(prefix="sparekey-"))
    place.chmod(0o755)
    yield place / "state"
    shutil.rmtree(place)


@contextmanager
def _given_to_nobody(state: Path) -> Iterator[tuple[str, ...]]:
    """Do as StateDirectory= does with the owner; yield what a command is to be preceded by."""
    for path in (state, *state.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    yield (
        *("env", f"PYTHONPATH={ROOT / 'tests'}"),
        *("unshare", "--mount", sys.executable, "-m", "installation.confined", str(SERVER), str(state)),
    )


@needs_systemd
@needs_confinement
def test_the_confinement_of_these_tests_is_the_units(confined_state: Path) -> None:
    confined_state.mkdir()
    with _given_to_nobody(confined_state) as confined:
        probed = _run(*confined, sys.executable, "-c", PROBE, confined_state)
    assert json.loads(probed.stdout) == {
        "user": NOBODY,
        "capabilities": 0,
        "no new privileges": 1,
        "umask": settings(SERVER)["UMask"][0],
        "inet": "",
        "netlink": "Operation not permitted",
        "write and execute": "Operation not permitted",
        "elsewhere": "Read-only file system",
        "state": "",
    }, probed.stderr


@needs_systemd
@needs_confinement
@pytest.mark.plant
def test_a_confined_license_server_does_all_that_it_must(confined_state: Path, tmp_path: Path) -> None:
    server = Server(confined_state, Vendor(tmp_path / "vendor"))
    server.install(terms("5-1042"))
    with _given_to_nobody(confined_state) as confined:
        server.through = confined
        try:
            holder = Seeker()
            with Client(server.start(host="localhost").location) as client:
                assert holder.take(client).status == 201
                assert holder.renew(client).status == 200
                server.install(terms("5-1043"))
                _until_there(client, "5-1043")
                assert holder.release(client).status == 204
            assert server.stop() == 0
        finally:
            server.end()
    assert (confined_state / "ledger.db").stat().st_uid == NOBODY


def _until_there(client: Client, serial: str) -> None:
    for _ in until(PATIENCE):
        if client.get(f"/v1/licenses?serial={serial}").body["licenses"]:
            return
