"""What goes on by itself: in each state, what is sent now, and when the next is due."""

from __future__ import annotations

from collections.abc import Iterator

from sparekey.core import timing
from sparekey.core.decisions import Ask, Decision, Renew, Take
from sparekey.core.holding import Holding
from sparekey.core.situation import Situation
from sparekey.core.states import State


def steps(state: State, at: Situation, now: float) -> Iterator[Decision]:
    """Renew, ask, take, reserve and release whatever it is time for."""
    for holding in at.holdings():
        if holding.next_timer() <= now:
            holding.attempt()
            yield _attempt(holding, at)
    if state is State.START:
        yield from at.homecoming.step(now)
    if at.search:
        yield from at.search.step(now)
    if state is State.HOLD and at.watch.next_timer <= now:
        yield from _watch(at, now)
    if state is State.DEMO and (reservation := at.demo.reserve(now)):
        yield reservation
    yield from at.debts.due(now)


def next_timer(state: State, at: Situation) -> float:
    """When the next of it is due, boot clock."""
    times = [at.debts.next_timer(), *(holding.next_timer() for holding in at.holdings())]
    if state is State.START:
        times.append(at.homecoming.next_timer())
    if at.search:
        times.append(at.search.next_timer())
    if state is State.HOLD:
        times.append(at.watch.next_timer)
    if state is State.DEMO:
        times.append(at.demo.next_timer())
    return min(times)


def _attempt(holding: Holding, at: Situation) -> Renew | Take:
    timeout = timing.attempt(holding.ttl)
    if holding.retake is None:
        return Renew(holding.number, holding.spare, timeout, at.stays if holding is at.in_use else "")
    return Take(holding.retake, holding.entry, holding.spare, timeout, token_of=holding.number)


def _watch(at: Situation, now: float) -> list[Ask]:
    """A round of the others, the initial license among them where it is not the one in use (R13)."""
    asks = at.watch.ask(at.others(at.list.entries), now, at.serial or "")
    if not asks:
        at.warn(at.watch.conclude())
    return asks
