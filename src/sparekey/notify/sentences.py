"""What happens when, in plain sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sparekey.core.matrices import Condition, Matrix, Pattern, State, When
from sparekey.core.templates import shown
from sparekey.notify.outlet_settings import Messages, Metrics, Mqtt, OpcUa, Outlet
from sparekey.notify.server_settings import Server
from sparekey.notify.server_watch import PERIOD

_ANY_OWNER = {"*": "any application", "server *": "any license server"}
_CONDITIONS: Mapping[When, Callable[[Condition], str]] = {
    When.ANY: lambda _: "changes",
    When.EQUAL: lambda c: f"is {_value(c)}",
    When.NOT_EQUAL: lambda c: f"is not {_value(c)}",
    When.LESS: lambda c: f"is less than {_value(c)}",
    When.GREATER: lambda c: f"is greater than {_value(c)}",
    When.MATCHES: lambda c: f"matches {_value(c)}",
    When.BAD: lambda _: "has bad quality",
}


def of_matrix(matrix: Matrix) -> str:
    """A paragraph: one sentence or two for each state, in the order in which they are looked at."""
    subject = _joined([_variable(pattern) for pattern in matrix.variables], "or")
    return " ".join(_sentences(matrix, subject))


def of_outlet(outlet: Outlet) -> str:
    """Where what is told goes, without the passwords of URLs (T4)."""
    match outlet:
        case OpcUa():
            return f"an OPC UA server at {outlet.endpoint}"
        case Mqtt():
            return f"an MQTT broker, topics below {outlet.topic}"
        case Metrics():
            return f"metrics for Prometheus at {outlet.listen}"
        case Messages():
            return f"messages by {outlet.scheme}"


def of_server(server: Server) -> str:
    """How it is watched."""
    return f"the license server at {server.location}, asked each {PERIOD:g} seconds"


def _sentences(matrix: Matrix, subject: str) -> Iterator[str]:
    for number, state in enumerate(matrix.states):
        opening = f"Otherwise, when it {_when(matrix, state)}" if number else f"When {subject} {_when(matrix, state)}"
        told = f"; {_told(state.notify)}" if state.notify else ""
        runs = f"; `{' '.join(argument.text for argument in state.run)}` is run" if state.run else ""
        yield f"{opening}: {_what(state)}{told}{runs}."
        if state.alarm:
            yield _end(state)


def _when(matrix: Matrix, state: State) -> str:
    condition = state.condition
    reason = f" and the reason matches `{condition.reason}`" if condition.reason else ""
    each = ", at each new value" if matrix.each_change and state.returns else ""
    holds = f" and stays so for {state.delay:g} seconds" if state.delay else ""
    return f"{_CONDITIONS[condition.when](condition)}{reason}{each}{holds}"


def _what(state: State) -> str:
    if state.is_normal:
        return "that is normal"
    at_once = "" if state.delay else ", at once"
    if not state.alarm:
        return f"an event{at_once}"
    alarm = state.alarm
    article = "an" if alarm.alarm_class[:1].lower() in tuple("aeiou") else "a"
    need = " that must be acknowledged" if alarm.acknowledge else ""
    return f"{article} {alarm.alarm_class} alarm of severity {alarm.severity}{need}{at_once}"


def _end(state: State) -> str:
    if state.returns:
        return "It returns to normal when that is over."
    needs = state.alarm is not None and state.alarm.acknowledge
    return "It is gone when it is acknowledged." if needs else "It is over as it comes: only the event list shows it."


def _variable(pattern: Pattern) -> str:
    """`Runtime/[License] Entry` is `[License] Entry` of Runtime."""
    owner, divided, variable = pattern.text.partition("/")
    if not divided:
        return "any variable" if owner == "*" else f"`{owner}`"
    return f"`{variable}` of {_ANY_OWNER.get(owner, owner)}"


def _told(outlets: Sequence[str]) -> str:
    return f"{_joined(outlets, 'and')} {'is' if len(outlets) == 1 else 'are'} told"


def _joined(words: Sequence[str], last: str) -> str:
    return f" {last} ".join(", ".join(words).rsplit(", ", 1)) if len(words) > 1 else "".join(words)


def _value(condition: Condition) -> str:
    return f"`{shown(condition.value)}`" if condition.value != "" else "empty"
