"""`sparekey server` as people type it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from doctor.strangers import Stranger
from plant import Client, Seeker, Server, Vendor, plant, sparekey, terms

pytestmark = pytest.mark.plant


@pytest.fixture
def vendor(tmp_path: Path) -> Vendor:
    return Vendor(tmp_path / "vendor")


@pytest.fixture
def server(tmp_path: Path, vendor: Vendor) -> Server:
    return Server(tmp_path / "state", vendor)


def test_from_nothing_to_an_installed_license(tmp_path: Path, vendor: Vendor) -> None:
    state = str(tmp_path / "state")
    made = sparekey("server", "init", state, "--name", "Line 1", "--json")
    assert json.loads(made.stdout)["name"] == "Line 1"
    request = sparekey("server", "request", state, "--out", str(tmp_path / "request.json"))
    assert request.returncode == 0
    assert (tmp_path / "request.json").exists()


def test_init_refuses_a_folder_that_has_a_container(server: Server) -> None:
    again = sparekey("server", "init", str(server.state), "--name", "x")
    assert again.returncode == 1
    assert "has a container already" in again.stderr


def test_the_first_install_needs_the_vendor_key_and_later_ones_remember_it(server: Server, tmp_path: Path) -> None:
    file = str(server.vendor.issue(server.container, terms(), out=tmp_path / "a.lic"))
    without = sparekey("server", "install", str(server.state), file)
    assert without.returncode == 2
    assert "--vendor-key" in without.stderr
    first = sparekey("server", "install", str(server.state), file, "--vendor-key", str(server.vendor.public))
    assert first.stdout == "installed 5-1042: scada-runtime 14.0, 1 seat\n"
    assert sparekey("server", "install", str(server.state), file).returncode == 0


def test_a_file_that_is_no_license_is_an_error_and_no_traceback(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.lic").write_text("hello\n")
    refused = sparekey(
        *("server", "install", str(server.state), str(tmp_path / "a.lic")), "--vendor-key", str(server.vendor.public)
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"error: {tmp_path / 'a.lic'}: line 1")


def test_removing_an_unknown_license_names_those_there_are(server: Server) -> None:
    server.install(terms("5-1"))
    refused = sparekey("server", "remove", str(server.state), "5-2")
    assert refused.returncode == 1
    assert "installed are: 5-1" in refused.stderr
    assert sparekey("server", "remove", str(server.state), "5-1", "--json").stdout == '{\n  "removed": "5-1"\n}\n'


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--ttl", "4"), "ttl"),
        (("--ttl", "3601"), "ttl"),
        (("--listen", "::1:6350"), "brackets"),
        (("--listen", "127.0.0.1:99999"), "port"),
    ],
)
def test_wrong_usage_is_said(server: Server, options: tuple[str, ...], said: str) -> None:
    refused = sparekey("server", "run", str(server.state), *options)
    assert refused.returncode == 2
    assert said in refused.stderr


def test_an_address_of_another_machine_cannot_be_listened_on(server: Server) -> None:
    refused = sparekey("server", "run", str(server.state), "--listen", "192.0.2.1:6350")
    assert refused.returncode == 1
    assert "this is no address of this machine" in refused.stderr


def test_a_folder_without_a_container_is_told_how_to_get_one(tmp_path: Path) -> None:
    refused = sparekey("server", "run", str(tmp_path))
    assert refused.returncode == 1
    assert "sparekey server init" in refused.stderr


def test_status_shows_who_holds_what(tmp_path: Path) -> None:
    with plant(tmp_path, "server") as (server,):
        server.install(terms(), terms("7-1"))
        server.start()
        with Client(server.location) as client:
            Seeker(application="Archive").take(client)
        facts = json.loads(sparekey("server", "status", server.location, "--json").stdout)
        assert [(shown["serial"], shown["used"]) for shown in facts["licenses"]] == [("5-1042", 1), ("7-1", 0)]
        assert "Archive" in sparekey("server", "status", f"http://{server.location}/").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "does not answer as a license server does"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\xff", "is no license server"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 5005\r\n\r\n{"x":' + b"[" * 5000, "is no license server"),
    ],
    ids=["ssh", "noise", "deep"],
)
def test_status_of_what_is_no_license_server(words: bytes, said: str) -> None:
    with Stranger(words) as stranger:
        shown = sparekey("server", "status", stranger.location)
    assert shown.returncode == 1
    assert shown.stderr.startswith("error: ")
    assert said in shown.stderr


def test_status_of_a_server_that_does_not_run() -> None:
    refused = sparekey("server", "status", "127.0.0.1:1")
    assert refused.returncode == 1
    assert "is the license server running?" in refused.stderr
