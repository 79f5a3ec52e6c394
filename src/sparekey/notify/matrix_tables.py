"""The tables `[[matrix]]` of reactions.toml, and their states."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

from msgspec import Struct, field

from sparekey.core.matrices import Attributes, Condition, Matrix, Pattern, State, When
from sparekey.core.suggestions import suggestion
from sparekey.core.templates import Template
from sparekey.core.variables import KNOWN
from sparekey.notify.findings import Findings
from sparekey.notify.globs import meet
from sparekey.notify.positions import Position

EVERY_OUTLET = "*"
BAD_QUALITY = "bad"
CONDITIONS = tuple(str(when) for when in When if when is not When.BAD)


class _AlarmTable(Struct):
    severity: int
    group: str = "license"
    alarm_class: str = field(name="class", default="warning")
    acknowledge: bool = True


class _StateTable(Struct):
    when: str | None = None
    quality: str | None = None
    value: str | int | float | bool | None = None
    reason: str = ""
    delay: float = 0.0
    alarm: dict[str, object] | None = None
    text: str | None = None
    notify: list[str] = []
    run: list[str] = []


class _MatrixTable(Struct):
    name: str
    variables: list[str]
    each_change: bool = False
    state: list[dict[str, object]] = []


def read_matrices(tables: object, outlets: Collection[str], found: Findings) -> tuple[Matrix, ...]:
    """The matrices in their order; what is wrong with the others is among the findings."""
    if not isinstance(tables, list):
        found.fault(("matrix",), "a matrix is a table [[matrix]], in double brackets")
        return ()
    made = [_matrix(("matrix", number), table, outlets, found) for number, table in enumerate(tables)]
    names: set[str] = set()
    for number, matrix in enumerate(made):
        if matrix and matrix.name in names:
            found.fault(
                ("matrix", number, "name"), f"a matrix above is called '{matrix.name}', too; a name serves once"
            )
        names |= {matrix.name} if matrix else set()
    return tuple(matrix for matrix in made if matrix)


def _matrix(where: Position, table: object, outlets: Collection[str], found: Findings) -> Matrix | None:
    shape = found.shaped(where, table, _MatrixTable)
    if shape is None:
        return None
    if not shape.name.strip():
        found.fault((*where, "name"), "a matrix needs a name, which the alarms of it show")
    if not shape.variables:
        found.fault((*where, "variables"), 'a matrix needs variables, such as "*/[License] Entry"')
    for pattern in shape.variables:
        _check_variable((*where, "variables"), pattern, found)
    states = [_state((*where, "state", number), state, outlets, found) for number, state in enumerate(shape.state)]
    if not states:
        found.fault(where, "a matrix needs a state: a table [[matrix.state]] below it")
    _check_order(where, states, found)
    patterns = tuple(map(Pattern, shape.variables))
    return Matrix(shape.name, patterns, tuple(state for state in states if state), shape.each_change)


def _check_variable(where: Position, pattern: str, found: Findings) -> None:
    """A pattern that fits no variable would be an alarm that never comes."""
    _, divided, variable = pattern.partition("/")
    if pattern == "*":
        return
    if not divided:
        found.fault(where, f"'{pattern}' is no variable: it is written APPLICATION/NAME, '*/{pattern}' for any")
    elif not any(meet(variable, known) for known in _known_patterns()):
        found.note(where, f"no variable is called '{variable}': {suggestion(variable, KNOWN)}")


def _known_patterns() -> Iterator[str]:
    return (known.replace("{number}", "*").replace("{serial}", "*") for known in KNOWN)


def _check_order(where: Position, states: list[State | None], found: Findings) -> None:
    """A state that no reading can come to is a slip of the pen."""
    above: list[Condition] = []
    for number, state in enumerate(states):
        if state is None:
            continue
        position = (*where, "state", number)
        if state.condition in above:
            found.fault(position, f"a state above has the same condition, '{state.condition}', and counts instead")
        elif Condition(When.ANY) in above and state.condition.when is not When.BAD:
            found.note(position, "this never counts: a state above is for any value; put this one before it")
        above.append(state.condition)


def _state(where: Position, table: object, outlets: Collection[str], found: Findings) -> State | None:
    shape = found.shaped(where, table, _StateTable)
    if shape is None:
        return None
    before = len(found.faults)
    condition = _condition(where, shape, found)
    alarm = _alarm((*where, "alarm"), shape.alarm, found)
    text = shape.text
    template = found.attempt((*where, "text"), lambda: Template(text)) if text is not None else None
    run = [found.attempt((*where, "run"), partial(Template, argument)) for argument in shape.run]
    notify = _outlets((*where, "notify"), shape.notify, outlets, found)
    if shape.run and not shape.run[0].strip():
        found.fault((*where, "run"), "run begins with a program, such as /usr/local/bin/siren")
    if condition is None or len(found.faults) > before:
        return None
    arguments = tuple(argument for argument in run if argument)
    return found.attempt((*where, "delay"), lambda: State(condition, shape.delay, alarm, template, notify, arguments))


def _condition(where: Position, shape: _StateTable, found: Findings) -> Condition | None:
    if (shape.when is None) == (shape.quality is None):
        found.fault(where, 'a state needs either when = "..." or quality = "bad"')
        return None
    if shape.quality is not None:
        if shape.quality != BAD_QUALITY:
            found.fault((*where, "quality"), 'quality can be asked for as "bad" only')
            return None
        return found.attempt((*where, "reason"), lambda: Condition(When.BAD, None, shape.reason))
    if shape.when not in CONDITIONS:
        found.fault(
            (*where, "when"), f"unknown condition '{str(shape.when)[:40]}': {suggestion(str(shape.when), CONDITIONS)}"
        )
        return None
    when = When(shape.when)
    value = None if when is When.ANY else shape.value
    position = (*where, "when" if shape.value is None else "value")
    return found.attempt(position, lambda: Condition(when, value, shape.reason))


def _alarm(where: Position, table: dict[str, object] | None, found: Findings) -> Attributes | None:
    if table is None:
        return None
    shape = found.shaped(where, table, _AlarmTable)
    if shape is None:
        return None
    return found.attempt(
        (*where, "severity"), lambda: Attributes(shape.group, shape.alarm_class, shape.severity, shape.acknowledge)
    )


def _outlets(where: Position, names: list[str], outlets: Collection[str], found: Findings) -> tuple[str, ...]:
    """The outlets to tell, each once; a URL that stands for a name is not shown (T4)."""
    for name in names:
        if "://" in name:
            found.fault(where, "an outlet is named here: its url stands in a table [outlet.NAME]")
        elif name != EVERY_OUTLET and name not in outlets:
            cure = suggestion(name, outlets) if outlets else "a table [outlet.NAME] makes one"
            found.fault(where, f"there is no outlet '{name[:40]}': {cure}")
    every = tuple(outlets) if EVERY_OUTLET in names else ()
    return tuple(dict.fromkeys((*(name for name in names if name != EVERY_OUTLET), *every)))
