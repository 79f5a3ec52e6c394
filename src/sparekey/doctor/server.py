"""A license server, examined: its folder, and whether it answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

from sparekey.core.entries import Location
from sparekey.doctor import folder, identity, ledger, licenses, running
from sparekey.doctor.diagnosis import Diagnosis
from sparekey.doctor.visit import visit
from sparekey.host import is_locked
from sparekey.server.container import Container


async def examine(state: Path, listening: Location) -> tuple[Diagnosis, ...]:
    """Everything that can be told of a server's folder, and of who answers where it should listen."""
    encounter, disk, own = await asyncio.gather(
        visit(listening), asyncio.to_thread(folder.look, state), asyncio.to_thread(identity.look, state)
    )
    if own.container is None:
        return (*identity.judge(own), *(folder.judge(disk) if not disk.missing else ()))
    locked = await asyncio.to_thread(is_locked, own.folder.lock)
    return (
        *identity.judge(own),
        *folder.judge(disk),
        *running.judge(own.container, encounter, locked=locked),
        *await asyncio.to_thread(_judge_content, own.container),
    )


def _judge_content(container: Container) -> tuple[Diagnosis, ...]:
    return tuple(_content(container))


def _content(container: Container) -> Iterator[Diagnosis]:
    yield from licenses.judge(container, *licenses.look(container), time.time())
    yield from ledger.judge(ledger.look(container))
