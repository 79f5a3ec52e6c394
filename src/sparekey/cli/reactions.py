"""`sparekey reactions`: what a change sets off, checked and said in words before it happens."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from pathlib import Path

import click

from sparekey.cli import options
from sparekey.cli.output import print_json, print_note
from sparekey.config.faults import Fault
from sparekey.notify import sentences
from sparekey.notify.findings import ReactionsError
from sparekey.notify.matrix_file import read
from sparekey.notify.places import SHIPPED


@click.group()
def reactions() -> None:
    """Check a reactions.toml, and say in words what happens when.

    \b
    Example:
      sparekey reactions show > reactions.toml
      sparekey reactions check reactions.toml
      sparekey reactions explain reactions.toml
    """


_file = click.argument("path", metavar="[FILE]", type=options.PATH, required=False)


@reactions.command()
@_file
@options.as_json
def check(path: Path | None, as_json: bool) -> None:
    """Say whether FILE can be used, and what is wrong in it. Without FILE: the shipped one.

    \b
    Example:
      sparekey reactions check reactions.toml
    """
    path = path or SHIPPED
    try:
        found = read(path)
    except ReactionsError as error:
        if as_json:
            print_json({"file": path, "faults": _places(error.faults)})
        raise
    if as_json:
        counts = {"matrices": len(found.matrices), "outlets": len(found.outlets), "servers": len(found.servers)}
        print_json({"file": path, **counts, "faults": [], "notes": _places(found.notes)})
    else:
        counted = [_counted(found.matrices, "matrix", "matrices"), _counted(found.outlets, "outlet", "outlets")]
        counted += [_counted(found.servers, "license server", "license servers")] if found.servers else []
        click.echo(f"{_named(path)}: {', '.join(counted)}")
        _print_notes(found.notes)


@reactions.command()
@_file
@options.as_json
def explain(path: Path | None, as_json: bool) -> None:
    """Say in plain sentences what happens when. Without FILE: what the shipped one does.

    \b
    Example:
      sparekey reactions explain reactions.toml
    """
    path = path or SHIPPED
    found = read(path)
    told = {matrix.name: sentences.of_matrix(matrix) for matrix in found.matrices}
    outlets = {outlet.name: sentences.of_outlet(outlet) for outlet in found.outlets.values()}
    servers = {server.owner: sentences.of_server(server) for server in found.servers}
    if as_json:
        print_json({"file": path, "matrices": told, "outlets": outlets, "servers": servers})
    else:
        click.echo("\n\n".join(f"{name}: {text}" for name, text in (told | outlets | servers).items()))
        _print_notes(found.notes)


@reactions.command()
def show() -> None:
    """Print the shipped file, to begin one's own with.

    \b
    Example:
      sparekey reactions show > reactions.toml
    """
    click.echo(SHIPPED.read_text(encoding="utf-8"), nl=False)


def _named(path: Path) -> str:
    return "the shipped default" if path == SHIPPED else str(path)


def _counted(things: Sized, one: str, several: str) -> str:
    return f"{len(things)} {one if len(things) == 1 else several}"


def _print_notes(notes: Iterable[Fault]) -> None:
    for note in notes:
        print_note(f"note: {note}")


def _places(faults: Iterable[Fault]) -> list[dict[str, object]]:
    return [{"source": fault.place.source, "line": fault.place.line, "text": fault.text} for fault in faults]
