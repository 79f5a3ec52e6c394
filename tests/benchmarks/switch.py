"""Switches: from SIGKILL of a license server to the spare in hand, and to the switch.

Of one application and of twenty, which are real, and of simulated systems that move at once to one backup server: a
hundred, with dead candidates before it in their lists, and a thousand. The servers of those that are measured side by
side are killed one after another. All are killed before the backups were asked for the first time (R13), so that each
connection has to be made.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.files import obstacle
from benchmarks.measure import Measure, Pace
from benchmarks.places import WORK
from benchmarks.report.figures import Figure, Quantity, Round, Target, measured
from benchmarks.switching.applications import Applications
from benchmarks.switching.crowd import Crowd
from benchmarks.switching.dead import KINDS
from benchmarks.switching.outcome import Group
from plant import terms
from sparekey.host import boot_clock
from stories.stage import BACKUP, HOME, Stage

SECONDS, SHARE = "s", "share"
MOST_DEAD = 9
STEP = 1.0
"""Between the deaths of two servers, seconds: by then those of the first have their spare."""
SPARE, SLOWEST_SPARE, SWITCH, SLOWEST_SWITCH = (
    *("spare in hand, median", "spare in hand, slowest"),
    *("switch, median", "switch, slowest"),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """So many switch, with so many dead candidates of one kind before the good one."""

    count: int
    simulated: bool = False
    dead: int = 0
    kind: str = "dead"

    @property
    def who(self) -> str:
        kind = "simulated system" if self.simulated else "application"
        return f"{self.count:,} {kind}{'s' * (self.count > 1)}"

    @property
    def at(self) -> str:
        return f"{self.dead or 'no'} {self.kind}"

    @property
    def ttl(self) -> float:
        """That of applications is the shortest; a thousand systems have twice as long, a third of what is usual."""
        return 10.0 if self.simulated else 5.0


NONE, NINE_SILENT = Trial(1).at, Trial(1, dead=MOST_DEAD, kind="silent").at
ALONE = (
    Trial(1),
    *(Trial(1, dead=dead, kind=kind) for kind in KINDS for dead in (3, MOST_DEAD)),
)
THOUSAND = Trial(1_000, simulated=True)
FULL = (
    ALONE,
    *((Trial(20, dead=dead, kind=kind),) for dead, kind in ((0, "dead"), (MOST_DEAD, "silent"))),
    *((Trial(100, True, dead, kind),) for dead, kind in ((0, "dead"), *((MOST_DEAD, kind) for kind in KINDS))),
    (THOUSAND,),
)
QUICK = ((Trial(20, True, MOST_DEAD, "silent"), ALONE[0], ALONE[-1]),)
"""Trials that go on side by side, in turn."""


class Scene:
    """A trial with its own servers, and those who hold their seats."""

    def __init__(self, trial: Trial, stage: Stage, stack: ExitStack) -> None:
        self.trial = trial
        self._home, backup = (
            stage.server(terms(serial, seats=trial.count), ttl=trial.ttl) for serial in (HOME, BACKUP)
        )
        dead = [(f"5-2{number:03}", stack.enter_context(KINDS[trial.kind]())) for number in range(trial.dead)]
        entries = [(HOME, self._home.location), *dead, (BACKUP, backup.location)]
        self._group: Group = (
            Crowd(stage, stack, entries, trial.count) if trial.simulated else Applications(stage, entries, trial.count)
        )

    def hold(self) -> None:
        self._group.hold()

    def kill(self) -> None:
        self._killed = boot_clock()
        self._home.kill()

    def result(self) -> Round:
        outcome = self._group.outcome()
        spare, switch = ([at - self._killed for at in times] for times in (outcome.secured, outcome.switched))
        what = {
            (SPARE, SECONDS): median(spare),
            (SLOWEST_SPARE, SECONDS): max(spare),
            (SWITCH, SECONDS): median(switch),
            (SLOWEST_SWITCH, SECONDS): max(switch),
            ("licensed all the time", SHARE): 1 - outcome.unlicensed / self.trial.count,
        }
        if self.trial.simulated:
            what["load generator", "of a core"] = outcome.busy
        return {Quantity(name, self.trial.who, self.trial.at, unit): value for (name, unit), value in what.items()}


def rounds(pace: Pace) -> Iterator[Round]:
    for _ in range(pace.rounds):
        found: dict[Quantity, float] = {}
        for trials in pace.either(FULL, QUICK):
            found |= _side_by_side(trials)
        yield found


def figures(rounds: Sequence[Round]) -> tuple[Figure, ...]:
    """By what is measured, so that a table shows it of all who switch."""
    found = measured(rounds, {each: target for each in rounds[0] if (target := _target(each))})
    return (*_costs(rounds), *sorted(found, key=lambda figure: figure.quantity.what))


def _target(quantity: Quantity) -> Target | None:
    match quantity:
        case Quantity("licensed all the time"):
            return Target(1.0)
        case Quantity(what, of, at) if (what, of, at) == (SPARE, ALONE[0].who, NONE):
            return Target(0.5, at_least=False)
        case Quantity(what, of) if what == SLOWEST_SPARE and of == THOUSAND.who:
            return Target(3.0, at_least=False)
    return None


def _costs(rounds: Sequence[Round]) -> Iterator[Figure]:
    """What nine silent candidates cost: the spare with them, less the spare without any, round by round."""
    for with_them in rounds[0]:
        without = Quantity(with_them.what, with_them.of, NONE, with_them.unit)
        if (with_them.what, with_them.at) == (SPARE, NINE_SILENT) and without in rounds[0]:
            values = tuple(one[with_them] - one[without] for one in rounds)
            quantity = Quantity("nine silent candidates cost", with_them.of, unit=SECONDS)
            yield Figure(quantity, values, Target(0.6, at_least=False))


def _side_by_side(trials: Sequence[Trial]) -> Round:
    with TemporaryDirectory(dir=WORK) as folder, ExitStack() as stack:
        stage = Stage(Path(folder), stack)
        scenes = [Scene(trial, stage, stack) for trial in trials]
        for scene in scenes:
            scene.hold()
        for scene in scenes:
            scene.kill()
            time.sleep(STEP)
        return {quantity: value for scene in scenes for quantity, value in scene.result().items()}


SWITCHES = Measure("switches", "Switches", rounds, figures, obstacle)
