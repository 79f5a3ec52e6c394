"""A license server falls silent, refuses, or comes back: suspect, spare, switch (R7, R8, S1)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from scripted import TTL, World, entry, listed, moved, terms
from sparekey.core import timing
from sparekey.core.decisions import Ask, Release, Renew, Take, UseLease, UseNothing
from sparekey.core.entries import UNLISTED
from sparekey.core.events import Broken, ClockJumped, Granted, Renewed
from sparekey.core.past import Manners
from sparekey.core.problems import Problem
from sparekey.core.states import State


def running(*serials: str, until: float = 10.0) -> World:
    """A system that has run on its initial license for ten seconds; it renewed last at 7.5."""
    return World(*serials).run(until)


# R7: the renewal's cadence


def test_r7_a_lease_is_renewed_each_quarter_of_its_time() -> None:
    world = running(until=31)
    assert world.times(Renew) == [7.5, 15.0, 22.5, 30.0]


def test_r7_chance_takes_up_to_a_tenth_off_the_cadence() -> None:
    world = World("A", draw=lambda: 0.999).run(31)
    gaps = [after - before for before, after in pairwise(world.times(Renew))]
    assert all(gap == pytest.approx(7.5 * 0.9, abs=0.01) for gap in gaps)


def test_r7_a_long_lease_is_renewed_each_minute() -> None:
    assert timing.renewal(3600, 0.0) == 60.0
    assert timing.renewal(3600, 1.0) == pytest.approx(54.0)


@pytest.mark.parametrize(("draw", "first"), [(0.0, 7.5), (0.5, 3.75), (0.75, 1.875)])
def test_r7_the_first_renewal_comes_after_any_share_of_the_cadence(draw: float, first: float) -> None:
    """So holders that a server got at once, as at the start of a plant, come evenly from then on."""
    world = World("A", draw=lambda: draw).run(7.5)
    assert world.times(Renew)[0] == pytest.approx(first)


def test_r7_so_does_the_first_renewal_of_a_spare() -> None:
    world = World("A", "B", draw=lambda: 0.5).run(10)
    world.servers["A"].hang()
    world.run(20)
    taken = world.times(Take)[-1]
    spare = world.core.at.spare
    assert spare
    renewed = [
        at for at, decision in world.all(Renew) if isinstance(decision, Renew) and decision.number == spare.number
    ]
    assert renewed[0] == pytest.approx(taken + 3.75)


@pytest.mark.parametrize("gone_for", [0.1, 3.0])
def test_r7_after_trouble_the_next_renewal_comes_after_any_share_of_the_cadence(gone_for: float) -> None:
    """All whom a server that was away has at once come evenly from then on."""
    world = World("A", draw=lambda: 0.5).run(10)
    world.servers["A"].kill()
    world.run(10 + gone_for)
    world.servers["A"].revive()
    world.run(30)
    answered, *later = [at for at in world.times(Renew) if at > 10 + gone_for]
    assert later[0] == pytest.approx(answered + 3.75)
    assert later[1] == pytest.approx(later[0] + timing.renewal(TTL, 0.5))


def test_r7_an_attempt_to_renew_fails_after_a_tenth_of_the_lease_three_seconds_at_most() -> None:
    world = running()
    assert [decision.timeout for _, decision in world.all(Renew) if isinstance(decision, Renew)] == [3.0]
    assert timing.attempt(5) == 0.5
    assert timing.attempt(3600) == 3.0


# R7: suspect


def test_r7_the_first_failed_renewal_makes_suspect() -> None:
    world = running()
    world.servers["A"].hang()
    world.run(18.1)
    assert world.told == ["0.01 acquired A", "18.00 suspect A", "18.02 secured B"]
    assert world.reasons[1] == "a is silent"


def test_r7_a_broken_connection_makes_suspect_at_once() -> None:
    world = running()
    world.servers["A"].kill()
    assert world.told == ["0.01 acquired A", "10.00 suspect A"]


def test_r7_a_suspect_server_is_tried_again_each_quarter_of_a_second() -> None:
    world = running("A")
    world.servers["A"].kill()
    world.run(11.5)
    assert [time for time in world.times(Renew) if time > 10] == [10.25, 10.51, 10.77, 11.03, 11.29]


def test_r7_after_a_broken_connection_the_first_attempt_comes_within_a_quarter_of_a_second_by_chance() -> None:
    """All holders of a server see its end at the same moment."""
    world = World("A", draw=lambda: 0.6).run(10)
    world.servers["A"].kill()
    world.run(10.5)
    assert [time for time in world.times(Renew) if time > 10] == [10.1, 10.36]


def test_r7_the_spare_is_looked_for_within_half_a_second_by_chance() -> None:
    world = World("A", "B", draw=lambda: 0.8).run(10)
    world.servers["A"].kill()
    world.run(12)
    assert [time for time in world.times(Ask) if time > 10] == [10.4]
    assert world.told[-1] == "10.42 secured B"


def test_r12_an_answer_to_the_watch_that_comes_after_the_loss_does_not_get_its_entry_ahead_of_the_others() -> None:
    """Found by seed 1438 of the simulation."""
    world = World("A", "B", "C", draw=lambda: 0.8)
    world.servers["C"].delay = 0.1
    world.run(5.65)
    assert [time for time in world.times(Ask) if time > 5] == [5.61, 5.61], "the watch asks B and C"
    world.servers["A"].kill()
    world.run(7)
    assert world.told[-1] == "6.07 secured B"


def test_r7_the_switch_comes_six_tenths_of_the_lease_after_the_last_answered_renewal_was_sent() -> None:
    world = running()
    world.servers["A"].kill()
    world.run(40)
    assert world.told[1:] == ["10.00 suspect A", "10.02 secured B", "25.50 switched B"]


def test_r7_no_switch_within_a_tenth_of_the_lease_of_becoming_suspect() -> None:
    world = running()
    world.sleep(14.0)
    world.servers["A"].kill()
    world.run(40)
    assert world.told[1:] == ["24.00 suspect A", "24.02 secured B", "27.00 switched B"]


def test_r7_both_licenses_are_held_until_the_switch() -> None:
    world = running()
    world.servers["A"].hang()
    world.run(25)
    assert world.seats() == {"A": False, "B": True}
    assert world.state is State.SECURED


def test_r7_a_server_that_is_back_within_a_quarter_of_the_lease_moves_nobody() -> None:
    world = running(until=7.4)
    world.servers["A"].kill()
    world.run(7.4 + TTL / 4)
    world.servers["A"].revive()
    world.run(60)
    assert world.told[1:] == ["7.40 suspect A", "7.42 secured B", "14.94 recovered A"]
    assert world.seats() == {"A": False}
    assert world.changes() == []


def test_r7_the_application_is_licensed_at_every_moment_of_a_switch() -> None:
    world = running()
    world.servers["A"].kill()
    for step in range(300):
        world.run(10 + step / 10)
        assert world.is_valid


def test_r7_a_spare_is_renewed_like_a_lease() -> None:
    world = running()
    world.servers["A"].kill()
    world.run(25)
    assert [(time, d.spare) for time, d in world.all(Renew) if isinstance(d, Renew) and d.spare] == [(17.51, True)]


def test_r7_the_server_of_a_spare_is_told_at_once_that_it_serves() -> None:
    world = running()
    world.servers["A"].kill()
    world.run(25.6)
    assert world.seats() == {"A": False, "B": False}


def test_r7_it_is_told_also_where_a_renewal_as_spare_was_under_way_at_the_switch() -> None:
    world = running()
    world.servers["A"].kill()
    world.run(20)
    world.servers["B"].delay = 1.0
    world.run(28)
    assert [(at, d.spare) for at, d in world.all(Renew) if isinstance(d, Renew) and at > 25 and d.number > 1] == [
        (25.01, True),
        (26.01, False),
    ]


def test_r7_a_failing_spare_is_replaced_first_and_then_given_back() -> None:
    world = running("A", "B", "C")
    world.servers["A"].hang()
    world.run(19)
    world.servers["B"].kill()
    assert world.spare == "B"
    world.run(19.1)
    assert world.told[1:] == ["18.00 suspect A", "18.02 secured B", "19.02 secured C"]
    world.servers["B"].revive()
    world.run(24)
    assert world.seats() == {"A": False, "C": True}


def test_r7_a_spare_that_answers_again_is_kept() -> None:
    world = running()
    world.servers["A"].hang()
    world.run(19)
    world.servers["B"].kill()
    world.run(20)
    world.servers["B"].revive()
    world.run(24)
    assert world.spare == "B"
    assert world.core.at.search is None


def test_r7_a_refused_spare_is_replaced() -> None:
    world = running("A", "B", "C")
    world.servers["A"].kill()
    world.run(17)
    world.servers["B"].refuses = Problem.LICENSE_WITHDRAWN
    world.run(18)
    assert world.spare == "C"


def test_r7_a_spare_that_was_taken_over_is_looked_for_anew() -> None:
    world = running("A", "B", "C")
    world.servers["A"].kill()
    world.run(17)
    world.servers["B"].refuses = Problem.TAKEN_OVER
    world.run(17.53)
    assert (world.state, world.spare) == (State.SUSPECT, "")
    world.run(18)
    assert (world.state, world.spare) == (State.SECURED, "C")


def test_r7_a_suspect_spare_serves_only_when_there_is_no_more_time_to_replace_it() -> None:
    world = running()
    world.servers["A"].kill()
    world.run(20)
    world.servers["B"].kill()
    world.run(32)
    assert world.in_use == "A"
    world.run(33)
    assert world.told[-2:] == ["32.19 switched B", "32.19 suspect B"]
    assert world.is_valid


# R7: what is final, and what is not


def test_r7_a_signed_refusal_ends_renewals_and_the_switch_comes_as_soon_as_a_spare_is_held() -> None:
    world = running()
    world.servers["A"].refuses = Problem.LICENSE_WITHDRAWN
    world.run(60)
    assert world.told[1:] == ["15.01 refused A", "15.01 suspect A", "15.03 secured B", "15.03 switched B"]
    assert set(world.reasons[1:]) == {"license-withdrawn"}


def test_r7_what_remains_of_a_refused_lease_may_be_used() -> None:
    world = running("A")
    world.servers["A"].refuses = Problem.LICENSE_EXPIRED
    world.run(7.5 + timing.belief(TTL) - 0.01)
    assert world.is_valid
    assert world.times(Renew) == [7.5, 15.0]
    world.run(7.5 + timing.belief(TTL) + 0.01)
    assert not world.is_valid
    assert world.told[-1] == "37.19 lost A"


def test_r7_a_refusal_while_a_spare_is_held_switches_at_once() -> None:
    world = running()
    world.servers["A"].hang()
    world.run(19)
    world.servers["A"].revive()
    world.servers["A"].refuses = Problem.LICENSE_WITHDRAWN
    world.run(25)
    assert [line.split(maxsplit=1)[1] for line in world.told[3:]] == ["refused A", "switched B"]
    assert world.now < 25.5


def test_r7_taken_over_ends_belief_at_once() -> None:
    world = running("A")
    world.servers["A"].refuses = Problem.TAKEN_OVER
    world.run(15.02)
    assert world.told[1:] == ["15.01 lost A"]
    assert not world.is_valid
    assert world.times(UseNothing) == [15.01]


def test_r7_taken_over_while_a_spare_is_held_is_no_unlicensed_moment() -> None:
    world = running()
    world.servers["A"].hang()
    world.run(19)
    world.servers["A"].revive()
    world.servers["A"].refuses = Problem.TAKEN_OVER
    world.run(25)
    assert world.in_use == "B"
    assert world.times(UseNothing) == []


def test_r7_taken_over_while_suspect_is_lost() -> None:
    world = running("A")
    world.servers["A"].hang()
    world.run(19)
    world.servers["A"].revive()
    world.servers["A"].refuses = Problem.TAKEN_OVER
    world.run(22)
    assert world.told[-1].endswith("lost A")


def test_r7_silence_is_never_final() -> None:
    world = running("A")
    world.servers["A"].hang()
    world.run(33)
    world.servers["A"].revive()
    world.run(60)
    assert world.told[1:] == ["18.00 suspect A", "34.51 recovered A"]


def test_r7_an_answer_that_comes_after_a_refusal_changes_nothing() -> None:
    world = running("A")
    world.servers["A"].refuses = Problem.LICENSE_WITHDRAWN
    world.run(16)
    own = world.core.at.in_use
    assert own is not None
    world.receive(Renewed(own.number, 16.0, TTL))
    assert world.core.valid_until == 7.5 + timing.belief(TTL)


def test_r7_an_answer_that_was_heard_already_is_no_news() -> None:
    world = running()
    own = world.core.at.in_use
    assert own is not None
    world.receive(Broken(own.number, "gone"))
    world.receive(Renewed(own.number, own.sent, TTL))
    assert world.state is State.SUSPECT


def test_a_grant_that_comes_twice_is_one_lease() -> None:
    world = running()
    own = world.core.at.in_use
    assert own is not None
    world.receive(Granted(own.number, own.sent, TTL, own.terms))
    assert world.all(Release) == []


def test_a_server_that_does_not_know_the_lease_is_asked_anew_for_the_same_serial() -> None:
    world = running()
    world.servers["A"].seats.clear()
    world.run(16)
    assert world.told[1:] == ["15.01 suspect A", "15.02 recovered A"]
    take = world.all(Take)[-1][1]
    assert isinstance(take, Take)
    assert (take.entry.serial, take.token_of) == ("A", 1)
    assert world.times(UseLease) == [0.01, 15.02]
    assert world.seats() == {"A": False}


def test_a_server_that_gave_the_seat_to_another_meanwhile_leads_to_the_spare() -> None:
    world = running()
    world.servers["A"].occupy("A")
    world.run(16)
    assert world.told[1:] == ["15.01 suspect A", "15.02 refused A", "15.03 secured B", "15.03 switched B"]


# R8: no switch back


def test_r8_the_application_stays_on_the_backup_when_the_initial_license_is_back() -> None:
    world = running()
    world.servers["A"].kill()
    world.run(30)
    world.servers["A"].revive()
    world.run(600)
    assert world.in_use == "B"
    assert world.told[-1] == "25.50 switched B"


def test_r8_after_a_switch_the_old_lease_is_released_until_that_is_answered() -> None:
    world = running()
    world.servers["A"].hang()
    world.run(60)
    assert len(world.all(Release)) > 3
    world.servers["A"].revive()
    world.run(80)
    assert world.seats() == {"B": False}
    assert world.core.at.debts.next_timer() == float("inf")


def test_r8_the_list_is_tried_again_from_the_top_when_the_license_in_use_is_lost_in_turn() -> None:
    world = running("A", "B", "C")
    world.servers["A"].kill()
    world.run(40)
    world.servers["A"].revive()
    world.servers["B"].kill()
    world.run(80)
    assert world.in_use == "A"
    assert world.changes() == ["A->B", "B->A"]


# S1: the deadline


def test_s1_belief_ends_before_the_server_frees_the_seat() -> None:
    world = running("A")
    world.servers["A"].kill()
    world.run(60)
    assert world.told[-1] == f"{7.5 + TTL - 0.25 - 0.002 * TTL:.2f} lost A"


def test_s1_without_spare_and_demo_the_end_begins_a_sixth_of_the_lease_before_the_deadline() -> None:
    world = running("A")
    world.servers["A"].kill()
    world.run(60)
    assert world.losing_at == pytest.approx(7.5 + timing.belief(TTL) - TTL / 6)


def test_s1_the_time_that_an_orderly_end_needs_can_be_asked_for_up_to_a_quarter_of_the_lease() -> None:
    assert timing.grace(30, None) == 5.0
    assert timing.grace(3600, None) == 10.0
    assert timing.grace(30, 2.0) == 2.0
    assert timing.grace(30, 20.0) == 7.5


def test_s1_a_spare_is_gone_over_to_in_time_for_an_orderly_end() -> None:
    world = World("A", "B", manners=Manners(grace=7.5)).run(10)
    world.sleep(18)
    world.servers["A"].kill()
    world.run(40)
    assert world.told[1:] == ["28.00 suspect A", "28.02 secured B", "29.69 switched B"]
    assert world.losing_at is None


def test_s1_a_holder_that_slept_too_long_asks_for_its_own_serial_before_it_calls_it_lost() -> None:
    world = running()
    world.sleep(3600)
    assert not world.is_valid
    world.run(world.now + 1)
    assert world.told[1:] == ["3610.01 recovered A"]
    assert world.is_valid
    assert world.times(UseNothing) == []


def test_s1_it_asks_for_one_second_at_most() -> None:
    world = running("A")
    world.servers["A"].hang()
    world.sleep(3600)
    world.run(3612)
    assert world.told[1:] == ["3611.00 lost A"]


@pytest.mark.parametrize("problem", [Problem.LICENSE_WITHDRAWN, Problem.TAKEN_OVER])
def test_s1_a_refusal_ends_that_second(problem: Problem) -> None:
    world = running("A")
    world.servers["A"].refuses = problem
    world.sleep(3600)
    world.run(3611)
    assert world.told[1:] == ["3610.01 lost A"]


def test_s1_a_dead_server_ends_that_second() -> None:
    world = running("A")
    world.servers["A"].dead = True
    world.sleep(3600)
    world.run(3611)
    assert world.told[1:] == ["3610.01 lost A"]


def test_s1_a_suspect_holder_that_slept_asks_for_its_own_serial_too() -> None:
    world = running("A")
    world.servers["A"].kill()
    world.sleep(3600)
    world.servers["A"].revive()
    world.run(3612)
    assert world.told[-1] == "3610.01 recovered A"


def test_s1_a_system_with_a_spare_that_slept_through_both_asks_for_its_own_serial() -> None:
    world = running()
    world.servers["A"].kill()
    world.run(11)
    assert world.spare == "B"
    world.sleep(3600)
    world.servers["A"].revive()
    world.run(3620)
    assert world.told[-1].endswith("recovered A")
    assert world.seats() == {"A": False}


def test_s1_wall_time_that_runs_ahead_makes_renew_at_once() -> None:
    world = running()
    world.receive(ClockJumped())
    assert world.times(Renew)[-1] == 10.0


# R5: the list changes


def test_r5_a_license_in_use_that_is_no_longer_listed_stays_in_use_as_entry_minus_two() -> None:
    world = running()
    world.relist(listed("C"))
    assert world.in_use == "A"
    assert world.core.at.in_use is not None
    assert world.core.at.in_use.entry.number == UNLISTED
    assert isinstance(world.did[-1][1], UseLease)
    world.run(60)
    assert world.told == ["0.01 acquired A"]


def test_r5_the_measure_stays_when_the_list_changes() -> None:
    world = running("A", "B", "C")
    world.servers["B"].licenses["B"] = terms("B", tags=1)
    world.relist(listed("B", "C"))
    world.servers["A"].kill()
    world.run(40)
    assert world.in_use == "C"


def test_r5_a_spare_that_is_no_longer_listed_is_replaced() -> None:
    world = running("A", "B", "C")
    world.servers["A"].kill()
    world.run(15)
    world.relist(listed("A", "C"))
    world.run(16)
    assert world.spare == "C"
    assert world.seats() == {"A": False, "C": True}


def test_r5_a_new_location_serves_after_the_next_failed_renewal() -> None:
    world = running("A")
    world.relist(moved(listed("A"), 0, "new"))
    world.servers["A"].name = "new"  # the server has moved, and its old address answers no more
    world.run(60)
    assert world.told[1:] == ["15.01 suspect A", "15.27 recovered A"]
    assert world.core.at.in_use is not None
    assert world.core.at.in_use.entry == entry(0, "A", "new")
    assert {decision for _, decision in world.all(Release)} == {Release(1)}  # the old server may have it still


def test_r5_new_entries_are_asked_while_a_spare_is_looked_for() -> None:
    world = running("A", "B")
    world.servers["B"].dead = True
    world.servers["A"].kill()
    world.run(12)
    world.servers["B"].name = "c"
    world.servers["B"].revive()
    world.relist(moved(listed("A", "B"), 1, "c"))
    world.run(12.1)
    assert world.spare == "B"
