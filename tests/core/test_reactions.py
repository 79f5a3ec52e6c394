"""What a change of a variable sets off: one alarm a violation, paired with its return (R10)."""

from __future__ import annotations

from collections.abc import Sequence

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given, settings

from sparekey.core.consequences import Consequence, Notify, Occasion, RaiseAlarm, ReturnToNormal, Run, WriteEvent
from sparekey.core.matrices import Attributes, Condition, Matrix, MatrixError, Pattern, State, When
from sparekey.core.reactions import Begin, Ended, Event, Memory, Reactions, Tick
from sparekey.core.templates import Template, TemplateError
from sparekey.core.variables import ENTRY, SERIAL_NUMBER, Change, Name, Quality, Reading, Value

ALARM = Attributes("license", "warning", 700)
UNIX = 1_000_000.0
"""What the wall clock showed when the boot clock began."""


def matrix(*states: State, variable: str = "*", each_change: bool = False, name: str = "m") -> Matrix:
    return Matrix(name, (Pattern(variable),), states, each_change)


def state(
    when: When, value: Value = None, *, delay: float = 0.0, reason: str = "", notify: Sequence[str] = ()
) -> State:
    text = Template("{app}: {old} to {new}")
    return State(Condition(when, value, reason), delay, ALARM, text, tuple(notify))


def reading(value: Value, at: float, quality: Quality = Quality.GOOD) -> Reading:
    return Reading(value, quality, UNIX + at)


class Bench:
    """One variable whose values change, and what that sets off; starts anew before each event if `restarts`."""

    def __init__(self, *matrices: Matrix, restarts: bool = False) -> None:
        self.matrices = matrices
        self.reactions = Reactions(matrices, Memory(), written=str)
        self.last: Reading | None = None
        self.number = 0
        self.all: list[Consequence] = []
        self._restarts = restarts

    def set(
        self,
        value: Value,
        at: float,
        *,
        quality: Quality = Quality.GOOD,
        reason: str = "why",
        now: float | None = None,
        name: str = ENTRY,
    ) -> list[Consequence]:
        self.number += 1
        old, self.last = self.last, reading(value, at, quality)
        change = Change(self.number, Name("Runtime", name), old, self.last, reason, at)
        return self.receive(change, at if now is None else now)

    def tick(self, now: float) -> list[Consequence]:
        return self.receive(Tick(), now)

    def receive(self, event: Event, now: float) -> list[Consequence]:
        if self._restarts:
            self.restart()
            self.all += self.reactions.receive(Begin(UNIX + now), now)
        consequences = self.reactions.receive(event, now)
        self.all += consequences
        return consequences

    def restart(self, *matrices: Matrix) -> None:
        """Another process goes on from what this one stored."""
        stored = msgspec.json.encode(self.reactions.memory)
        self.matrices = matrices or self.matrices
        self.reactions = Reactions(self.matrices, msgspec.json.decode(stored, type=Memory), written=str)


def kinds(consequences: Sequence[Consequence]) -> list[type[Consequence]]:
    return [type(each) for each in consequences]


def keys(consequences: Sequence[Consequence], kind: type[RaiseAlarm | ReturnToNormal]) -> list[int]:
    return [each.key for each in consequences if isinstance(each, kind)]


# conditions


@pytest.mark.parametrize(
    ("when", "wanted", "holds", "does_not"),
    [
        (When.EQUAL, "DEMO", ["DEMO"], ["demo", "", None, 0]),
        (When.EQUAL, "", ["", None], ["x", 0, False]),
        (When.EQUAL, 1, [1, 1.0], [True, "1", None]),
        (When.NOT_EQUAL, "", ["x"], ["", None]),
        (When.NOT_EQUAL, 0, [1, -1, "0"], [0, None]),
        (When.LESS, 31, [30, -5, 30.5], [31, None, "1", True]),
        (When.GREATER, 0, [1, 0.5], [0, -1, None, True, "1"]),
        (When.MATCHES, "^5-", ["5-1042"], ["15-1", "", None]),
        (When.MATCHES, "^$", [None, ""], ["x"]),
    ],
)
def test_a_condition_holds_for_these_values(
    when: When, wanted: Value, holds: list[Value], does_not: list[Value]
) -> None:
    condition = Condition(when, wanted)
    assert [value for value in holds if not condition.holds(reading(value, 0), "")] == []
    assert [value for value in does_not if condition.holds(reading(value, 0), "")] == []


