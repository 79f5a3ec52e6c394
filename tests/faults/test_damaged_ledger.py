"""A ledger that is cut or filled with noise: its server starts, keeps it aside, and gives no seat away. S4."""

from __future__ import annotations

import random

import pytest

from faults.diary import Diary, Holder
from faults.ledger_files import PAGE, log_of
from plant import Server
from stories.stage import HOME, Stage

pytestmark = pytest.mark.plant


class Ordeal:
    """A server with one seat, who holds it, and who would like to."""

    def __init__(self, server: Server, holder: Holder, rival: Holder) -> None:
        self.server, self._holder, self._rival = server, holder, rival
        self.ledger = server.container.folder.ledger
        assert holder.take().status == 201

    def starts_with(self, content: bytes) -> None:
        """Start the server, which is down, with another content of its ledger."""
        self.ledger.write_bytes(content)
        self.starts()

    def starts(self) -> None:
        """The holder gets its seat back, and the rival does not get it."""
        self.server.start()
        answer = self._holder.renew()
        if answer.problem == "no-such-lease":
            answer = self._holder.take()
        assert answer.status in (200, 201), answer
        assert self._rival.take().problem in ("no-free-seat", "recovering")


@pytest.fixture
def ordeal(stage: Stage, diary: Diary) -> Ordeal:
    server = stage.server(HOME)
    return Ordeal(server, diary.holder(server), diary.holder(server))


def noise_at(content: bytes, at: int) -> bytes:
    return content[:at] + random.Random(at).randbytes(PAGE) + content[at + PAGE :]


def test_s4_a_ledger_that_is_cut_or_noise_is_kept_aside_and_costs_nobody_a_seat(ordeal: Ordeal) -> None:
    ordeal.server.stop()
    whole = ordeal.ledger.read_bytes()
    for number, damaged in enumerate((whole[: len(whole) // 2], noise_at(whole, 0), noise_at(whole, PAGE)), start=1):
        ordeal.starts_with(damaged)
        aside = ordeal.ledger.with_name(f"{ordeal.ledger.name}.damaged-{number}")
        assert aside.read_bytes() == damaged
        ordeal.server.stop()
        assert f"it is kept as {aside}" in ordeal.server.errors
        assert "nothing new is granted" in ordeal.server.errors


def test_s4_a_log_that_is_lost_costs_nobody_a_seat(ordeal: Ordeal) -> None:
    ordeal.server.kill()
    log_of(ordeal.ledger).unlink()
    ordeal.starts()


@pytest.mark.long
def test_s4_a_ledger_cut_at_every_page_and_within(ordeal: Ordeal) -> None:
    ordeal.server.stop()
    for end in range(0, ordeal.ledger.stat().st_size, PAGE // 2):
        ordeal.starts_with(ordeal.ledger.read_bytes()[:end])
        ordeal.server.stop()


@pytest.mark.long
def test_s4_noise_in_every_page(ordeal: Ordeal) -> None:
    ordeal.server.stop()
    for at in range(0, ordeal.ledger.stat().st_size, PAGE):
        ordeal.starts_with(noise_at(ordeal.ledger.read_bytes(), at))
        ordeal.server.stop()


@pytest.mark.long
def test_s4_a_log_cut_at_every_page_and_within(ordeal: Ordeal) -> None:
    frames = log_of(ordeal.ledger).stat().st_size // PAGE
    for half_frames in range(2 * frames):
        ordeal.server.kill()
        log = log_of(ordeal.ledger)
        log.write_bytes(log.read_bytes()[: half_frames * PAGE // 2])
        ordeal.starts()
