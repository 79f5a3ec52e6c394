"""The license files of a container: which licenses are in force."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from plant import EXPIRED, NOT_YET, Server, Vendor, terms
from sparekey.core.terms import Terms
from sparekey.server.shelf import Shelf

WALL = 1_780_300_000.0


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """A container with its vendor; it never runs here."""
    return Server(tmp_path / "server", Vendor(tmp_path / "vendor"))


@pytest.fixture
def shelf(server: Server) -> Shelf:
    return Shelf(server.container)


def put(server: Server, name: str, *licenses: Terms) -> Path:
    """A license file as people put it there, by hand."""
    server.container.pin(server.vendor.key.public)
    return server.vendor.issue(server.container, *licenses, out=server.container.folder.licenses / name)


def in_force(shelf: Shelf) -> dict[str, int]:
    """Serial numbers and when they were issued."""
    return {serial: signed.terms.issued for serial, signed in shelf.look(WALL).items()}


def test_what_is_installed_is_in_force(server: Server, shelf: Shelf) -> None:
    assert in_force(shelf) == {}
    server.install(terms("5-1042"), terms("a/b"))
    assert in_force(shelf) == {"5-1042": 1000, "a/b": 1000}


def test_a_file_whose_ending_is_written_in_capitals_is_in_force_and_can_be_removed(
    server: Server, shelf: Shelf
) -> None:
    put(server, "PLANT.LIC", terms())
    assert in_force(shelf) == {"5-1042": 1000}
    server.container.remove("5-1042")
    assert server.container.folder.license_files() == []


def test_a_newer_issue_replaces_the_older_in_whatever_file(server: Server, shelf: Shelf) -> None:
    put(server, "z-old.lic", terms(issued=1000))
    put(server, "a-new.lic", terms(issued=2000))
    assert in_force(shelf) == {"5-1042": 2000}


def test_an_expired_license_never_hides_its_renewal(server: Server, shelf: Shelf) -> None:
    put(server, "old.lic", terms(issued=3000, valid_until=EXPIRED))
    put(server, "early.lic", terms(issued=2000, valid_from=NOT_YET))
    put(server, "renewal.lic", terms(issued=1000))
    assert in_force(shelf) == {"5-1042": 1000}


def test_an_expired_license_alone_is_there_to_say_so(server: Server, shelf: Shelf) -> None:
    put(server, "old.lic", terms(valid_until=EXPIRED))
    assert in_force(shelf) == {"5-1042": 1000}


def test_only_absence_in_two_looks_in_a_row_withdraws(server: Server, shelf: Shelf) -> None:
    file = put(server, "a.lic", terms())
    assert in_force(shelf) == {"5-1042": 1000}
    aside = file.rename(file.with_suffix(".aside"))
    assert in_force(shelf) == {"5-1042": 1000}
    aside.rename(file)
    assert in_force(shelf) == {"5-1042": 1000}
    file.unlink()
    assert [in_force(shelf), in_force(shelf)] == [{"5-1042": 1000}, {}]


def test_an_unreadable_file_keeps_the_last_good_one_and_raises_one_alarm(
    server: Server, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    file = put(server, "a.lic", terms())
    in_force(shelf)
    file.write_text("garbage\n")
    assert [in_force(shelf) for _ in range(3)] == [{"5-1042": 1000}] * 3
    assert caplog.text.count("a license file cannot be read, what it had before stays in force") == 1
    put(server, "a.lic", terms(issued=2000))
    assert in_force(shelf) == {"5-1042": 2000}


def test_a_folder_that_is_gone_withdraws_nothing(
    server: Server, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    put(server, "a.lic", terms())
    in_force(shelf)
    shutil.rmtree(server.container.folder.licenses)
    assert [in_force(shelf) for _ in range(3)] == [{"5-1042": 1000}] * 3
    assert caplog.text.count("the licenses stay as they were") == 1


def test_a_license_of_another_container_is_not_shared(server: Server, shelf: Shelf, tmp_path: Path) -> None:
    other = Server(tmp_path / "other", server.vendor)
    server.container.pin(server.vendor.key.public)
    server.vendor.issue(other.container, terms(), out=server.container.folder.licenses / "a.lic")
    assert in_force(shelf) == {}


def test_a_license_of_a_vendor_that_is_not_pinned_is_not_shared_until_it_is(
    server: Server, shelf: Shelf, tmp_path: Path
) -> None:
    put(server, "a.lic", terms())
    other = Vendor(tmp_path / "other")
    other.issue(server.container, terms("7-1"), out=server.container.folder.licenses / "b.lic")
    assert in_force(shelf) == {"5-1042": 1000}
    server.container.pin(other.key.public)
    assert in_force(shelf) == {"5-1042": 1000, "7-1": 1000}


def test_only_what_changed_is_read_again(server: Server, shelf: Shelf) -> None:
    file = put(server, "a.lic", terms())
    put(server, "b.lic", terms("7-1"))
    first = shelf.look(WALL)
    file.touch()
    second = shelf.look(WALL)
    assert second["5-1042"] is not first["5-1042"]
    assert second["7-1"] is first["7-1"]
