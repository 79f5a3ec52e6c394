"""The command `sparekey`: one module a command group, imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from sparekey.cli.output import explained


class _Explained(click.Group):
    """A group whose expected errors are messages, not tracebacks."""

    def invoke(self, ctx: click.Context) -> object:
        with explained():
            return super().invoke(ctx)


class _Later(click.Command):
    """Stands for the command `NAME` of the module `sparekey.cli.NAME` until it is called."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        command: click.Command = getattr(import_module(f"sparekey.cli.{self.name}"), str(self.name))
        return command.make_context(info_name, args, parent, **extra)


@click.group(cls=_Explained)
@click.version_option(package_name="sparekey")
def main() -> None:
    """Redundant floating licensing for software that must not stop.

    \b
    Example:
      sparekey demo
      sparekey run --app Runtime --config License.ini -- ./runtime
    """


main.add_command(_Later("alarms", help="List and acknowledge alarms."))
main.add_command(_Later("config", help="Show and edit License.ini."))
main.add_command(_Later("demo", help="Show a whole plant on this machine, in under a minute."))
main.add_command(_Later("doctor", help="Find what is wrong, and say the next command."))
main.add_command(_Later("drill", help="Have a running application switch to a backup, to see that it works."))
main.add_command(_Later("events", help="Show what happened."))
main.add_command(_Later("notify", help="Tell people and plant systems."))
main.add_command(_Later("reactions", help="Check and explain what sets off an alarm."))
main.add_command(_Later("run", help="Run a command while it holds a license."))
main.add_command(_Later("server", help="Share licenses on the network."))
main.add_command(_Later("status", help="Show what this system holds."))
main.add_command(_Later("vendor", help="Make vendor keys and sign licenses."))
