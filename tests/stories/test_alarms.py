"""From a server's death to the technician's acknowledgement: the alarm list (R10)."""

from __future__ import annotations

import pytest

from plant import until
from stories.alarm_list import alarms, sparekey
from stories.stage import BACKUP, HOME, Stage
from systems import PATIENCE

pytestmark = pytest.mark.plant


def test_r10_a_switch_is_an_alarm_until_it_is_acknowledged_and_not_home_until_home(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    application = system.start()
    assert alarms(system) == {}
    primary.kill()
    application.until("change")
    for _ in until(PATIENCE):
        if {"serial-number", "not-at-home"} <= alarms(system).keys():
            break
    changed = alarms(system)["serial-number"]
    assert changed["text"].startswith(f"Runtime: license changed from {HOME} to {BACKUP} (")
    assert (changed["priority"], changed["state"]) == ("high", "unacknowledged")
    seen = sparekey(system, "alarms", "ack", str(changed["id"]), "--by", "anna", "--comment", "server-a is off")
    assert (seen["state"], seen["by"], seen["comment"]) == ("normal", "anna", "server-a is off")
    assert alarms(system).keys() == {"not-at-home"}, "which stays until home"
    application.close()
    primary.start()
    system.start()
    for _ in until(PATIENCE):
        if "not-at-home" not in alarms(system):
            break
    told = sparekey(system, "events", "--app", "Runtime", "--kind", "change")
    serials = [event["text"] for event in told if event["variable"] == "[Project summary] Serial number"]
    assert len(serials) == 2
    assert [f"{HOME} -> {BACKUP}" in serials[0], f"{BACKUP} -> {HOME}" in serials[1]] == [True, True]
    kinds = [event["kind"] for event in sparekey(system, "events") if event["alarm"] == changed["id"]]
    assert kinds == ["alarm", "acknowledged"]


def test_run_starts_a_notifier_where_there_is_somebody_to_tell(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    heard = system.folder / "heard"
    (system.folder / "reactions.toml").write_text(f"""
[[matrix]]
name = "serial-number"
variables = ["*/[Project summary] Serial number"]
each_change = true
[[matrix.state]]
when = "any"
text = "{{app}} has {{new}}"
run = ["/bin/sh", "-c", "echo $0 >> {heard}", "{{new}}"]
""")
    running = system.run("sleep", "1000")
    running.until("acquired")
    primary.kill()
    running.until("switched")
    for _ in until(PATIENCE):
        if heard.exists() and heard.read_text() == f"{BACKUP}\n":
            break
