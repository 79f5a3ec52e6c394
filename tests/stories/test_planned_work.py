"""A license server is emptied for planned work and switched off: nobody notices (R7, R8, R9)."""

from __future__ import annotations

import pytest

from plant import sparekey, start_sparekey, terms
from stories.stage import BACKUP, HOME, Stage, holders

pytestmark = pytest.mark.plant


def test_r7_an_emptied_server_is_switched_off_and_disturbs_nobody(stage: Stage) -> None:
    primary, backup = stage.server(terms(HOME, seats=2)), stage.server(terms(BACKUP, seats=2))
    systems = [stage.system((HOME, primary), (BACKUP, backup)) for _ in range(2)]
    applications = [system.start() for system in systems]
    drained = sparekey("server", "drain", str(primary.state), "--stop")
    assert (drained.returncode, drained.stderr) == (0, "")
    assert primary.wait() == 0
    for application in applications:
        change = application.until("change")
        assert (change["new"], change["reason"]) == (BACKUP, f"{primary.location} is being emptied")
    assert len(holders(backup, BACKUP)) == 2
    primary.start()
    assert sparekey("server", "drain", str(primary.state), "--off").returncode == 0
    for application in applications:
        assert application.look()["serial"] == BACKUP
        assert application.never_invalid
        application.close()
    home = systems[0].start(wait=20)
    assert home.look()["serial"] == HOME


def test_r7_a_holder_without_another_license_stays_until_it_has_one(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    rival = stage.system((BACKUP, backup)).start()
    application = stage.system((HOME, primary), (BACKUP, backup)).start()
    draining = start_sparekey("server", "drain", str(primary.state))
    assert draining.stdout
    assert draining.stdout.readline().endswith("1 lease in force\n")
    stays = draining.stdout.readline()
    assert "cannot leave yet: 5-1043 at" in stays
    assert "in use by Runtime on" in stays
    assert application.look()["serial"] == HOME
    rival.close()
    _, errors = draining.communicate(timeout=60)
    assert (draining.returncode, errors) == (0, "")
    assert application.until("change")["new"] == BACKUP
    assert application.never_invalid


def test_r9_a_start_on_an_emptied_server_waits_and_takes_a_backup(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    sparekey("server", "drain", str(primary.state))
    system = stage.system((HOME, primary), (BACKUP, backup), INITIAL_WAIT=1)
    application = system.start()
    assert application.look()["serial"] == BACKUP
    assert not holders(primary)
    application.close()
    sparekey("server", "drain", str(primary.state), "--off")
    assert system.start(wait=20).look()["entry"] == 0
