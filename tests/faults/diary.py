"""Holders that speak HTTP themselves, and write down what they are granted, believe and give back."""

from __future__ import annotations

from dataclasses import dataclass, field

from history.records import Belief, Cease, Grant, Record, Release
from plant import Answer, Client, Seeker, Server
from sparekey.core.timing import belief
from sparekey.host import boot_clock


@dataclass(frozen=True, slots=True)
class Diary:
    """A part of a story's history."""

    records: list[Record] = field(default_factory=list)

    def write(self, record: Record) -> None:
        self.records.append(record)

    def holder(self, server: Server, excused: str = "") -> Holder:
        """Somebody who wants a seat of 5-1042 at this server."""
        return Holder(self, server, Seeker(), excused)


@dataclass(slots=True)
class Holder:
    """`excused` is why there may be another one in its seat, where the design admits that."""

    diary: Diary
    server: Server
    seeker: Seeker
    excused: str
    believed: str = ""
    """The lease that it believes in."""

    @property
    def name(self) -> str:
        return f"{self.seeker.system}/{self.seeker.application}"

    def take(self, **changes: object) -> Answer:
        sent = boot_clock()
        with Client(self.server.location) as client:
            answer = self.seeker.take(client, **changes)
        if answer.status in (200, 201):
            fence, repeat = int(answer.body["fence"]), answer.status == 200
            container, lease = self.server.container.id, self.seeker.lease
            grant = Grant(boot_clock(), container, self.seeker.serial, lease, self.name, fence, repeat)
            self.diary.write(grant)
            self._believe(sent, answer)
        return answer

    def renew(self) -> Answer:
        sent = boot_clock()
        with Client(self.server.location) as client:
            answer = self.seeker.renew(client)
        if answer.status == 200:
            self._believe(sent, answer)
        elif answer.problem == "taken-over":
            self.cease()
        return answer

    def release(self) -> Answer:
        self.cease()
        with Client(self.server.location) as client:
            answer = self.seeker.release(client)
        if answer.status == 204:
            self.diary.write(Release(boot_clock(), self.server.container.id, self.seeker.lease))
        return answer

    def cease(self) -> None:
        """Believe in nothing more."""
        if self.believed:
            self.diary.write(Cease(boot_clock(), self.name, self.believed))
            self.believed = ""

    def _believe(self, sent: float, answer: Answer) -> None:
        if self.believed != self.seeker.lease:
            self.cease()
        self.believed = self.seeker.lease
        until = sent + belief(answer.body["ttl"])
        self.diary.write(Belief(boot_clock(), self.name, self.seeker.serial, self.believed, until, self.excused))
