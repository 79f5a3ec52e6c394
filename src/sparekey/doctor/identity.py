"""Whether a folder has a container, and whether its key is whole and nobody else's (T4)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sparekey.doctor.diagnosis import Diagnosis
from sparekey.server.container import Container, ContainerError
from sparekey.server.folder import StateFolder

ANYBODY_ELSE = stat.S_IRWXG | stat.S_IRWXO
"""The rights that a private key gives to nobody."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The files that make a container. `mode` is the key's, None where there is none that can be seen.

    `container` is None where `error` says why; `locked_away` is what is there, but may not be read by this user.
    """

    folder: StateFolder
    container: Container | None
    error: str
    has_facts: bool
    mode: int | None
    locked_away: Path | None


def look(path: Path) -> Identity:
    folder = StateFolder(path)
    container, error = None, ""
    try:
        container = Container.open(path)
    except ContainerError as fault:
        error = str(fault)
    return Identity(folder, container, error, _is_there(folder.facts), _mode(folder.key), _locked_away(folder))


def judge(identity: Identity) -> Iterator[Diagnosis]:
    folder = identity.folder
    if identity.container:
        yield Diagnosis.well(folder.path, f"container {identity.container.id}, {identity.container.name}")
    elif identity.has_facts and identity.mode is None:
        yield Diagnosis.fault(
            folder.key,
            "the key is missing or cannot be reached: without it the licenses are of no use",
            f"restore {folder.key.name} from a backup; else make a container in an empty folder:"
            " sparekey server init NEW --name NAME, and have the licenses issued anew for it",
        )
    elif identity.locked_away:
        yield Diagnosis.fault(
            identity.locked_away,
            "may not be read by this user",
            f"ls -ld {identity.locked_away}; run it as its owner, or mend the rights",
        )
    else:
        yield Diagnosis.fault(folder.path, identity.error, _cure(identity))
    if identity.mode is not None and identity.mode & ANYBODY_ELSE:
        yield Diagnosis.fault(
            folder.key,
            f"others may use the private key (mode {identity.mode:04o})",
            f"chmod 600 {folder.key}; if somebody may have copied it, have the licenses issued for a new container",
        )


def _cure(identity: Identity) -> str:
    if identity.has_facts or identity.mode is not None:
        return "from a backup: sparekey server restore FILE NEW, where NEW is another folder"
    return f"sparekey server init {identity.folder.path} --name NAME, or name the right folder"


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _locked_away(folder: StateFolder) -> Path | None:
    """The first on the way that is no damage, but a matter of rights."""
    way = (folder.path, folder.facts, folder.key)
    return next((path for path in way if _is_there(path) and not os.access(path, os.R_OK)), None)


def _mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None
