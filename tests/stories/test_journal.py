"""What an application writes into its journal: R10."""

from __future__ import annotations

from datetime import date

import pytest

from plant import terms, until
from sparekey.core.variables import (
    BACKUP as BACKUP_STATE,
)
from sparekey.core.variables import (
    BACKUP_DAYS_LEFT,
    CONTAINER_CONFLICT,
    ENTRY,
    SERIAL_NUMBER,
    SPARE,
    STATE,
    Change,
    Name,
    Quality,
    Value,
)
from sparekey.journal import Journal
from stories.stage import BACKUP, HOME, Stage
from systems import PATIENCE, System

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


def test_r13_s5_what_the_backups_are_good_for_is_journaled_and_a_server_that_two_addresses_have(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(terms(BACKUP, valid_until=date(2098, 12, 31)))
    elsewhere = backup.location.replace("127.0.0.1", "localhost")
    system = stage.system((HOME, primary), (BACKUP, backup), (BACKUP, elsewhere), CHECK=1)
    application = system.start()
    for _ in until(PATIENCE):
        if any(values(system, CONTAINER_CONFLICT)):
            break
    assert values(system, BACKUP_STATE.format(number=1)) == ["free"]
    (days,) = values(system, BACKUP_DAYS_LEFT.format(number=1))
    assert isinstance(days, int)
    assert days > 25_000
    assert f"{backup.location} and {elsewhere}" in str(values(system, CONTAINER_CONFLICT)[-1])
    system.list((HOME, primary), CHECK=1)
    for _ in until(PATIENCE):
        if values(system, BACKUP_STATE.format(number=1))[-1] is None:
            break
    application.close()
