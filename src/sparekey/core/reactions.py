"""The reactions core: what a change of a variable sets off (R10).

An event comes in with the time, consequences go out, and the next timer:

    reactions = Reactions(matrices, memory, written=rfc3339)
    consequences = reactions.receive(Begin(time, last changes that were evaluated), now)
    for change in journal:                                          # in the order of their numbers, each once
        consequences = reactions.receive(change, now)
        store(consequences, reactions.memory, change.number)        # in one transaction: exactly once
    wake_at(reactions.next_timer())                                 # then: read the journal, receive(Tick(), now)

`now` is on the boot clock. The memory is a value: another process that goes on from it decides the same. It is replaced
when it changes, so `is` tells whether there is something to store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from sparekey.core.consequences import Consequence, Notify, Occasion, RaiseAlarm, ReturnToNormal, Run, WriteEvent
from sparekey.core.matrices import DEFAULT_TEXT, Matrix, State
from sparekey.core.variables import Change, Quality

NOTHING = "none"
"""How a text says that there is no value."""


@dataclass(frozen=True, slots=True)
class Begin:
    """The notifier starts at `time`, Unix time. `latest`: of each variable the last change that was evaluated.

    What a new reactions.toml no longer knows returns to normal; what it newly sees in them begins.
    """

    time: float
    latest: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed, and no change up to now is left unread."""


@dataclass(frozen=True, slots=True)
class Ended:
    """This alarm is gone, though nothing returned it to normal: one that does not return was acknowledged."""

    key: int


Event: TypeAlias = Begin | Change | Tick | Ended


@dataclass(frozen=True, slots=True)
class Standing:
    """A state that counts for a variable. `since` is on the boot clock, `began` the same in Unix time.

    `waiting`: its delay is not over. `key`: the alarm that it raised. `change`: the last one that it is about.

    `returns`: it ends when its state no longer counts.
    """

    matrix: str
    state: str
    change: Change
    since: float
    began: float
    waiting: bool
    returns: bool
    key: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """What a restart goes on from: how many alarms there were, and what stands, by matrix and variable."""

    alarms: int = 0
    standings: Mapping[str, Standing] = field(default_factory=dict)


