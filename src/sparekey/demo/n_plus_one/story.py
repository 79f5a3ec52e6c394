"""The plant's story: one fails; two fail while one is switched off; two fail (R11). And the judgement at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparekey.demo.n_plus_one.outcome import PlantOutcome, Rescue
from sparekey.demo.n_plus_one.plant import Station
from sparekey.demo.n_plus_one.stage import PlantStage

ONE = "one fails"
ONE_IS_OFF = "some fail while one is switched off"
TWO = "two fail at once"


@dataclass(frozen=True, slots=True)
class _Mishap:
    """License servers were killed: in which story, when (seconds since the beginning), and before which happening."""

    story: str
    at: float
    since: int


class PlantStory:
    """Tells the story once."""

    def __init__(self, stage: PlantStage) -> None:
        self._stage = stage
        plant = stage.plant
        self._stations, self._backup = plant.stations, plant.backup
        self._failing = plant.stations[:2]
        self._rescues: list[Rescue] = []
        self._faults: list[str] = []

    def tell(self) -> PlantOutcome:
        """Raise DemoFailure where it cannot go on."""
        self._begin()
        self._one_fails()
        self._some_fail_while_one_is_off()
        self._two_fail_at_once()
        self._stage.stop(*self._stations)
        return self._judged()

    def _begin(self) -> None:
        stage, count, backup = self._stage, len(self._stations), self._backup
        stage.say(
            f"{count + 1} license servers start on this machine, one for each of {count} systems, and one more",
            f"Each system shares its own license with the others; {backup.name} shares {backup.serial}, nobody's own.",
        )
        stage.share("started", *stage.plant.servers)
        stage.say(
            f"{count} licensed applications start, one on each system",
            f"Each lists its own license first, then those of the others, and {backup.serial} at last.",
        )
        self._start_at_home(*self._stations)
        stage.start_notifiers(self._failing)
        stage.say("All are home", f"Nobody needs {backup.serial}. One backup has to do for all {count}.")
        stage.pause()

    def _one_fails(self) -> None:
        """It takes what is free, is told, is repaired, and comes home."""
        stage, station = self._stage, self._failing[-1]
        mishap = self._kill(ONE, station)
        stage.say(
            f"The license server of {station.name} has just been killed with SIGKILL",
            "It asks all entries of its list at once. The others use their own licenses: what is free is the backup.",
            alert=True,
        )
        taken = self._switched(station, mishap.since)
        self._expect(taken == self._backup.serial, f"{station.name} took {taken}, not {self._backup.serial}")
        stage.say(f"{station.name} goes on with {taken}, without having stopped", "The technician is told.")
        stage.pause()
        stage.acknowledge(station, stage.alarm(station, "serial-number"), f"{station.server.name} is being repaired")
        self._repair(station)
        self._restart(mishap, station)
        self._see_the_backup_free()

    def _some_fail_while_one_is_off(self) -> None:
        """A system that is switched off lends its license to whoever needs it first."""
        stage, off = self._stage, self._stations[-1]
        failing = [station for station in self._failing if station is not off]
        stage.stop(off)
        stage.say(
            f"{off.name} is switched off: its own license, {off.home}, is free as well",
            "Its license server goes on running, and so shares it with the others.",
        )
        stage.pause()
        mishap = self._kill(ONE_IS_OFF, *failing)
        stage.say(
            f"The license server of {_both(failing)} has just been killed",
            f"There are two free licenses now, {off.home} and {self._backup.serial}: whoever comes first takes first.",
            alert=True,
        )
        taken = {self._switched(station, mishap.since) for station in failing}
        self._expect(
            taken <= {off.home, self._backup.serial} and len(taken) == len(failing),
            f"{_both(failing)} took {', '.join(sorted(taken))}",
        )
        stage.say(f"Nobody was without a license: {', '.join(sorted(taken))} served", "What is broken is repaired.")
        stage.pause()
        self._repair(*failing)
        self._restart(mishap, *failing)
        self._start_at_home(off)

    def _two_fail_at_once(self) -> None:
        """One backup saves one: the second is told, and takes the first license that comes free."""
        stage, backup = self._stage, self._backup
        mishap = self._kill(TWO, *self._failing)
        since = mishap.since
        stage.say(
            f"The license servers of {_both(self._failing)} have just been killed, at the same time",
            f"Free is {backup.serial} only. Whoever comes first takes it.",
            alert=True,
        )
        stage.pause()
        name = stage.until("secured", since, *self._failing).system
        first, second = sorted(self._failing, key=lambda station: station.name != name)
        stage.say(
            f"{first.name} came first: {backup.serial} is its spare. {second.name} gets nothing",
            f"{second.name} still has the rest of its lease, asks its own server and all others, and is suspect.",
            alert=True,
        )
        taken = self._switched(first, since)
        self._expect(taken == backup.serial, f"{first.name} took {taken}, not {backup.serial}")
        lost = stage.until("lost", since, second)
        stage.say(
            f"The lease of {second.name} has ended: it is without a license",
            "By default `sparekey run` would have ended the application in time. Here it is kept, and people are told.",
            alert=True,
        )
        stage.pause()
        stage.acknowledge(second, stage.alarm(second, "no-license"), f"{first.server.name} is repaired first")
        self._repair(first)
        again = stage.until("acquired", since, second)
        self._expect(again.serial == first.home, f"{second.name} took {again.serial}, not {first.home}")
        self._expect(lost.at < again.at, f"{second.name} was not without a license")
        stage.say(
            f"{first.name} stays on {taken}, so its own {first.home} came free: {second.name} has taken it",
            "A running application stays where it is. The second is repaired, and restarted first.",
        )
        stage.pause()
        self._repair(second)
        self._restart(mishap, second)
        self._restart(mishap, first)
        self._see_the_backup_free()

    def _switched(self, station: Station, since: int) -> str:
        """Wait until the station has switched; return to which license."""
        spare = self._stage.until("secured", since, station)
        switch = self._stage.until("switched", since, station)
        self._expect(spare.serial == switch.serial, f"{station.name} held {spare.serial}, and uses {switch.serial}")
        return switch.serial

    def _kill(self, story: str, *stations: Station) -> _Mishap:
        since = self._stage.chronicle.so_far
        return _Mishap(story, self._stage.kill(*stations), since)

    def _repair(self, *stations: Station) -> None:
        self._stage.share("returned", *(station.server for station in stations))

    def _restart(self, mishap: _Mishap, *stations: Station) -> None:
        """Restart the applications: they are home afterwards (R9)."""
        unlicensed = self._stage.stop(*stations)
        self._rescues += (self._rescue(mishap, station, unlicensed[station.name]) for station in stations)
        self._start_at_home(*stations)

    def _see_the_backup_free(self) -> None:
        self._stage.until_free(self._backup)
        self._stage.say(
            "All are home after a restart",
            f"{self._backup.serial} is free again, as `sparekey server status` says, for whoever needs it next.",
        )
        self._stage.pause()

    def _rescue(self, mishap: _Mishap, station: Station, unlicensed: float) -> Rescue:
        chronicle, since = self._stage.chronicle, mishap.since
        spare, switch = (chronicle.first(what, since, station.name) for what in ("secured", "switched"))
        taken = switch or chronicle.first("acquired", since, station.name)
        return Rescue(
            mishap.story,
            station.name,
            taken.serial if taken else "",
            spare.at - mishap.at if spare else None,
            switch.at - mishap.at if switch else None,
            unlicensed,
        )

    def _judged(self) -> PlantOutcome:
        """Only whoever found no license free may have been without one."""
        stage = self._stage
        late = {rescue.system for rescue in self._rescues if rescue.spare_seconds is None}
        for name, seconds in stage.unlicensed.items():
            self._expect(seconds == 0 or name in late, f"{name} was unlicensed for {seconds:.3f} s")
        happenings = sorted(stage.chronicle.happenings, key=lambda each: each.at)
        moved = {each.system for each in happenings if each.what in ("switched", "lost")}
        others = moved - {station.name for station in self._failing}
        self._expect(not others, f"moved although nothing of theirs had failed: {', '.join(sorted(others))}")
        rescues = sorted(self._rescues, key=lambda rescue: rescue.spare_seconds is None)
        return PlantOutcome(stage.unlicensed, rescues, happenings, self._faults)

    def _start_at_home(self, *stations: Station) -> None:
        serials = self._stage.start(*stations)
        away = [f"{each.name} runs on {serials[each.name]}" for each in stations if serials[each.name] != each.home]
        self._expect(not away, f"not home after a start: {', '.join(away)}")

    def _expect(self, fact: bool, otherwise: str) -> None:
        if not fact:
            self._faults.append(otherwise)


def _both(stations: Sequence[Station]) -> str:
    return " and ".join(station.name for station in stations)
