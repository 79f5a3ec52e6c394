"""What a system does on the way from one state to the next; the first line of each says it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sparekey.core import timing
from sparekey.core.decisions import GiveUp, Kind, Losing, Take, Tell, UseDemo, UseNothing
from sparekey.core.entries import DEMO, UNLISTED
from sparekey.core.holding import Holding
from sparekey.core.situation import Situation

DEMO_SERIAL = "DEMO"
"""Shown as the serial number in use while the demo license is (R10)."""


@dataclass(frozen=True, slots=True)
class Cause:
    """When it happened, why, and the lease that came with it."""

    now: float
    reason: str
    lease: Holding | None = None


def go_home(at: Situation, cause: Cause) -> None:
    """Use the initial license, give the rest back (R9)."""
    at.homecoming.end(at.debts, cause.now, got_home=True)
    at.give_back(at.spare, cause.now)
    _use(at, cause.lease, Kind.ACQUIRED, cause)


def keep_leftover(at: Situation, cause: Cause) -> None:
    """Keep as spare what the earlier run left behind, where it may serve (R9, R3)."""
    lease = cause.lease
    listed = at.list.find(lease.serial, lease.entry.location) if lease else None
    if lease and listed and not at.spare and not at.measure.objections(lease.terms):
        lease.entry = replace(lease.entry, number=listed.number)
        at.spare = lease
    else:
        at.give_back(lease, cause.now)


def forget_spare(at: Situation, cause: Cause) -> None:
    """Give the spare up."""
    at.give_back(at.spare, cause.now)
    at.spare = None


def start_on_spare(at: Situation, cause: Cause) -> None:
    """Use what the earlier run left behind."""
    at.homecoming.end(at.debts, cause.now)
    _use(at, at.spare, Kind.ACQUIRED, replace(cause, reason=at.homecoming.reason))


def seek(at: Situation, cause: Cause) -> None:
    """Ask all entries, take what comes first (R12)."""
    at.homecoming.end(at.debts, cause.now)
    at.trouble = at.homecoming.reason
    at.search_from(cause.now, cause.now)


def acquire(at: Situation, cause: Cause) -> None:
    """Use the license that came."""
    _use(at, cause.lease, Kind.ACQUIRED, replace(cause, reason=at.trouble))


def try_demo(at: Situation, cause: Cause) -> None:
    """Reserve demo time, where it is allowed (R6)."""
    at.exhausted_since = cause.now
    if at.may_demo:
        at.decide(at.demo.reserve(cause.now))


def give_up(at: Situation, cause: Cause) -> None:
    """Say why no entry will do."""
    found = tuple((entry.number, finding.reason) for entry, finding in at.search.findings()) if at.search else ()
    at.end_search(cause.now)
    at.decide(GiveUp(found))


def look_for_spare(at: Situation, cause: Cause) -> None:
    """Look for a spare, beginning at a random time within half a second (R7)."""
    at.has_decided = False
    at.trouble = cause.reason
    at.tell(Kind.SUSPECT, cause.reason)
    at.search_from(cause.now, cause.now + timing.SEARCH_SPREAD * at.draw())


def note_refusal(at: Situation, cause: Cause) -> None:
    """No more renewals; what remains of the lease may be used (R7)."""
    at.trouble = cause.reason
    at.tell(Kind.REFUSED, cause.reason)


def leave_refused(at: Situation, cause: Cause) -> None:
    """No more renewals; look for a spare. What remains of the lease may be used (R7)."""
    note_refusal(at, cause)
    look_for_spare(at, cause)


def leave(at: Situation, cause: Cause) -> None:
    """Look for another license; this one is renewed meanwhile (R7)."""
    at.drill_until = None
    _doubt_for_drain(at, cause)
    at.search_from(cause.now, cause.now)


def leave_for_spare(at: Situation, cause: Cause) -> None:
    """Go over to the spare that is held already (R7)."""
    _doubt_for_drain(at, cause)
    switch(at, cause)


def begin_drill(at: Situation, cause: Cause) -> None:
    """Look for another license as if the server were gone; this one is renewed meanwhile."""
    look_for_spare(at, cause)
    at.drill_until = cause.now + timing.DRILL_PATIENCE


def end_drill(at: Situation, cause: Cause) -> None:
    """Stay: nothing has changed, and the drill has failed."""
    found = "; ".join(f"entry {entry.number}: {f.reason}" for entry, f in at.search.findings()) if at.search else ""
    at.end_search(cause.now)
    at.trouble = ""
    at.tell(Kind.RECOVERED, f"the drill has failed, {cause.reason}: {found or 'no entry was asked'}")


def tell_stuck(at: Situation, cause: Cause) -> None:
    """Stay; say why no other license is to be had, also to the server; go on asking."""
    at.exhausted_since = cause.now
    at.warn(f"{at.trouble}, and no other license is to be had: {at.stays}")
    if at.in_use:
        at.in_use.renew_now(cause.now)


def stay(at: Situation, cause: Cause) -> None:
    """Stay; whoever was told that no other license is to be had is told that too."""
    if at.exhausted_since is not None:
        at.tell(Kind.RECOVERED, cause.reason)
    at.end_search(cause.now)
    at.trouble = ""


def lose(at: Situation, cause: Cause) -> None:
    """Hold nothing; ask all entries."""
    at.tell(Kind.LOST, cause.reason)
    at.decide(at.demo.stop(cause.now) if at.demo.runs else None)
    at.give_back(at.in_use, cause.now)
    at.in_use = None
    at.trouble = cause.reason
    at.decide(UseNothing())
    at.show("", UNLISTED, cause.reason)
    at.search_from(cause.now, cause.now)


def ask_own(at: Situation, cause: Cause) -> None:
    """Ask for the own serial once, for one second (S1)."""
    at.end_search(cause.now)
    if own := at.in_use:
        at.regain_until = cause.now + timing.REGAIN_TIMEOUT
        at.ask_anew(own, cause.now)
        own.attempt()
        if own.retake is not None:
            at.decide(Take(own.retake, own.entry, spare=False, timeout=timing.REGAIN_TIMEOUT))


def recover(at: Situation, cause: Cause) -> None:
    """Stay; give the spare back (R7)."""
    at.end_search(cause.now)
    forget_spare(at, cause)
    at.trouble = ""
    at.decide(at.demo.stop(cause.now))
    at.tell(Kind.RECOVERED, cause.reason)


def secure(at: Situation, cause: Cause) -> None:
    """Hold both; an earlier spare is given back only now (R7)."""
    at.give_back(at.spare, cause.now)
    at.spare, at.search = cause.lease, None
    if at.spare:
        at.decide(Tell(Kind.SECURED, at.spare.serial, at.spare.entry.number, at.trouble))


def demo_or_end(at: Situation, cause: Cause) -> None:
    """Reserve demo time, or begin to end in order (S1)."""
    at.has_decided = True
    if at.may_demo:
        at.decide(at.demo.reserve(cause.now))
    elif at.in_use:
        at.decide(Losing(at.in_use.deadline))


def switch(at: Situation, cause: Cause) -> None:
    """Use the license that is there, give the old one back (R7, R8)."""
    at.give_back(at.in_use, cause.now)
    _use(at, cause.lease or at.spare, Kind.SWITCHED, replace(cause, reason=at.trouble))


def move(at: Situation, cause: Cause) -> None:
    """Hold both for a moment, and go over (R7)."""
    secure(at, cause)
    switch(at, replace(cause, lease=None))


def switch_at_once(at: Situation, cause: Cause) -> None:
    """The seat is another's: use the spare (R7)."""
    note_refusal(at, cause)
    switch(at, cause)


