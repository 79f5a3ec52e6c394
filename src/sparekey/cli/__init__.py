"""The command `sparekey`: one module a command group, imported when it is called."""

from __future__ import annotations

import click

from sparekey.cli.later import Later
from sparekey.cli.output import explained


class _Explained(click.Group):
    """A group whose expected errors are messages, not tracebacks."""

    def invoke(self, ctx: click.Context) -> object:
        with explained():
            return super().invoke(ctx)


@click.group(cls=_Explained)
@click.version_option(package_name="sparekey")
def main() -> None:
    """Redundant floating licensing for software that must not stop.

    \b
    Example:
      sparekey demo
      sparekey run --app Runtime --config License.ini -- ./runtime
    """


main.add_command(Later("alarms", "List and acknowledge alarms."))
main.add_command(Later("config", "Show and edit License.ini."))
main.add_command(Later("demo", "Show a whole plant on this machine, in under a minute."))
main.add_command(Later("doctor", "Find what is wrong, and say the next command."))
main.add_command(Later("drill", "Have a running application switch to a backup, to see that it works."))
main.add_command(Later("events", "Show what happened."))
main.add_command(Later("notify", "Tell people and plant systems."))
main.add_command(Later("reactions", "Check and explain what sets off an alarm."))
main.add_command(Later("run", "Run a command while it holds a license."))
main.add_command(Later("server", "Share licenses on the network."))
main.add_command(Later("status", "Show what this system holds."))
main.add_command(Later("vendor", "Make vendor keys and sign licenses."))
