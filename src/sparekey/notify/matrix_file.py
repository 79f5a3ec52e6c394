"""reactions.toml: matrices, outlets and watched license servers as a technician writes them (R10)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sparekey.config.faults import Fault, Place
from sparekey.core.matrices import Matrix
from sparekey.notify.findings import Findings, ReactionsError
from sparekey.notify.matrix_tables import read_matrices
from sparekey.notify.outlet_settings import Outlet, read_outlets
from sparekey.notify.places import SHIPPED
from sparekey.notify.server_settings import Server, read_servers
from sparekey.toml import TomlError, parse

LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReactionFile:
    """What a file says: its matrices, its outlets by name, the servers to watch, and notes of what is odd in it."""

    matrices: tuple[Matrix, ...]
    outlets: Mapping[str, Outlet]
    servers: tuple[Server, ...] = ()
    notes: tuple[Fault, ...] = ()


def read(path: Path) -> ReactionFile:
    """Read a file; raise ReactionsError with all that is wrong in it, or OSError.

    A file without a matrix adds its outlets and license servers to the shipped matrices.
    """
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    text, document = _document(data, str(path))
    found = Findings(str(path), text)
    for key in document.keys() - {"matrix", "outlet", "server"}:
        found.fault((key,), f"unknown table '{key[:40]}': there are [[matrix]], [outlet.NAME] and [server.NAME]")
    outlets = read_outlets(document.get("outlet", {}), found)
    servers = read_servers(document.get("server", {}), found)
    named = _named(document.get("outlet"))
    matrices = read_matrices(document["matrix"], named, found) if "matrix" in document else _shipped(path, named)
    if found.faults:
        raise ReactionsError(found.faults)
    return ReactionFile(matrices, outlets, servers, tuple(found.notes))


def _named(tables: object) -> Collection[str]:
    """The outlets that a matrix may name: one that is wrong is one fault, not one more at each matrix."""
    return tuple(tables) if isinstance(tables, dict) else ()


def _shipped(path: Path, outlets: Collection[str]) -> tuple[Matrix, ...]:
    if path == SHIPPED:
        return ()
    text, document = _document(SHIPPED.read_bytes(), str(SHIPPED))
    return read_matrices(document["matrix"], outlets, Findings(str(SHIPPED), text))


def _document(data: bytes, source: str) -> tuple[str, dict[str, object]]:
    if len(data) > LARGEST:
        raise ReactionsError([Fault(Place(source), f"it is larger than {LARGEST // 1024} KiB")])
    try:
        text = data.decode("utf-8-sig")
        return text, parse(text)
    except UnicodeDecodeError:
        raise ReactionsError([Fault(Place(source), "it is not UTF-8 text")]) from None
    except TomlError as error:
        raise ReactionsError([_syntax_fault(source, error)]) from None


def _syntax_fault(source: str, error: TomlError) -> Fault:
    """The line goes where all faults have it."""
    column = f" (column {error.column})" if error.column else ""
    return Fault(Place(source, error.line), f"{error.what[:1].lower()}{error.what[1:]}{column}")
