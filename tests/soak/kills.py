"""One plant whose primary license server is killed at random moments, and what each kill came to."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from history.records import Record
from sparekey.core.timing import belief
from sparekey.demo.failure import DemoFailure
from sparekey.demo.plant import BACKUP, HOME, TTL, build
from sparekey.demo.processes import Processes, Program
from sparekey.demo.scene import Scene
from sparekey.demo.stage import Stage

from .recorder import Recorder

SWITCH = 0.6 * TTL
"""Seconds after the last answered renewal was sent at which a suspect application switches (R7)."""


@dataclass(frozen=True, slots=True)
class Kill:
    """Seconds from the kill to the spare and to the switch. `lateness` is that of the switch, against R7's moment."""

    spare: float
    switch: float
    lateness: float
    unlicensed: float
    longest_gap: float
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """A plant is through, with its history; `failure` says why it could not go on."""

    history: tuple[Record, ...]
    failure: str = ""


Tell = Callable[[Kill], None]


class Witness:
    """Looks over the stage's shoulder. `sent` is when the last answered renewal of the initial license was sent."""

    def __init__(self, recorder: Recorder) -> None:
        self.sent = 0.0
        self._recorder = recorder

    def show(self, scene: Scene) -> None:
        if scene.status and scene.status.serial == HOME and scene.lease_left > 0:
            self.sent = scene.now.at + scene.lease_left - belief(TTL)
        self._recorder.show(scene)


class Ordeal:
    """Kills the primary, brings it back, and restarts the application, again and again."""

    def __init__(self, stage: Stage, witness: Witness, draw: random.Random) -> None:
        self._stage = stage
        self._witness = witness
        self._draw = draw
        self._primary, self._backup = stage.plant.servers

    def run(self, kills: int, tell: Tell) -> None:
        """Raise DemoFailure where it cannot go on."""
        for server in self._stage.plant.servers:
            self._stage.launch(server)
        for server in self._stage.plant.servers:
            self._stage.await_ready(server, "started")
        application = self._start_application()
        for _ in range(kills):
            kill, application = self._kill(application)
            tell(kill)

    def _kill(self, application: Program) -> tuple[Kill, Program]:
        stage, faults = self._stage, list[str]()
        stage.linger(self._draw.uniform(0, TTL / 2))
        since = len(stage.chronicle.happenings)
        killed = stage.kill(self._primary)
        spare = stage.until("secured", since)
        switch = stage.until("switched", since)
        sent = self._witness.sent
        stage.until("alarm", since)
        if switch.serial != BACKUP:
            faults.append(f"it switched to {switch.serial}")
        stage.launch(self._primary)
        stage.await_ready(self._primary, "returned")
        stage.linger(self._draw.uniform(0, TTL / 4))
        if stage.in_use != BACKUP:
            faults.append(f"it ended on {stage.in_use or 'no license'}")
        found = stage.stop_application(application)
        application = self._start_application()
        if (taken := stage.chronicle.happenings[-1].serial) != HOME:
            faults.append(f"its restart took {taken}")
        lateness = switch.at - (sent + SWITCH)
        times = (spare.at - killed.at, switch.at - killed.at, lateness)
        return Kill(*times, found.unlicensed_seconds, found.longest_gap, tuple(faults)), application

    def _start_application(self) -> Program:
        since = len(self._stage.chronicle.happenings)
        application = self._stage.start_application()
        self._stage.until("acquired", since)
        return application


def soak(name: str, kills: int, seed: str, tell: Tell, *, record: bool) -> Ended:
    """Let one plant suffer so many kills, and tell of each. Nothing of it is left behind."""
    recorder = Recorder(name, recording=record)
    witness = Witness(recorder)
    failure = ""
    with tempfile.TemporaryDirectory(prefix="sparekey-soak-") as folder, Processes(Path(folder)) as processes:
        stage = Stage(build(Path(folder)), processes, witness)
        recorder.open(stage.plant)
        try:
            Ordeal(stage, witness, random.Random(seed)).run(kills, tell)
        except DemoFailure as error:
            happened = "; ".join(f"{each.at:.2f} s {each.text}" for each in stage.chronicle.happenings[-8:])
            failure = f"{name}: {error} (before: {happened})"
    return Ended(tuple(recorder.records), failure)