def test_of_a_bad_reading_nothing_is_known_but_that_it_is_bad() -> None:
    bad = reading(1, 0, Quality.BAD)
    assert Condition(When.BAD).holds(bad, "")
    assert not Condition(When.GREATER, 0).holds(bad, "")
    assert not Condition(When.ANY).holds(bad, "")
    assert not Condition(When.BAD).holds(reading(1, 0), "")


def test_a_condition_can_ask_for_the_reason() -> None:
    condition = Condition(When.BAD, reason="^the application ends$")
    assert condition.holds(reading(1, 0, Quality.BAD), "the application ends")
    assert not condition.holds(reading(1, 0, Quality.BAD), "killed")


@pytest.mark.parametrize(
    ("when", "value", "reason"),
    [
        (When.LESS, None, "'less' needs a number as its value"),
        (When.GREATER, "1", "'greater' needs a number"),
        (When.GREATER, True, "'greater' needs a number"),
        (When.LESS, float("nan"), "'less' needs a number"),
        (When.EQUAL, None, "'equal' needs a value"),
        (When.MATCHES, 5, "'matches' needs a regular expression"),
        (When.MATCHES, "(", "'\\(' is no regular expression: missing \\)"),
    ],
)
def test_a_condition_that_cannot_be_says_why(when: When, value: Value, reason: str) -> None:
    with pytest.raises(MatrixError, match=reason):
        Condition(when, value)


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("*/[License] Entry", "Runtime/[License] Entry", True),
        ("*/[License] Entry", "Runtime/L", False),
        ("Runtime/[License] Entry", "Other/[License] Entry", False),
        ("*/[License] Backup *", "Runtime/[License] Backup 10", True),
        ("*/[License] Backup *", "Runtime/[License] Backups missing", False),
        ("*", "server a/[Server] Alarm", True),
    ],
)
def test_a_pattern_takes_brackets_for_themselves_and_a_star_for_any(pattern: str, name: str, matches: bool) -> None:
    owner, _, variable = name.partition("/")
    assert Pattern(pattern).matches(Name(owner, variable)) is matches


# texts


def test_a_text_names_what_has_changed() -> None:
    template = Template("{app} {variable} {old} {new} {reason} {time} {quality} {{}}")
    change = Change(1, Name("Runtime", ENTRY), reading("a", 0), reading(True, 5), "why", 5)
    assert template.fill(change, str) == "Runtime [License] Entry a true why 1000005.0 good {}"


def test_a_text_says_where_there_is_no_value_and_stays_in_one_line() -> None:
    change = Change(1, Name("Runtime", ENTRY), None, reading("", 5), "a\r\nBcc: x", 5)
    assert Template("{old},{new}: {reason}").fill(change, str, empty="none") == "none,none: a  Bcc: x"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{odl}", "unknown field {odl}: did you mean '{old}'\\?"),
        ("{x}", "unknown field {x}: there is {app}, "),
        ("{}", "unknown field {}"),
        ("{new.__class__}", "unknown field {new.__class__}"),
        ("{new!r}", "the field {new} stands by itself"),
        ("{new:>9}", "the field {new} stands by itself"),
        ("{new", "a brace stands alone"),
        ("}", "a brace stands alone"),
    ],
)
def test_a_text_with_an_unknown_field_says_which_and_what_there_is(text: str, reason: str) -> None:
    with pytest.raises(TemplateError, match=reason):
        Template(text)


# violations


