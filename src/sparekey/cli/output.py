"""What every command shares: how it prints facts, and how it fails."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO

import click

from sparekey.host import Locked

WIDE = 240
"""Columns where no terminal says how many it has: a program that reads lines wants them whole."""


class Failure(click.ClickException):
    """It did not work: `error: MESSAGE` on stderr, exit code 1."""

    def show(self, file: IO[str] | None = None) -> None:
        click.echo(f"error: {self.format_message()}", file=file, err=file is None)


class Unlicensed(Failure):
    """No license is to be had, or it was lost: exit code 3."""

    exit_code = 3


@contextmanager
def explained() -> Iterator[None]:
    """Turn errors of the operating system, and this project's own, whose texts are made for people, into a Failure.

    A ValueError from elsewhere is a fault of the program and keeps its traceback.
    """
    try:
        yield
    except BrokenPipeError:  # the reader of the output has gone: click ends quietly
        raise
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from error
    except Locked as error:
        raise Failure(str(error)) from error
    except ValueError as error:
        if not type(error).__module__.startswith("sparekey."):
            raise
        raise Failure(str(error)) from error


def print_json(facts: object) -> None:
    """Print facts for programs; what JSON has no form for, such as a date, as its text."""
    click.echo(json.dumps(facts, indent=2, ensure_ascii=False, default=str))


def print_note(text: str) -> None:
    """Say something to the person, beside the facts: on stderr."""
    click.echo(text, err=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print facts for people. Long cells go on in the next line; none is cut, and none is taken for markup."""
    # Imported here, so that a command that prints no table starts without it.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*(Text(printable(str(cell))) for cell in row))
    Console(highlight=False, width=None if sys.stdout.isatty() else WIDE).print(table)


def printable(text: str) -> str:
    """What comes from elsewhere must not move the cursor."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