class Reactions:
    """Evaluates the matrices. `written` makes a text of a Unix time."""

    def __init__(self, matrices: Iterable[Matrix], memory: Memory, *, written: Callable[[float], str]) -> None:
        self.memory = memory
        self._matrices = tuple(matrices)
        self._written = written
        self._consequences: list[Consequence] = []

    def receive(self, event: Event, now: float) -> list[Consequence]:
        """Take in what has happened; return what it sets off, in this order."""
        match event:
            case Begin(time, latest):
                self._begin(time, latest, now)
            case Change():
                self._change(event, min(event.at, now))
            case Tick():
                self._fire_due(self.memory.standings, now)
            case Ended(key):
                ended = [place for place, standing in self.memory.standings.items() if standing.key == key]
                self._forget(*ended)
        consequences, self._consequences = self._consequences, []
        return consequences

    def next_timer(self) -> float:
        """When to come back with a Tick, boot clock, if nothing happens before."""
        return min(
            (self._due(standing) for standing in self.memory.standings.values() if standing.waiting),
            default=float("inf"),
        )

    # events

    def _begin(self, time: float, latest: Iterable[Change], now: float) -> None:
        for place, standing in self.memory.standings.items():
            if self._state(standing) is None:
                self._end(place, standing.change.number, time)
            elif standing.waiting and standing.since > now:  # the machine was started anew, and its clock with it
                self._remember(place, replace(standing, since=now))
        for change in latest:
            for matrix in self._watching(change):
                if not matrix.each_change:
                    self._evaluate(matrix, replace(change, old=change.new), now)

    def _change(self, change: Change, at: float) -> None:
        """A change that is read late comes after what was due before it all the same."""
        self._fire_due({p: s for p, s in self.memory.standings.items() if s.change.name == change.name}, at)
        for matrix in self._watching(change):
            self._evaluate(matrix, change, at)

    def _evaluate(self, matrix: Matrix, change: Change, at: float) -> None:
        place = f"{matrix.name}: {change.name}"
        standing = self.memory.standings.get(place)
        state = matrix.state_of(change)
        if state is None and change.new.quality is Quality.BAD:
            self._doubt(place)
        elif state is None or state.is_normal:
            self._end(place, change.number, change.new.time)
        elif _begins(matrix, state, standing, change):
            self._end(place, change.number, change.new.time, replaced=not state.delay)
            self._stand(place, matrix, state, change, at)
        elif not _counts(state, standing):
            self._end(place, change.number, change.new.time)
        elif standing and standing.waiting:
            self._remember(place, replace(standing, change=change))

    def _fire_due(self, standings: Mapping[str, Standing], now: float) -> None:
        times = sorted((self._due(standing), place) for place, standing in standings.items() if standing.waiting)
        for time, place in times:
            state = self._state(standings[place])
            if state and time <= now:
                self._violate(place, state)

    # what becomes of a state

    def _stand(self, place: str, matrix: Matrix, state: State, change: Change, at: float) -> None:
        """From now on this state counts; it is a violation when it has done so for its delay."""
        condition, began = str(state.condition), change.new.time
        self._remember(place, Standing(matrix.name, condition, change, at, began, waiting=True, returns=state.returns))
        if not state.delay:
            self._violate(place, state)

    def _violate(self, place: str, state: State) -> None:
        standing = self.memory.standings[place]
        text = (state.text or DEFAULT_TEXT).fill(standing.change, self._written, empty=NOTHING)
        standing = replace(standing, waiting=False, key=self._next_key() if state.alarm else None, text=text)
        time = standing.began + state.delay
        self._record(state, standing, time)
        self._tell(Occasion.ALARM if state.alarm else Occasion.EVENT, state, standing, standing.change.number, time)
        if state.run:
            argv = tuple(argument.fill(standing.change, self._written) for argument in state.run)
            self._consequences.append(Run(argv, standing.change.number, time))
        if state.returns or (state.alarm and state.alarm.acknowledge):
            self._remember(place, standing)
        else:
            self._forget(place)

    def _record(self, state: State, standing: Standing, time: float) -> None:
        """An alarm, else an event."""
        name, number = standing.change.name, standing.change.number
        if state.alarm and standing.key:
            self._consequences.append(
                RaiseAlarm(standing.key, standing.matrix, name, state.alarm, standing.text, state.returns, number, time)
            )
        else:
            self._consequences.append(WriteEvent(standing.matrix, name, standing.text, number, time))

    def _end(self, place: str, change: int, time: float, *, replaced: bool = False) -> None:
        """The state no longer counts. Nobody is told of its end where another takes its place at once."""
        standing = self.memory.standings.get(place)
        if standing is None:
            return
        self._forget(place)
        if standing.key and standing.returns:
            self._consequences.append(ReturnToNormal(standing.key, change, time))
            state = self._state(standing)
            if state and not replaced:
                self._tell(Occasion.RETURN, state, standing, change, time)

    def _doubt(self, place: str) -> None:
        """Nobody knows whether it still is so: an alarm stays, but what waits is not seen to hold."""
        standing = self.memory.standings.get(place)
        if standing and standing.waiting:
            self._forget(place)

    def _tell(self, occasion: Occasion, state: State, standing: Standing, change: int, time: float) -> None:
        if state.notify:
            severity = state.alarm.severity if state.alarm else None
            matrix, name, text, key = standing.matrix, standing.change.name, standing.text, standing.key
            self._consequences.append(Notify(state.notify, occasion, matrix, name, text, key, severity, change, time))

    # memory

    def _remember(self, place: str, standing: Standing) -> None:
        self.memory = replace(self.memory, standings={**self.memory.standings, place: standing})

    def _forget(self, *places: str) -> None:
        kept = {place: standing for place, standing in self.memory.standings.items() if place not in places}
        if len(kept) < len(self.memory.standings):
            self.memory = replace(self.memory, standings=kept)

    def _next_key(self) -> int:
        self.memory = replace(self.memory, alarms=self.memory.alarms + 1)
        return self.memory.alarms

    # matrices

    def _watching(self, change: Change) -> Iterable[Matrix]:
        return (matrix for matrix in self._matrices if matrix.watches(change.name))

    def _state(self, standing: Standing) -> State | None:
        """The state that stands; None where the matrices no longer have it for this variable."""
        own = (matrix for matrix in self._watching(standing.change) if matrix.name == standing.matrix)
        return next((state for matrix in own if (state := matrix.state(standing.state))), None)

    def _due(self, standing: Standing) -> float:
        state = self._state(standing)
        return standing.since + state.delay if state else float("inf")


def _counts(state: State, standing: Standing | None) -> bool:
    return standing is not None and standing.state == str(state.condition)


def _begins(matrix: Matrix, state: State, standing: Standing | None, change: Change) -> bool:
    """Whether this change begins a violation: a state that did not count, or a new value where each is one (R10)."""
    changed = change.old is not None and change.old.value != change.new.value
    if state.returns:
        return not _counts(state, standing) or (matrix.each_change and changed)
    return changed and (not _counts(state, standing) or matrix.each_change)