def test_r10_every_change_of_the_serial_number_and_only_a_change_is_an_alarm() -> None:
    bench = Bench(matrix(state(When.ANY), variable=f"*/{SERIAL_NUMBER}", each_change=True))
    assert not bench.set("5-1042", 0, name=SERIAL_NUMBER)
    (first,) = bench.set("5-1043", 1, name=SERIAL_NUMBER)
    assert isinstance(first, RaiseAlarm)
    assert (first.text, first.returns, first.change) == ("Runtime: 5-1042 to 5-1043", False, 2)
    assert not bench.set("5-1043", 2, quality=Quality.BAD, name=SERIAL_NUMBER)
    assert not bench.set("5-1043", 3, name=SERIAL_NUMBER), "a start on the same license is no change"
    assert not bench.set("5-1043", 4, quality=Quality.BAD, name=SERIAL_NUMBER)
    (second,) = bench.set("5-1042", 5, name=SERIAL_NUMBER)
    assert isinstance(second, RaiseAlarm)
    assert second.key == 2


def test_without_each_change_there_is_one_alarm_as_long_as_it_stands() -> None:
    bench = Bench(matrix(state(When.ANY)))
    bench.set(0, 0)
    assert kinds(bench.set(1, 1)) == [RaiseAlarm]
    assert not bench.set(2, 2)
    bench.receive(Ended(1), 3)
    assert kinds(bench.set(3, 4)) == [RaiseAlarm]


def test_a_condition_raises_one_alarm_and_returns_it() -> None:
    bench = Bench(matrix(state(When.GREATER, 0)))
    (raised,) = bench.set(1, 10)
    assert raised == RaiseAlarm(
        1, "m", Name("Runtime", ENTRY), ALARM, "Runtime: none to 1", returns=True, change=1, time=UNIX + 10
    )
    assert not bench.set(2, 11)
    assert bench.set(0, 12) == [ReturnToNormal(1, 3, UNIX + 12)]
    assert not bench.set(0, 13)


def test_with_each_change_each_value_is_a_violation_of_its_own() -> None:
    bench = Bench(matrix(state(When.GREATER, 0), each_change=True))
    assert keys(bench.set(1, 1), RaiseAlarm) == [1]
    again = bench.set(2, 2)
    assert (keys(again, ReturnToNormal), keys(again, RaiseAlarm)) == ([1], [2])
    assert not bench.set(2, 3, quality=Quality.BAD)
    assert not bench.set(2, 4)
    assert keys(bench.set(0, 5), ReturnToNormal) == [2]


def test_the_first_state_that_holds_counts() -> None:
    bench = Bench(matrix(state(When.LESS, 8), state(When.LESS, 31)))
    assert keys(bench.set(30, 1), RaiseAlarm) == [1]
    assert kinds(bench.set(7, 2)) == [ReturnToNormal, RaiseAlarm]
    assert kinds(bench.set(300, 3)) == [ReturnToNormal]


def test_a_state_with_nothing_but_a_condition_is_normal() -> None:
    stopped = State(Condition(When.BAD, reason="ends"))
    bench = Bench(matrix(stopped, state(When.BAD)))
    assert not bench.set(1, 1, quality=Quality.BAD, reason="the application ends")
    assert kinds(bench.set(1, 2, quality=Quality.BAD, reason="killed")) == [RaiseAlarm]
    assert kinds(bench.set(1, 3, quality=Quality.BAD, reason="the application ends")) == [ReturnToNormal]


def test_an_alarm_stays_while_nobody_knows() -> None:
    bench = Bench(matrix(state(When.GREATER, 0)))
    bench.set(1, 1)
    assert not bench.set(1, 2, quality=Quality.BAD)
    assert not bench.set(1, 3)
    bench.set(1, 4, quality=Quality.BAD)
    assert kinds(bench.set(0, 5)) == [ReturnToNormal]


def test_a_state_without_an_alarm_writes_an_event_once() -> None:
    bench = Bench(matrix(State(Condition(When.GREATER, 0), text=Template("{new}"))))
    assert bench.set(1, 1) == [WriteEvent("m", Name("Runtime", ENTRY), "1", 1, UNIX + 1)]
    assert not bench.set(2, 2)
    assert not bench.set(0, 3)


