"""A command whose module is imported when it is called: each starts without what only the others need."""

from __future__ import annotations

from importlib import import_module

import click


class Later(click.Command):
    """Stands for the command `name` of a module of `sparekey.cli`, that of its name, until it is called."""

    def __init__(self, name: str, help: str, module: str = "") -> None:  # noqa: A002 - click's own name
        super().__init__(name, help=help)
        self._module = module or name

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        command: click.Command = getattr(import_module(f"sparekey.cli.{self._module}"), str(self.name))
        return command.make_context(info_name, args, parent, **extra)
