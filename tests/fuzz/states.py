"""State folders with anything in them: a system's, and a license server's."""

from __future__ import annotations

import shutil
from contextlib import suppress
from functools import cache
from pathlib import Path

import msgspec

from fuzz.carried import ISSUED, LICENSE_FILE, VENDOR
from fuzz.target import Target, folder
from sparekey.client.application import ApplicationState
from sparekey.client.running import read_status
from sparekey.client.session import cached_license
from sparekey.client.system import System
from sparekey.core.entries import Location
from sparekey.server.container import Container, ContainerError
from sparekey.server.shelf import Shelf
from sparekey.trust import TrustError

STATUS = msgspec.json.encode(
    {
        "application": "Runtime",
        "system": "s",
        "system_name": "pc-1",
        "pid": 1,
        "written": "2026-01-01T00:00:00.000Z",
        "since": "2026-01-01T00:00:00.000Z",
        "state": "hold",
        "serial": "5-1",
        "entry": 0,
        "server": None,
        "at_home": True,
        "reason": "",
        "trouble": "",
        "entries": [{"entry": 0, "serial": "5-1", "server": "a", "finding": "ready", "reason": ""}],
    }
)


@cache
def _system() -> System:
    """A system that has run before."""
    system = System.open(folder("system"), "pc-1")
    system.cache_license("5-1", ISSUED[0])
    system.remember_container(Location(), "c")
    with ApplicationState(system, "Runtime") as state:
        state.remember_serial("5-1")
        state.remember_held([("5-1", Location())])
        state.save_demo(1.0)
        state.write_status(msgspec.json.decode(STATUS))
    return system


@cache
def _records() -> tuple[Path, ...]:
    """Every file of the system but its locks."""
    system = _system()
    return tuple(sorted(path for path in system.folder.rglob("*.json") if not path.name.startswith(".")))


def state_record(data: bytes) -> None:
    """The first byte chooses the file, the rest is what it holds; the application starts all the same."""
    records = _records()
    path = records[data[0] % len(records)] if data else records[0]
    path.write_bytes(data[1:])
    system = System.open(_system().folder, "pc-1")
    with ApplicationState(system, "Runtime") as state:
        assert state.start > 0
        assert len(state.secret_for("5-1")) == 64
        state.remember_held(state.held)
    license_ = cached_license(system, "5-1", (VENDOR.public,))
    assert license_ is None or license_.token in ISSUED
    assert system.met_container(Location()) in ("c", None) or path.parent.name == "servers"
    system.applications()
    system.cache_license("5-1", ISSUED[0])


def status_file(data: bytes) -> None:
    system = _system()
    system.status_path("Runtime").write_bytes(data)
    status = read_status(system, "Runtime")
    if status:
        assert status.is_current in (True, False)
        msgspec.json.encode(msgspec.to_builtins(status))


@cache
def _container() -> Container:
    container = Container.init(folder("server") / "state", "server-a")
    container.pin(VENDOR.public)
    shutil.copytree(container.folder.path, folder("server") / "good")
    return container


def server_state(data: bytes) -> None:
    """The first byte chooses the file. What is damaged is told, and nothing is overwritten."""
    container = _container()
    names = ("container.json", "container.key", f"vendors/{VENDOR.thumbprint}.json", "licenses/a.lic")
    path = container.folder.path / names[data[0] % len(names) if data else 0]
    good = path.read_bytes() if path.exists() else b""
    path.write_bytes(data[1:])
    try:
        with suppress(ContainerError):
            opened = Container.open(container.folder.path)
            assert opened.id == container.id
            with suppress(TrustError):
                opened.installed()
            assert Shelf(opened).look(0.0) == {}  # no license here is bound to this container
        with suppress(ContainerError):
            Container.init(container.folder.path, "other")
        assert path.read_bytes() == data[1:]
    finally:
        path.write_bytes(good)


RECORDS = (
    b'{"id":"0123456789abcdef0123456789abcdef"}',
    b'{"serial":"5-1","license":"%s"}' % ISSUED[0].encode(),
    b'{"application":"Runtime","start":7}',
    b'{"secret":"%s"}' % (b"0" * 64),
    b'{"seats":[{"serial":"5-1","location":"server-a:1"}]}',
    b'{"used":1.5}',
    b'{"location":"127.0.0.1:6350","container":"c"}',
    STATUS,
)
FACTS = b'{"name":"server-a","id":"i","longest_ttl":30.0,"last_block":7}'
TARGETS = (
    Target(
        "state record",
        state_record,
        tuple(bytes([file]) + record for file in range(8) for record in RECORDS),
        (*(bytes([file]) for file in range(8)), *RECORDS),
    ),
    Target("status file", status_file, (STATUS,), (b'"0001-01-01T00:00:00+14:00"', b'"9999-12-31T23:59:59-14:00"')),
    Target("server state", server_state, tuple(bytes([n]) + each for n in range(4) for each in (FACTS, LICENSE_FILE))),
)