def test_every_change_is_an_event_where_it_needs_no_alarm() -> None:
    bench = Bench(matrix(State(Condition(When.ANY), text=Template("{new}"))))
    bench.set(0, 0)
    assert kinds(bench.set(1, 1)) == [WriteEvent]
    assert kinds(bench.set(2, 2)) == [WriteEvent]


def test_who_was_told_of_an_alarm_is_told_of_its_return() -> None:
    bench = Bench(matrix(state(When.GREATER, 0, notify=["mail", "mqtt"])))
    _, told = bench.set(1, 1)
    assert isinstance(told, Notify)
    assert (told.outlets, told.occasion, told.key, told.severity) == (("mail", "mqtt"), Occasion.ALARM, 1, 700)
    _, told = bench.set(0, 2)
    assert isinstance(told, Notify)
    assert (told.occasion, told.text, told.key) == (Occasion.RETURN, "Runtime: none to 1", 1)


def test_nobody_is_told_of_the_end_of_what_became_worse_at_once() -> None:
    bench = Bench(matrix(state(When.LESS, 8, notify=["mail"]), state(When.LESS, 31, notify=["mail"])))
    bench.set(30, 1)
    assert kinds(bench.set(7, 2)) == [ReturnToNormal, RaiseAlarm, Notify]


def test_a_program_is_given_the_values_as_they_are() -> None:
    siren = State(Condition(When.EQUAL, ""), run=(Template("/bin/siren"), Template("{app}"), Template("{new}")))
    bench = Bench(matrix(siren))
    assert bench.set("", 1)[-1] == Run(("/bin/siren", "Runtime", ""), 1, UNIX + 1)


# delays


def test_what_must_hold_for_a_time_comes_at_the_end_of_it() -> None:
    bench = Bench(matrix(state(When.GREATER, 0, delay=10)))
    assert not bench.set(1, 5)
    assert bench.reactions.next_timer() == 15
    assert not bench.tick(14.9)
    assert not bench.set(2, 14.95), "it still is so: the time goes on"
    (raised,) = bench.tick(15)
    assert isinstance(raised, RaiseAlarm)
    assert (raised.time, raised.text) == (UNIX + 15, "Runtime: 1 to 2")
    assert bench.reactions.next_timer() == float("inf")
    assert not bench.tick(100)


@pytest.mark.parametrize("quality", Quality)
def test_a_change_back_cancels_what_waits_and_so_does_not_knowing(quality: Quality) -> None:
    bench = Bench(matrix(state(When.GREATER, 0, delay=10)))
    bench.set(1, 5)
    bench.set(0 if quality is Quality.GOOD else 1, 14, quality=quality)
    assert not bench.tick(100)


def test_changes_that_are_read_late_have_the_times_at_which_they_were() -> None:
    bench = Bench(matrix(state(When.GREATER, 0, delay=10)))
    assert not bench.set(1, 5, now=500)
    assert not bench.set(0, 14, now=500), "it was so for 9 seconds"
    assert not bench.set(1, 20, now=500)
    late = bench.set(0, 31, now=500)
    assert kinds(late) == [RaiseAlarm, ReturnToNormal], "it was so for 11 seconds"


def test_a_delay_goes_on_over_a_restart_of_the_notifier() -> None:
    bench = Bench(matrix(state(When.GREATER, 0, delay=10)))
    bench.set(1, 5)
    bench.restart()
    assert not bench.receive(Begin(UNIX + 12), 12)
    assert kinds(bench.tick(15)) == [RaiseAlarm]


def test_a_delay_begins_anew_where_the_machine_did() -> None:
    bench = Bench(matrix(state(When.GREATER, 0, delay=10)))
    bench.set(1, 5000)
    bench.restart()
    bench.receive(Begin(UNIX), 20)
    assert bench.reactions.next_timer() == 30


# another reactions.toml


