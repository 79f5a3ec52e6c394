"""The state folder of a license server."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from plant import EXPIRED, NOT_YET, Server, Vendor, terms
from sparekey.server.container import Container, ContainerError
from sparekey.trust import PrivateKey, TrustError, read_license_file, read_request

NOW = 1_780_300_000.0
"""Unix time, in 2026."""


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path / "state", Vendor(tmp_path / "vendor"), "Line 1")


def test_a_container_is_known_by_its_key(server: Server) -> None:
    again = Container.open(server.state)
    assert (again.name, again.id) == ("Line 1", server.container.key.thumbprint)
    assert stat.S_IMODE((server.state / "container.key").stat().st_mode) == 0o600


def test_init_changes_no_container_that_is_there(server: Server) -> None:
    before = {path: path.read_bytes() for path in server.state.iterdir() if path.is_file()}
    with pytest.raises(ContainerError, match="has a container already"):
        Container.init(server.state, "Line 2")
    assert {path: path.read_bytes() for path in server.state.iterdir() if path.is_file()} == before


def test_init_takes_no_file_for_a_container(tmp_path: Path) -> None:
    (tmp_path / "a.lic").write_text("a license")
    with pytest.raises(ContainerError, match=r"a\.lic is a file"):
        Container.init(tmp_path / "a.lic", "Line 1")
    assert (tmp_path / "a.lic").read_text() == "a license"


def test_init_ends_what_a_killed_one_began(server: Server) -> None:
    (server.state / "container.json").unlink()
    assert Container.init(server.state, "Line 1").id == server.container.id


def test_a_folder_without_a_container_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ContainerError, match=r"make one with `sparekey server init"):
        Container.open(tmp_path)


def test_the_key_of_another_container_is_refused(server: Server) -> None:
    (server.state / "container.key").unlink()
    PrivateKey.generate().save(server.state / "container.key")
    with pytest.raises(ContainerError, match="restore both from one backup"):
        Container.open(server.state)


def test_s4_the_longest_ttl_is_kept_beside_the_key(server: Server) -> None:
    for ttl in (30.0, 60.0, 5.0):
        server.container.remember_ttl(ttl)
    assert Container.open(server.state).longest_ttl == 60


def test_s5_a_state_folder_is_locked_by_one(server: Server) -> None:
    lock = server.container.lock()
    with pytest.raises(ContainerError, match="another license server has"):
        Container.open(server.state).lock()
    lock.release()
    Container.open(server.state).lock().release()


def test_the_request_is_signed_by_the_container(server: Server) -> None:
    request = read_request(server.container.request(1000))
    assert (request.name, request.container) == ("Line 1", server.container.key.public)


def test_an_older_issue_is_refused_and_a_newer_one_replaces(server: Server) -> None:
    server.install(terms(issued=2000, seats=1))
    with pytest.raises(ContainerError, match="older issue"):
        server.install(terms(issued=1000, seats=9))
    assert server.container.installed()["5-1042"].terms.seats == 1
    server.install(terms(issued=3000, seats=2))
    assert server.container.installed()["5-1042"].terms.seats == 2


def test_a_license_of_another_container_is_refused(server: Server, tmp_path: Path) -> None:
    other = Server(tmp_path / "other", server.vendor)
    file = server.vendor.issue(other.container, terms(), out=tmp_path / "other.lic")
    with pytest.raises(ContainerError, match=f"this is container {server.container.id}"):
        server.container.install(file, (server.vendor.key.public,), NOW)
    assert server.container.installed() == {}


def test_a_license_of_another_vendor_is_refused(server: Server, tmp_path: Path) -> None:
    file = Vendor(tmp_path / "other").issue(server.container, terms(), out=tmp_path / "other.lic")
    with pytest.raises(TrustError, match="not signed by the right key"):
        server.container.install(file, (server.vendor.key.public,), NOW)


def test_an_issue_that_begins_later_leaves_the_present_one_in_its_file(server: Server) -> None:
    server.install(terms(issued=2000))
    server.install(terms(issued=3000, valid_from=NOT_YET))
    server.install(terms(issued=4000, valid_from=NOT_YET))
    (file,) = server.container.folder.licenses.iterdir()
    issues = read_license_file(file, server.container.vendor_keys())
    assert [signed.terms.issued for signed in issues] == [4000, 2000]
    server.install(terms(issued=5000))
    assert [signed.terms.issued for signed in read_license_file(file, server.container.vendor_keys())] == [5000]


def test_s7_an_issue_that_has_expired_does_not_take_the_place_of_one_that_is_in_force(server: Server) -> None:
    server.install(terms(issued=2000))
    server.install(terms(issued=3000, valid_until=EXPIRED))
    (file,) = server.container.folder.licenses.iterdir()
    issues = read_license_file(file, server.container.vendor_keys())
    assert [signed.terms.issued for signed in issues] == [3000, 2000]


def test_of_several_issues_in_one_file_the_newest_is_installed_and_the_present_one_stays(
    server: Server, tmp_path: Path
) -> None:
    issues = (terms(issued=3000, valid_from=NOT_YET), terms(issued=2000), terms(issued=1000))
    file = server.vendor.issue(server.container, *issues, out=tmp_path / "all.lic")
    server.container.install(file, (server.vendor.key.public,), NOW)
    (installed,) = server.container.folder.licenses.iterdir()
    kept = read_license_file(installed, server.container.vendor_keys())
    assert [signed.terms.issued for signed in kept] == [3000, 2000]


def test_of_a_file_all_licenses_are_installed_or_none(server: Server, tmp_path: Path) -> None:
    server.install(terms("5-2", issued=2000))
    file = server.vendor.issue(server.container, terms("5-1"), terms("5-2", issued=1000), out=tmp_path / "both.lic")
    with pytest.raises(ContainerError, match="older issue"):
        server.container.install(file, (), NOW)
    assert set(server.container.installed()) == {"5-2"}


def test_removing_names_what_there_is(server: Server) -> None:
    server.install(terms("5-1"), terms("5-2"))
    with pytest.raises(ContainerError, match="installed are: 5-1, 5-2"):
        server.remove("5-3")
    server.remove("5-1")
    assert set(server.container.installed()) == {"5-2"}


def test_removing_one_license_of_a_file_leaves_the_others(server: Server) -> None:
    server.container.pin(server.vendor.key.public)
    folder = server.container.folder.licenses
    server.vendor.issue(server.container, terms("5-1"), terms("5-2"), out=folder / "two.lic")
    server.remove("5-1")
    assert set(server.container.installed()) == {"5-2"}


def test_a_container_file_that_was_spoilt_is_named(server: Server) -> None:
    (server.state / "container.json").write_text(json.dumps({"name": 7}))
    with pytest.raises(ContainerError, match=r"container\.json is not what"):
        Container.open(server.state)
