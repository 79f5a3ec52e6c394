"""A license server loses power under load, imitated by SIGKILL: all answered grants are in force after it. S2."""

from __future__ import annotations

import http.client
import random
import threading
from dataclasses import dataclass, field

import pytest

from faults.diary import Diary
from faults.ledger_files import verdict
from history.records import Belief, Grant
from plant import Answer, Client, Seeker, Server, terms
from sparekey.core.timing import belief
from sparekey.host import boot_clock
from stories.stage import HOME, Stage

pytestmark = pytest.mark.plant

HANDS = 8
"""So many ask at once."""
MOST = 120
"""Answered grants before the power fails."""
TTL = 30.0


@dataclass(frozen=True, slots=True)
class Answered:
    """A grant as its holder knows it."""

    seeker: Seeker
    sent: float
    at: float
    fence: int


@dataclass(slots=True)
class Load:
    """Takes of ever new holders, from many hands, until the power fails after so many answers."""

    server: Server
    kill_after: int
    answered: list[Answered] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> list[Answered]:
        hands = [threading.Thread(target=self._ask) for _ in range(HANDS)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        return sorted(self.answered, key=lambda grant: grant.fence)

    def _ask(self) -> None:
        try:
            with Client(self.server.location) as client:
                while True:
                    seeker, sent = Seeker(), boot_clock()
                    self._note(seeker, sent, seeker.take(client))
        except (OSError, http.client.HTTPException):
            return  # the power has failed

    def _note(self, seeker: Seeker, sent: float, answer: Answer) -> None:
        assert answer.status == 201
        with self._lock:
            self.answered.append(Answered(seeker, sent, boot_clock(), answer.body["fence"]))
            if len(self.answered) == self.kill_after:
                self.server.kill()


def write(diary: Diary, server: Server, grants: list[Answered]) -> None:
    """Take the load down. A grant was made before the answer to any later one."""
    for number, grant in enumerate(grants):
        name, lease = f"{grant.seeker.system}/{grant.seeker.application}", grant.seeker.lease
        made = min(later.at for later in grants[number:])
        diary.write(Grant(made, server.container.id, HOME, lease, name, grant.fence))
        diary.write(Belief(grant.at, name, HOME, lease, grant.sent + belief(TTL)))


@pytest.mark.parametrize("cuts", [3, pytest.param(20, marks=pytest.mark.long)])
def test_s2_every_answered_grant_is_in_force_after_a_power_cut(stage: Stage, diary: Diary, cuts: int) -> None:
    server = stage.server(terms(HOME, seats=1_000_000), ttl=TTL)
    for _ in range(cuts):
        grants = Load(server, random.randint(1, MOST)).run()
        write(diary, server, grants)
        assert verdict(server.container.folder.ledger) == "ok"
        server.start()
        with Client(server.location) as client:
            assert [grant.seeker.renew(client).status for grant in grants] == [200] * len(grants)
