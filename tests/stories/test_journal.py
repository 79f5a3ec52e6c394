"""What an application writes into its journal: R10."""

from __future__ import annotations

import pytest

from sparekey.core.variables import ENTRY, SERIAL_NUMBER, SPARE, STATE, Change, Name, Quality, Value
from sparekey.journal import Journal
from stories.stage import BACKUP, HOME, Stage
from systems import System

pytestmark = pytest.mark.plant


def rows(system: System, variable: str) -> list[Change]:
    name = Name("Runtime", variable)
    return [change for change in Journal(system.state).after(0) if change.name == name]


def values(system: System, variable: str) -> list[Value]:
    return [change.new.value for change in rows(system, variable)]


def test_r10_each_change_of_the_serial_number_is_one_row_and_a_start_on_the_same_is_none(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    system.start().close()
    assert values(system, SERIAL_NUMBER) == [HOME, HOME]
    assert [row.new.quality for row in rows(system, SERIAL_NUMBER)] == [Quality.GOOD, Quality.BAD], "a stop"
    application = system.start()
    primary.kill()
    application.until("change")
    application.close()
    good = [row for row in rows(system, SERIAL_NUMBER) if row.new.quality is Quality.GOOD]
    assert [row.new.value for row in good] == [HOME, HOME, BACKUP]
    assert [row.old.value if row.old else None for row in good] == [None, None, HOME]
    assert good[-1].reason, "why it changed"
    assert values(system, ENTRY)[-2:] == [1, 1]
    assert BACKUP in values(system, SPARE)
    states = values(system, STATE)
    assert states.index("suspect") < states.index("secured") < len(states) - 1 - states[::-1].index("hold")
