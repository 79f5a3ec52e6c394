"""A license server's state folder whose files were damaged: a clear error with the cure, and nothing overwritten."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from damage import DAMAGE, NOISE
from plant import Server, Vendor, sparekey, terms
from sparekey.core.timing import LONGEST_TTL
from sparekey.server.container import Container, ContainerError
from sparekey.server.shelf import Shelf
from sparekey.trust import TrustError


@pytest.fixture
def server(tmp_path: Path) -> Server:
    server = Server(tmp_path / "state", Vendor(tmp_path / "vendor"), "Line 1")
    server.install(terms())
    return server


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", ["container.json", "container.key"])
def test_a_damaged_file_is_named_with_the_cure_and_stays(server: Server, name: str, damage: str) -> None:
    file = server.state / name
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    before = contents(server.state)
    done = sparekey("server", "request", str(server.state), "--out", str(server.state.parent / "request.json"))
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {file}")
    assert done.stderr.endswith("restore container.key and container.json from one backup\n")
    assert len(done.stderr.splitlines()) == 1
    with pytest.raises(ContainerError, match="has a container already; it stays as it is"):
        Container.init(server.state, "Line 1")
    assert contents(server.state) == before


def test_a_key_that_is_gone_is_not_made_anew(server: Server) -> None:
    (server.state / "container.key").unlink()
    before = contents(server.state)
    with pytest.raises(
        ContainerError, match=r"container\.key is missing, and its licenses are bound to it; .* restore"
    ):
        Container.open(server.state)
    with pytest.raises(ContainerError, match="has a container already"):
        Container.init(server.state, "Line 1")
    assert contents(server.state) == before


def test_s4_facts_that_are_gone_are_made_anew_of_the_key_with_the_longest_ttl(server: Server) -> None:
    server.container.lock().release()  # a server has run here
    (server.state / "container.json").unlink()
    with pytest.raises(ContainerError, match=r"container\.json is missing; .* make it anew of the key"):
        Container.open(server.state)
    again = Container.init(server.state, "Line 1")
    assert (again.id, again.longest_ttl) == (server.container.id, LONGEST_TTL)
    assert set(again.installed()) == {"5-1042"}


def test_a_key_that_is_damaged_is_not_taken_for_a_new_container(server: Server) -> None:
    (server.state / "container.json").unlink()
    (server.state / "container.key").write_bytes(b"")
    with pytest.raises(ContainerError, match=r"container\.key: it is empty: .* restore"):
        Container.init(server.state, "Line 1")
    assert (server.state / "container.key").read_bytes() == b""


def test_a_damaged_vendor_key_is_named_and_mended_by_a_copy(server: Server) -> None:
    (pinned,) = server.container.folder.vendors.iterdir()
    pinned.write_bytes(b'{"kty"')
    with pytest.raises(TrustError, match=rf"vendor key: {pinned}: .* cut short; .* vendor\.pub\.json"):
        server.container.install(server.state / "any.lic", (), 0.0)
    pinned.write_bytes(server.vendor.public.read_bytes())
    assert set(server.container.installed()) == {"5-1042"}


def test_what_is_no_license_file_in_the_folder_holds_up_no_other(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    folder = server.container.folder.licenses
    os.mkfifo(folder / "pipe.lic")
    (folder / "folder.lic").mkdir()
    (folder / "noise.lic").write_bytes(NOISE)
    (folder / "key.lic").write_bytes(server.vendor.public.read_bytes())
    with (folder / "huge.lic").open("wb") as huge:
        huge.truncate(100_000_000)
    shelf = Shelf(server.container)
    assert [set(shelf.look(0)) for _ in range(3)] == [{"5-1042"}] * 3
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 5
    for name in ("pipe", "folder", "noise", "key", "huge"):
        assert sum(f"{folder / name}.lic: " in line for line in said) == 1
