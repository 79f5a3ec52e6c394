"""A fire drill, from its request to its report."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

from sparekey import host
from sparekey.client.system import StateError, System
from sparekey.core.drills import Step
from sparekey.core.variables import Change
from sparekey.drill.plan import DrillRefused, Plan
from sparekey.drill.report import DrillReport
from sparekey.drill.switch import Switch
from sparekey.drill.telling import Telling
from sparekey.host import boot_clock
from sparekey.journal import Journal


@contextmanager
def only_drill(system: System, app: str) -> Iterator[None]:
    """Keep other drills of this application away; raise DrillRefused where one is going on, or OSError."""
    lock = host.Lock(system.application_folder(app) / "drill.lock")
    try:
        lock.acquire()
    except host.Locked:
        raise DrillRefused(f"a fire drill of {app} is going on already: wait for its end") from None
    try:
        yield
    finally:
        lock.release()


def hold_drill(plan: Plan, patience: float, say: Callable[[str], None]) -> DrillReport:
    """Hold it, and wait `patience` seconds at most for those who are to be told; raise StateError."""
    began = time.time()
    try:
        with closing(Journal(plan.system.folder)) as journal:
            switch = Switch(plan, journal)
            failure = switch.follow()
            told = _follow_telling(plan, switch, patience, say)
    except (sqlite3.Error, host.Locked) as error:
        raise StateError(
            f"the state folder {plan.system.folder} cannot be read: {error}; whether {plan.app} has switched says"
            " `sparekey status`"
        ) from error
    return _report(plan, began, switch, failure, told)


def _follow_telling(plan: Plan, switch: Switch, patience: float, say: Callable[[str], None]) -> Telling | None:
    """None where there is no switch to tell of, or nobody tells."""
    if switch.change is None or switch.request is None or plan.outlets is None:
        return None
    telling = Telling(plan, switch.change, switch.request.asked)
    with suppress(KeyboardInterrupt):  # the switch is made: whoever waits no longer gets the report of it
        say("switched; waiting for the alarm and the outlets")
        telling.follow(patience)
    switch.look()
    return telling


def _report(plan: Plan, began: float, switch: Switch, failure: str, told: Telling | None) -> DrillReport:
    asked = switch.request.asked if switch.request else boot_clock()

    def at(change: Change | None) -> float | None:
        return change.at - asked if change else None

    return DrillReport(
        app=plan.app,
        system=plan.system.name,
        began=began,
        before=plan.license,
        after=switch.after,
        failure=failure,
        seen=at(switch.steps.get(Step.BEGUN)),
        secured=at(switch.steps.get(Step.SECURED)),
        switched=at(switch.change),
        given_up=at(switch.steps.get(Step.FAILED)),
        lease_left=switch.lease_left,
        notifier=plan.outlets is not None,
        alarm=told.alarm if told else None,
        deliveries=tuple(told.deliveries()) if told else (),
    )
