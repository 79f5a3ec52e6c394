"""`sparekey drill`: the switch to a backup, tried out on a running application."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sparekey.cli import options
from sparekey.cli.output import Failure, print_json, print_note, printable
from sparekey.drill.files import ReportFolder
from sparekey.drill.plan import Wishes, find_application, prepare
from sparekey.drill.run import hold_drill, only_drill


@click.command()
@click.option("--app", required=True, help="The running application.")
@options.state_folder
@click.option("--report", "folder", type=options.PATH, metavar="DIR", help="Keep the report there, too.")
@click.option("--yes", is_flag=True, help="Do not ask; nothing is asked either where stdin is no terminal.")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    help="Wait so long after the switch for the alarm and the outlets.",
)
@click.option(
    "--config",
    "path",
    type=options.PATH,
    help="License.ini; else the one that the application was started with.",
)
@options.vendor_key
@click.option("--reactions", type=options.PATH, help="What the notifier was started with, where that was named.")
@options.as_json
def drill(
    app: str,
    state: Path | None,
    folder: Path | None,
    yes: bool,
    timeout: float,
    path: Path | None,
    vendor_key: Path | None,
    reactions: Path | None,
    as_json: bool,
) -> None:
    """Hold a fire drill: have a running application switch to a backup as if its license server were gone.

    Its license is renewed all the while, and given back only when the backup is in use. Without one within 10 s
    nothing changes, and the drill has failed. AFTERWARDS THE APPLICATION STAYS ON THE BACKUP UNTIL IT IS RESTARTED.

    Before it begins it says what it will do, and asks for a yes on a terminal. It refuses where no backup is free,
    equal or better and reachable now. Measured are the switch, the alarm, and the message of each outlet, which must
    all come: else it exits with 1; Ctrl-C ends the waiting for them. --report
    makes drill-TIME.txt, .json and .html, a page with a timeline.

    \b
    Example:
      sparekey drill --app Runtime --report drills
    """
    system, app = find_application(state, app)
    with only_drill(system, app):
        plan = prepare(system, app, Wishes(path, vendor_key, reactions))
        reports = ReportFolder.open(folder) if folder else None
        print_note(printable(plan.warning))
        if not yes and sys.stdin.isatty():
            click.confirm("Begin?", abort=True, err=True)
        report = hold_drill(plan, timeout, print_note)
    if as_json:
        print_json(report.facts)
    else:
        click.echo(printable(report.text))
    if reports:
        for file in reports.write(report):
            print_note(f"report: {file}")
    if not report.passed:
        raise Failure(printable("\n".join(report.faults)))
