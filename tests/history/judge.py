"""Judges a history of grants and beliefs, record by record (R1, R10, S1, S3, S6)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from .records import Belief, Cease, Changed, Grant, License, Record, Release, Shown


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that was broken, when, and how."""

    t: float
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.t:.3f} s: {self.rule}: {self.text}"


@dataclass(frozen=True, slots=True)
class _Faith:
    until: float
    excused: str


class Judge:
    """Hears one record after the other. What it finds is in `breaches`; what the design admits is in `excused`."""

    def __init__(self) -> None:
        self.breaches: list[Breach] = []
        self.excused: Counter[str] = Counter()
        self.records = 0
        self._seats: dict[str, int] = {}
        self._faith: dict[str, dict[tuple[str, str], _Faith]] = {}
        self._granted: dict[str, str] = {}
        self._released: set[str] = set()
        self._fences: dict[str, tuple[int, str]] = {}
        self._shown: dict[str, str] = {}
        self._announced: dict[str, str] = {}

    def hear(self, record: Record) -> None:
        self.records += 1
        match record:
            case Belief():
                self._believe(record)
            case Cease():
                for faiths in self._faith.values():
                    faiths.pop((record.holder, record.lease), None)
            case Grant():
                self._grant(record)
            case Release(lease=lease):
                self._released.add(lease)
            case License(serial=serial, seats=seats):
                self._seats[serial] = seats
            case Changed():
                self._change(record)
            case Shown():
                self._show(record)

    def _breach(self, t: float, rule: str, text: str) -> None:
        self.breaches.append(Breach(t, rule, text))

    def _believe(self, belief: Belief) -> None:
        """Never more holders who believe than seats (R1, S1), and only in what was granted and not given back (S6)."""
        if self._granted.get(belief.lease) != belief.serial:
            self._breach(belief.t, "T1", f"{belief.holder} believes in {belief.lease}, which nobody granted")
        if belief.lease in self._released and belief.until > belief.t:
            self._breach(belief.t, "S6", f"{belief.holder} believes in {belief.lease}, which it gave back")
        faiths = self._faith.setdefault(belief.serial, {})
        faiths[belief.holder, belief.lease] = _Faith(belief.until, belief.excused)
        if len(faiths) > self._seats.get(belief.serial, 0):
            self._count(belief, faiths)

    def _count(self, belief: Belief, faiths: dict[tuple[str, str], _Faith]) -> None:
        for key in [key for key, faith in faiths.items() if faith.until <= belief.t]:
            del faiths[key]
        seats = self._seats.get(belief.serial, 0)
        believers = {holder for holder, _ in faiths}
        if len(believers) <= seats:
            return
        firm = {holder for (holder, _), faith in faiths.items() if not faith.excused}
        if len(firm) > seats:
            self._breach(
                belief.t, "R1", f"{', '.join(sorted(believers))} believe in {belief.serial}, which has {seats} seats"
            )
        for reason in {faith.excused for faith in faiths.values() if faith.excused}:
            self.excused[reason] += 1

    def _grant(self, grant: Grant) -> None:
        """A fencing number is given once, and numbers grow (S3)."""
        self._granted[grant.lease] = grant.serial
        if grant.repeat:
            return
        fence, lease = self._fences.get(grant.container, (-1, ""))
        if grant.fence <= fence:
            if grant.excused:
                self.excused[grant.excused] += 1
            else:
                text = f"{grant.container} gave {grant.fence} to {grant.lease}, after {fence} to {lease}"
                self._breach(grant.t, "S3", text)
        self._fences[grant.container] = (max(fence, grant.fence), grant.lease)

    def _change(self, changed: Changed) -> None:
        """A change is told once, from what was shown to something else (R10)."""
        shown = self._announced.get(changed.holder, self._shown.get(changed.holder))
        if changed.old == changed.new or (shown is not None and changed.old != shown):
            self._breach(
                changed.t, "R10", f"{changed.holder} told of {changed.old!r} -> {changed.new!r}, showing {shown!r}"
            )
        self._announced[changed.holder] = changed.new
        self._shown[changed.holder] = changed.old

    def _show(self, shown: Shown) -> None:
        """What is shown is what was shown before, or what was told just now (R10)."""
        if shown.serial is None:
            self._shown.pop(shown.holder, None)
            return
        before = self._shown.get(shown.holder)
        told = self._announced.pop(shown.holder, None)
        if not shown.recalled and before is not None and shown.serial != (told if told is not None else before):
            self._breach(shown.t, "R10", f"{shown.holder} shows {shown.serial!r} after {before!r}, told {told!r}")
        self._shown[shown.holder] = shown.serial
