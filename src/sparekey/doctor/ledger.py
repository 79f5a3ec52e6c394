"""The ledger of a container: there, and never put aside as damaged (S4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sparekey.doctor.diagnosis import Diagnosis
from sparekey.server.container import Container


@dataclass(frozen=True, slots=True)
class LedgerFiles:
    """What is there of the ledger. `has_served`: the container has run before, so that there was one."""

    path: Path
    is_there: bool
    has_served: bool
    damaged: tuple[str, ...]


def look(container: Container) -> LedgerFiles:
    path = container.folder.ledger
    damaged = sorted(
        file.name for file in path.parent.glob(f"{path.name}.damaged-*") if not file.name.endswith(("-wal", "-shm"))
    )
    return LedgerFiles(path, path.exists(), container.longest_ttl > 0, tuple(damaged))


def judge(ledger: LedgerFiles) -> Iterator[Diagnosis]:
    if not ledger.is_there and ledger.has_served:
        yield Diagnosis.warning(
            ledger.path,
            "the ledger is missing: from its next start the server grants nothing new for one lease time,"
            " and holders get their seats back",
            f"dmesg, to see whether the disk is well; sparekey server run {ledger.path.parent} makes a new ledger",
        )
    if ledger.damaged:
        yield Diagnosis.warning(
            ledger.path,
            f"damaged ledgers were put aside: {', '.join(ledger.damaged)}",
            f"look after the disk (dmesg, smartctl); then: rm {ledger.path}.damaged-*",
        )