def test_what_a_new_file_no_longer_knows_returns_to_normal() -> None:
    bench = Bench(matrix(state(When.GREATER, 0)), matrix(state(When.GREATER, 0), name="other"))
    bench.set(1, 1)
    bench.restart(matrix(state(When.GREATER, 0), name="other"))
    assert bench.receive(Begin(UNIX + 9), 9) == [ReturnToNormal(1, 1, UNIX + 9)]
    assert kinds(bench.set(0, 10)) == [ReturnToNormal]


def test_what_a_new_file_sees_in_the_last_values_begins() -> None:
    bench = Bench(matrix(state(When.GREATER, 5)))
    bench.set(1, 1)
    assert bench.last
    last = Change(1, Name("Runtime", ENTRY), None, bench.last, "why", 1)
    bench.restart(matrix(state(When.GREATER, 0)), matrix(state(When.ANY), name="any", each_change=True))
    assert kinds(bench.receive(Begin(UNIX + 9, (last,)), 9)) == [RaiseAlarm]
    assert not bench.receive(Begin(UNIX + 9, (last,)), 9)


# whatever happens

CONDITIONS = [(When.GREATER, 2), (When.LESS, 1), (When.EQUAL, 1), (When.ANY, None), (When.BAD, None)]
STATES = st.builds(
    lambda condition, delay: state(*condition, delay=delay, notify=["mail"]),
    st.sampled_from(CONDITIONS),
    st.sampled_from([0.0, 0.0, 2.0]),
)
MATRICES = st.builds(
    lambda states, each: matrix(*states, each_change=each),
    st.lists(STATES, min_size=1, max_size=3, unique_by=lambda each: str(each.condition)),
    st.booleans(),
)
STEPS = st.lists(
    st.tuples(st.sampled_from([0, 1, 2, 3, 4]), st.sampled_from(Quality), st.sampled_from([0.5, 1.0, 3.0])), max_size=12
)


def _played(bench: Bench, steps: Sequence[tuple[int, Quality, float]]) -> list[Consequence]:
    now = 0.0
    for value, quality, pause in steps:
        now += pause
        if bench.reactions.next_timer() <= now:
            bench.tick(now)
        bench.set(value, now, quality=quality)
    bench.tick(now + 10)
    return bench.all


@given(MATRICES, STEPS)
@settings(deadline=None)
def test_a_restart_between_any_two_events_changes_nothing(one: Matrix, steps: list[tuple[int, Quality, float]]) -> None:
    assert _played(Bench(one, restarts=True), steps) == _played(Bench(one), steps)


@given(MATRICES, STEPS)
@settings(deadline=None)
def test_alarms_come_once_and_return_once_and_one_at_a_time(
    one: Matrix, steps: list[tuple[int, Quality, float]]
) -> None:
    bench = Bench(one)
    played = _played(bench, steps)
    raised = [each for each in played if isinstance(each, RaiseAlarm)]
    returned = keys(played, ReturnToNormal)
    assert [alarm.key for alarm in raised] == list(range(1, len(raised) + 1))
    assert len(set(returned)) == len(returned)
    assert set(returned) <= {alarm.key for alarm in raised if alarm.returns}
    standing: set[int] = set()
    for each in played:
        if isinstance(each, ReturnToNormal):
            standing.remove(each.key)
        elif isinstance(each, RaiseAlarm) and each.returns:
            assert not standing, "the one before returns first"
            standing.add(each.key)
    assert len(standing) <= 1


@given(MATRICES.filter(lambda one: all(not s.delay and s.returns for s in one.states) and not one.each_change), STEPS)
@settings(deadline=None)
def test_an_alarm_stands_exactly_while_its_state_counts(one: Matrix, steps: list[tuple[int, Quality, float]]) -> None:
    bench = Bench(one)
    standing: set[int] = set()
    expected = False
    for number, (value, quality, _) in enumerate(steps):
        consequences = bench.set(value, float(number), quality=quality)
        standing = (standing - set(keys(consequences, ReturnToNormal))) | set(keys(consequences, RaiseAlarm))
        counts = any(each.condition.holds(reading(value, 0, quality), "") for each in one.states)
        expected = counts or (expected and quality is Quality.BAD)
        assert bool(standing) is expected