def look_for_another(at: Situation, cause: Cause) -> None:
    """Look for another spare; the old one is kept meanwhile (R7)."""
    at.search_from(cause.now, cause.now)


def replace_spare(at: Situation, cause: Cause) -> None:
    """Look for another spare; the old one is gone."""
    forget_spare(at, cause)
    at.has_decided = False
    if at.search is None:
        look_for_another(at, cause)


def run_demo(at: Situation, cause: Cause) -> None:
    """Use the demo license, go on asking (R6)."""
    at.give_back(at.in_use, cause.now)
    at.in_use = None
    at.has_run = True
    at.decide(UseDemo(at.demo.until))
    at.decide(Tell(Kind.DEMO, DEMO_SERIAL, DEMO, at.trouble))
    at.show(DEMO_SERIAL, DEMO, at.trouble)
    at.search_from(cause.now, cause.now)


def extend_demo(at: Situation, _: Cause) -> None:
    """Go on with the demo license."""
    at.decide(UseDemo(at.demo.until))


def stop(at: Situation, cause: Cause) -> None:
    """Give everything back."""
    at.homecoming.end(at.debts, cause.now)
    at.end_search(cause.now)
    at.decide(at.demo.stop(cause.now))
    if at.in_use:
        at.tell(Kind.RELEASED, cause.reason)
    for holding in at.holdings():
        at.give_back(holding, cause.now)
    at.in_use = at.spare = None


def _doubt_for_drain(at: Situation, cause: Cause) -> None:
    at.trouble = f"{at.in_use.entry.location} is being emptied" if at.in_use else cause.reason


def _use(at: Situation, holding: Holding | None, kind: Kind, cause: Cause) -> None:
    if holding:
        at.use(holding, kind, cause.reason, cause.now)
