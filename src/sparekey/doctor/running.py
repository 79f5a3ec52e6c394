"""Whether a license server runs for its folder, and answers where it should (S5)."""

from __future__ import annotations

from collections.abc import Iterator

from sparekey.doctor import clock, port
from sparekey.doctor.diagnosis import Diagnosis
from sparekey.doctor.encounter import Encounter, Met, Miss
from sparekey.server.container import Container


def judge(container: Container, found: Encounter, *, locked: bool) -> Iterator[Diagnosis]:
    """`found` is what is met where it should listen; `locked`: a running process has the folder open."""
    state = container.folder.path
    who = f"ss -ltnp 'sport = :{found.location.port}'"
    if isinstance(found, Met) and found.container == container.id:
        yield port.judge(found)
        yield from clock.judge(found)
    elif locked:
        yield Diagnosis.warning(
            found.location,
            f"the license server runs, but is not met here: {_seen(found)}",
            f"sparekey doctor --server {state} --listen HOST:PORT, with the address that it listens at",
        )
    elif isinstance(found, Met) or found.miss in (Miss.FOREIGN, Miss.MUTE):
        yield Diagnosis.fault(
            found.location,
            f"the license server does not run, and its port is busy: {_seen(found)}",
            f"{who} shows who listens; stop it, or: sparekey server run {state} --listen HOST:PORT",
        )
    else:
        yield Diagnosis.fault(
            state,
            "the license server does not run",
            f"sparekey server run {state}, or: systemctl start sparekey-server",
        )


def _seen(found: Encounter) -> str:
    if isinstance(found, Met):
        return f"another license server is, container {found.container}"
    return f"{found.miss} {found.detail}".strip() if found.miss is not Miss.FOREIGN else f"it is {found.detail}"
