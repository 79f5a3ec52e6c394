"""How fast an alarm arrives, and what outlets cost a switch.

PYTHONPATH=tests python -m benchmarks.notification --rounds N

1. The primary is killed under an application: from its switch to the arrival of the alarm, by each kind of outlet.
2. The primary is killed under three applications at once, whose outlets are none, dead and hanging, and have messages
   waiting: from the last answered renewal to the switch, which R7 puts at 0.6 ttl.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import click

from benchmarks.witnesses import witnesses
from notify.recipients import free_port, hanging
from plant import start_sparekey, terms, until
from sparekey.core.timing import belief
from sparekey.core.variables import SERIAL_NUMBER, Name, Quality, Reading
from sparekey.host import boot_clock
from sparekey.journal import Journal, Observation
from stories.stage import BACKUP, HOME, TTL, Stage
from systems import PATIENCE, System

WAITING = 20
"""Messages that an outlet which is dead or hangs could not deliver when the primary is killed."""

Figures = dict[str, list[float]]


@click.command()
@click.option("--rounds", default=10, show_default=True, type=click.IntRange(1))
def main(rounds: int) -> None:
    """Measure the notification of a switch."""
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    arrivals: Figures = defaultdict(list)
    switches: Figures = defaultdict(list)
    for number in range(1, rounds + 1):
        click.echo(f"round {number} of {rounds}", err=True)
        for name, seconds in arrivals_of_a_round().items():
            arrivals[name].append(seconds)
        for name, seconds in switches_of_a_round().items():
            switches[name].append(seconds)
    show(f"from the switch to the arrival of its alarm, {rounds} rounds", arrivals)
    show(f"from the last answered renewal to the switch (0.6 ttl = {0.6 * TTL:g} s), {rounds} rounds", switches)


def show(title: str, figures: Figures) -> None:
    click.echo(f"{title}\n{'':18}{'median':>10}{'max':>10}")
    for name, seconds in figures.items():
        click.echo(f"{name:18}{median(seconds):9.3f}s{max(seconds):9.3f}s")


def arrivals_of_a_round() -> Mapping[str, float]:
    """Seconds, by what the outlet speaks."""
    with _scene() as (stage, stack):
        primary, backup = stage.server(HOME), stage.server(BACKUP)
        system = stage.system((HOME, primary), (BACKUP, backup))
        seen = stack.enter_context(witnesses(system.folder))
        _start_notifier(stack, system, "".join(each.table for each in seen.values()))
        running = system.run("sleep", "1000")
        running.until("acquired")
        for each in seen.values():
            each.attend()
        system.until_renewed()
        primary.kill()
        switched = running.until("switched")["t"]
        for _ in until(PATIENCE):
            if all(any(at > switched for at in each.arrivals) for each in seen.values()):
                break
        return {name: min(at for at in each.arrivals if at > switched) - switched for name, each in seen.items()}


def switches_of_a_round() -> Mapping[str, float]:
    """Seconds, by the state of the outlets."""
    with _scene() as (stage, stack), hanging(mute := free_port()):
        primary, backup = (stage.server(terms(serial, seats=3)) for serial in (HOME, BACKUP))
        tables = {
            "without outlets": "",
            "all dead": "".join(_table(scheme, free_port()) for scheme in ("mailto", "json", "mqtt"))
            + f'[outlet.opcua]\nendpoint = "opc.tcp://127.0.0.1:{mute}"\n',
            "all hanging": "".join(_table(scheme, mute) for scheme in ("mailto", "json", "mqtt")),
        }
        systems = {name: stage.system((HOME, primary), (BACKUP, backup)) for name in tables}
        for name, system in systems.items():
            _start_notifier(stack, system, tables[name])
            _have_messages_wait(system)
        running = {name: system.run("sleep", "1000") for name, system in systems.items()}
        for program in running.values():
            program.until("acquired")
        for system in systems.values():
            system.until_renewed()
        primary.kill()
        renewed = {name: system.status()["valid_until_boottime"] - belief(TTL) for name, system in systems.items()}
        return {name: program.until("switched")["t"] - renewed[name] for name, program in running.items()}


@contextmanager
def _scene() -> Iterator[tuple[Stage, ExitStack]]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        yield Stage(Path(folder), stack), stack


def _table(scheme: str, port: int) -> str:
    people = "?from=plant@example.org&to=technician@example.org" if scheme == "mailto" else ""
    return f'[outlet.{scheme}]\nurl = "{scheme}://127.0.0.1:{port}{people}"\n'


def _start_notifier(stack: ExitStack, system: System, outlets: str) -> None:
    reactions = system.folder / "outlets.toml"
    reactions.write_text(outlets)
    notifier = start_sparekey("notify", "run", "--state", str(system.state), "--reactions", str(reactions))
    stack.callback(notifier.communicate)
    stack.callback(notifier.kill)
    assert notifier.stderr
    notifier.stderr.readline()


def _have_messages_wait(system: System) -> None:
    name = Name("Another", SERIAL_NUMBER)
    readings = [Reading(str(number), Quality.GOOD, time.time()) for number in range(WAITING + 1)]
    journal = Journal(system.state)
    journal.append([Observation(name, None, reading, "", boot_clock()) for reading in readings])
    journal.close()


if __name__ == "__main__":
    main()
