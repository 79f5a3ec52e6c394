"""The story of the demo, step by step, and the judgement at its end."""

from __future__ import annotations

from dataclasses import dataclass

from sparekey.demo.application import Measurement
from sparekey.demo.outcome import Outcome
from sparekey.demo.plant import BACKUP, HOME, TTL
from sparekey.demo.processes import Program
from sparekey.demo.stage import Stage


@dataclass(frozen=True, slots=True)
class _Rescue:
    """How the application was saved: seconds from the kill."""

    spare_seconds: float
    switch_seconds: float


class Story:
    """Tells the story once."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._primary, self._backup = stage.plant.servers
        self._faults: list[str] = []

    def tell(self) -> Outcome:
        """Raise DemoFailure where it cannot go on."""
        stage = self._stage
        self._start_servers()
        application = self._start_application()
        rescue = self._kill_the_primary()
        self._bring_it_back()
        first = stage.stop_application(application)
        application = self._restart_application()
        second = stage.stop_application(application)
        return self._judged(rescue, (first, second))

    def _start_servers(self) -> None:
        primary, backup = self._primary, self._backup
        self._stage.say(
            "Two license servers start on this machine",
            f"{primary.name} shares license {HOME}, {backup.name} its backup {BACKUP}: real processes, real files.",
        )
        for server in (primary, backup):
            self._stage.launch(server)
        for server in (primary, backup):
            self._stage.await_ready(server, "started")

    def _start_application(self) -> Program:
        stage, since = self._stage, self._stage.chronicle.so_far
        stage.say("A licensed application starts", f"Its License.ini lists {HOME} first, and {BACKUP} as the backup.")
        application = stage.start_application()
        stage.until("acquired", since)
        stage.say(
            f"The application runs on its initial license {HOME}",
            f"Its lease lasts {TTL:g} seconds and is renewed all the time: the bar runs down and is filled again.",
        )
        stage.linger(3.5)
        return application

    def _kill_the_primary(self) -> _Rescue:
        """The application is on the backup afterwards, and was licensed all the time."""
        stage, since = self._stage, self._stage.chronicle.so_far
        killed = stage.kill(self._primary)
        stage.say(
            "The primary license server has just been killed with SIGKILL",
            "The application still has the rest of its lease. It takes a spare now, long before that ends.",
            alert=True,
        )
        spare = stage.until("secured", since)
        stage.say(
            "The spare is in hand: the application holds both licenses",
            f"It gives {self._primary.name} a moment: a server that is only restarted should move nobody.",
            alert=True,
        )
        switch = stage.until("switched", since)
        stage.until("alarm", since)
        self._expect(switch.serial == BACKUP, f"the application ended on {switch.serial}, not on {BACKUP}")
        stage.say(
            f"The application goes on with {BACKUP}, without having stopped",
            "The serial number in use has changed: an alarm tells the technician to repair the server.",
        )
        stage.linger(2.5)
        return _Rescue(spare.at - killed.at, switch.at - killed.at)

    def _bring_it_back(self) -> None:
        """Nothing may move (R8)."""
        stage, primary = self._stage, self._primary
        stage.launch(primary)
        stage.await_ready(primary, "returned")
        since = self._stage.chronicle.so_far
        stage.say(
            "The primary license server is back, and nothing moves",
            "A running application stays where it is: a server that comes and goes does not make it come and go.",
        )
        stage.linger(3.5)
        moved = [each.text for each in stage.chronicle.happenings[since:] if each.what != "released"]
        self._expect(not moved, f"something moved when {primary.name} returned: {'; '.join(moved)}")
        self._expect(stage.in_use == BACKUP, f"the application did not stay on {BACKUP}")

    def _restart_application(self) -> Program:
        """It is home afterwards (R9)."""
        stage, since = self._stage, self._stage.chronicle.so_far
        stage.say(
            "The application is restarted, when it suits the plant",
            f"A restart takes the initial license: {self._primary.name} is well again.",
        )
        application = stage.start_application()
        home = stage.until("acquired", since)
        self._expect(home.serial == HOME, f"after its restart the application ran on {home.serial}, not on {HOME}")
        stage.say(
            f"The application is home on {HOME}", f"The backup {BACKUP} is free again, for whoever needs it next."
        )
        stage.linger(2.5)
        self._expect(stage.in_use == HOME, f"the application did not stay on {HOME} after its restart")
        return application

    def _judged(self, rescue: _Rescue, measured: tuple[Measurement, ...]) -> Outcome:
        unlicensed = sum(each.unlicensed_seconds for each in measured)
        self._expect(unlicensed == 0, f"the application was unlicensed for {unlicensed:.3f} s")
        return Outcome(
            unlicensed,
            max(each.longest_gap for each in measured),
            rescue.spare_seconds,
            rescue.switch_seconds,
            tuple(sorted(self._stage.chronicle.happenings, key=lambda each: each.at)),
            tuple(self._faults),
        )

    def _expect(self, fact: bool, otherwise: str) -> None:
        if not fact:
            self._faults.append(otherwise)
