"""The status file of a running application: what it holds now, for its child, for `sparekey status`, for everyone."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sparekey.client.session import Session
from sparekey.core.entries import DEMO, UNLISTED, Entry
from sparekey.core.holding import Holding
from sparekey.core.redundancy import Redundancy
from sparekey.core.states import State
from sparekey.host import boot_clock
from sparekey.wire import rfc3339


@dataclass(frozen=True, slots=True)
class TakenUp:
    """Since when the license in use is in use, Unix time, and why this one."""

    since: float
    reason: str


def status_of(session: Session, core: Redundancy, taken_up: TakenUp) -> Mapping[str, object]:
    """The facts, ready for JSON.

    `valid_until_boottime` is null where no license may be believed in.
    """
    at = core.at
    own, until = at.in_use, core.valid_until
    return {
        "application": session.app,
        "system": session.state.system.id,
        "system_name": session.state.system.name,
        "pid": os.getpid(),
        "written": rfc3339(time.time()),
        "written_boottime": boot_clock(),
        "since": rfc3339(taken_up.since),
        "reason": taken_up.reason,
        "state": str(core.state),
        "serial": at.serial or "",
        "entry": own.entry.number if own else DEMO if core.state is State.DEMO else UNLISTED,
        "server": str(own.entry.location) if own else None,
        "ttl": own.ttl if own else None,
        "valid_until_boottime": until if until > float("-inf") else None,
        "at_home": own is not None and own.entry.number == at.list.initial.number,
        "trouble": at.trouble,
        "spare": _spare(at.spare),
        "redundancy": at.watch.available,
        "entries": [_entry(core, entry) for entry in at.list.entries],
        "demo_seconds_left": at.demo.left if at.demo.terms else None,
        "config": str(session.config),
        "reactions": str(session.reactions) if session.reactions else None,
    }


def _entry(core: Redundancy, entry: Entry) -> Mapping[str, object]:
    finding = core.at.findings.get(entry)
    return {
        "entry": entry.number,
        "serial": entry.serial,
        "server": str(entry.location),
        "finding": str(finding.state) if finding else "not asked yet",
        "reason": finding.reason if finding else "",
    }


def _spare(spare: Holding | None) -> Mapping[str, object] | None:
    if spare is None:
        return None
    return {"serial": spare.serial, "entry": spare.entry.number, "server": str(spare.entry.location)}
