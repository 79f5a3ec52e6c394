"""A start: home first, what an earlier run left behind, and whichever comes first (R2, R3, R9, R10, R12)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from scripted import World, entry, listed, terms
from sparekey.core.decisions import Ask, GiveUp, Release, SerialChanged, Take, UseLease
from sparekey.core.entries import UNLISTED, LicenseList
from sparekey.core.past import Manners, Past
from sparekey.core.problems import Problem
from sparekey.core.states import State


def given_up(world: World) -> dict[int, str]:
    """What a start that gave up says of each entry."""
    (decision,) = [decision for _, decision in world.all(GiveUp)]
    assert isinstance(decision, GiveUp)
    return dict(decision.candidates)


# R9: a start begins at entry 0


def test_r9_a_start_takes_the_initial_license() -> None:
    world = World("A", "B").run(1)
    assert world.told == ["0.01 acquired A"]
    assert world.seats() == {"A": False}
    assert world.all(Ask) == []


def test_r9_a_start_takes_over_as_spare_what_its_earlier_run_left_behind_and_home_releases_it() -> None:
    world = World("A", "B", past=Past(reference=terms("A"), leftovers=(entry(1, "B"),)))
    world.servers["A"].dead = True
    world.run(2)
    assert (world.state, world.spare) == (State.START, "B")
    assert world.seats() == {"B": True}
    world.servers["A"].revive()
    world.run(3)
    assert [line.split(maxsplit=1)[1] for line in world.told] == ["acquired A"]
    assert world.seats() == {"A": False}


def test_r9_a_start_runs_on_what_was_left_behind_when_home_does_not_come() -> None:
    world = World("A", "B", past=Past(reference=terms("A"), leftovers=(entry(1, "B"),)))
    world.servers["A"].dead = True
    world.run(6)
    assert world.told == ["5.00 acquired B"]
    assert world.reasons == ["a is gone"]
    assert world.seats() == {"B": False}


def test_r9_what_was_left_behind_is_not_asked_for_where_it_is_the_initial_license_itself() -> None:
    world = World("A", past=Past(leftovers=(entry(UNLISTED, "A", "elsewhere"),))).run(1)
    assert world.told == ["0.01 acquired A"]
    assert len(world.all(Take)) == 1


def test_r9_what_was_left_behind_and_is_no_longer_listed_is_given_back() -> None:
    world = World("A", "B", entries=listed("A"), past=Past(reference=terms("A"), leftovers=(entry(UNLISTED, "B"),)))
    world.servers["A"].dead = True
    world.run(1)
    assert world.spare == ""
    assert world.seats() == {}


def test_r9_r3_what_was_left_behind_and_is_worse_is_given_back() -> None:
    world = World("A", "B", past=Past(reference=terms("A", tags=500), leftovers=(entry(1, "B"),)))
    world.servers["A"].dead = True
    world.run(1)
    assert world.spare == ""
    assert world.seats() == {}


def test_r9_of_several_that_were_left_behind_one_is_kept() -> None:
    world = World("A", "B", "C", past=Past(reference=terms("A"), leftovers=(entry(1, "B"), entry(2, "C"))))
    world.servers["A"].dead = True
    world.run(1)
    assert world.seats() == {"B": True}


def test_r9_what_was_left_behind_and_fails_meanwhile_does_not_serve() -> None:
    world = World("A", "B", past=Past(reference=terms("A"), leftovers=(entry(1, "B"),)), wait=60)
    world.servers["A"].dead = True
    world.run(1)
    world.servers["B"].hang()
    world.run(40)
    assert (world.state, world.spare) == (State.START, "")


def test_r9_what_was_left_behind_and_is_refused_meanwhile_does_not_serve() -> None:
    world = World("A", "B", past=Past(reference=terms("A"), leftovers=(entry(1, "B"),)), wait=20)
    world.servers["A"].dead = True
    world.run(1)
    world.servers["B"].refuses = Problem.LICENSE_WITHDRAWN
    world.run(21)
    assert world.told == []


def test_r9_a_leftover_that_is_not_answered_in_time_is_given_back() -> None:
    world = World("A", "B", past=Past(reference=terms("A"), leftovers=(entry(1, "B"),)))
    world.servers["B"].hang()
    world.run(1)
    assert world.in_use == "A"
    assert 2 in [decision.number for _, decision in world.all(Release) if isinstance(decision, Release)]


@pytest.mark.parametrize("problem", [None, Problem.NO_SUCH_LICENSE])
def test_r9_a_leftover_that_is_not_to_be_had_is_let_be(problem: Problem | None) -> None:
    world = World("A", "B", past=Past(reference=terms("A"), leftovers=(entry(1, "B"),)))
    world.servers["B"].refuses = problem
    world.servers["B"].dead = problem is None
    world.run(1)
    assert world.told == ["0.01 acquired A"]
    assert world.all(Release) == []


# R12: INITIAL_WAIT


def test_r12_a_server_that_recovers_within_the_initial_wait_is_waited_for() -> None:
    world = World("A", "B")
    world.servers["A"].dead = True
    world.run(4)
    world.servers["A"].revive()
    world.run(10)
    assert [line.split(maxsplit=1)[1] for line in world.told] == ["acquired A"]
    takes = world.times(Take)
    assert takes[:3] == [0.0, 0.26, 0.52]
    assert len({decision.number for _, decision in world.all(Take) if isinstance(decision, Take)}) == 1


def test_r12_after_the_initial_wait_the_list_is_asked() -> None:
    world = World("A", "B")
    world.servers["A"].dead = True
    world.run(10)
    assert world.told == ["5.02 acquired B"]
    assert world.reasons == ["a is gone"]


@pytest.mark.parametrize("problem", [Problem.NO_SUCH_LICENSE, Problem.LICENSE_EXPIRED])
def test_r12_a_signed_refusal_ends_the_wait(problem: Problem) -> None:
    world = World("A", "B")
    world.servers["A"].refuses = problem
    world.run(1)
    assert world.told[0].startswith("0.0")
    assert world.in_use == "B"
    assert world.reasons == [str(problem)]


def test_r12_full_ends_the_wait() -> None:
    world = World("A", "B")
    world.servers["A"].occupy("A")
    world.run(1)
    assert world.in_use == "B"


def test_r12_full_does_not_end_the_wait_while_somebody_holds_it_as_a_spare() -> None:
    world = World("A", "B")
    world.servers["A"].occupy("A", spare=True)
    world.run(3)
    assert world.state is State.START
    world.servers["A"].vacate("A")
    world.run(4)
    assert world.in_use == "A"


def test_r12_a_take_of_home_that_may_have_arrived_is_given_back_after_the_wait() -> None:
    world = World("A", "B")
    world.servers["A"].hang()
    world.run(6)
    assert world.in_use == "B"
    world.servers["A"].revive()
    world.run(20)
    assert world.core.at.debts.next_timer() == float("inf")


def test_r12_no_wait_at_all_asks_the_list_at_once() -> None:
    world = World("A", "B", wait=0, past=Past(reference=terms("A"), leftovers=(entry(1, "B"),))).run(1)
    assert world.in_use == "A"
    assert [decision.number for _, decision in world.all(Release) if isinstance(decision, Release)] == []


# R12: ask all, take one


def test_r12_every_candidate_is_asked_at_once_and_one_is_taken() -> None:
    world = World("A", "B", "C", "D", wait=0).run(1)
    assert world.times(Ask) == [0.0] * 4
    assert len(world.all(Take)) == 1
    assert world.in_use == "A"


def test_r12_dead_hosts_do_not_add_up() -> None:
    world = World("A", "B", "C", "D", wait=0)
    for name in "ABC":
        world.servers[name].hang()
    world.run(1)
    assert world.told == ["0.27 acquired D"]


def test_r12_an_entry_before_it_that_answers_within_a_quarter_of_a_second_goes_first() -> None:
    world = World("A", "B", "C", wait=0)
    world.servers["A"].hang()
    world.servers["B"].delay = 0.2
    world.run(1)
    assert world.in_use == "B"


def test_r12_a_take_is_abandoned_after_a_second_if_another_is_ready_and_released_until_that_is_answered() -> None:
    world = World("A", "B", wait=0)
    world.servers["A"].takes_hung = True
    world.run(60)
    assert world.told == ["1.02 acquired B"]
    assert world.seats() == {"B": False}
    assert [(time, decision) for time, decision in world.all(Release)] == [(1.01, Release(2))]


def test_r12_a_take_has_three_seconds_where_no_other_is_ready() -> None:
    world = World("A", "B", wait=0, manners=Manners(wait=60))
    world.servers["A"].takes_hung = True
    world.servers["B"].dead = True
    world.run(10)
    assert world.times(Take)[:2] == [0.01, 3.02], "and it is asked again at once"


def test_r12_of_servers_that_are_all_slow_one_is_waited_for() -> None:
    world = World("A", "B", wait=0)
    for server in world.servers.values():
        server.take_delay = 2.0
    world.run(10)
    assert world.told == ["3.02 acquired B"]


def test_r12_a_release_is_sent_again_and_again_for_an_hour_at_most() -> None:
    world = World("A", "B", wait=0)
    world.servers["A"].takes_hung = True
    world.run(1.005)
    world.servers["A"].hang()
    world.run(7300)
    times = world.times(Release)
    assert len(times) > 100
    assert max(after - before for before, after in pairwise(times)) <= 8.01
    assert times[-1] <= 3600 + 1.02


def test_r12_full_and_silent_ones_are_asked_again_each_half_to_one_and_a_half_seconds() -> None:
    world = World("A", "B", wait=0, manners=Manners(wait=60))
    world.servers["A"].occupy("A")
    world.servers["B"].dead = True
    world.run(10)
    assert len(world.all(Ask)) == pytest.approx(2 * 10 / 0.51, abs=3)
    world.servers["A"].vacate("A")
    world.run(11)
    assert world.in_use == "A"


def test_a_start_that_finds_nothing_says_why_of_each_entry() -> None:
    world = World("A", "B", "C", wait=0)
    world.servers["A"].dead = True
    world.servers["B"].occupy("B")
    world.servers["C"].licenses["C"] = terms("C", tags=1)
    world.run(1)
    assert given_up(world) == {0: "a is gone", 1: "no free seat", 2: "tags 1 < 100"}
    assert world.state is State.STOP
    assert world.core.is_settled


def test_a_start_may_wait_longer_for_any_license() -> None:
    world = World("A", "B", wait=0, manners=Manners(wait=30))
    world.servers["A"].dead = world.servers["B"].dead = True
    world.run(20)
    assert world.state is State.SEEK
    world.servers["B"].revive()
    world.run(21)
    assert world.in_use == "B"


# R3: equal or better only


def test_r3_without_the_initial_licenses_terms_no_backup_is_taken_and_the_message_says_so_and_how_to_get_them() -> None:
    world = World("A", "B", past=Past())
    world.servers["A"].dead = True
    world.run(10)
    assert given_up(world)[1] == (
        "the terms of A are not known on this system, so nothing can be compared with them: "
        "start once while its server runs, or run 'sparekey config add' for it"
    )
    assert world.seats() == {}


def test_r3_terms_that_become_known_while_asking_are_compared_with_at_once() -> None:
    world = World("A", "B", past=Past())
    world.servers["A"].occupy("A")
    world.servers["A"].delay = 0.1
    world.run(1)
    assert world.in_use == "B"


def test_r3_a_license_that_turns_out_worse_when_granted_is_given_back() -> None:
    world = World("A", "B", wait=0)
    world.servers["A"].dead = True
    world.servers["B"].delay = 0.1
    world.run(0.15)
    world.servers["B"].licenses["B"] = terms("B", tags=1)
    world.run(2)
    assert world.in_use in ("", "B")
    assert world.seats() == ({"B": False} if world.in_use else {})


def test_r3_a_star_takes_any_license_that_is_equal_or_better_and_free() -> None:
    star = LicenseList((entry(0, "A"), entry(1, "*", "b")), initial_wait=0, min_backups=0)
    world = World("A", "B", entries=star)
    world.servers["B"].licenses = {"worse": terms("worse", tags=1), "full": terms("full"), "good": terms("good")}
    world.servers["B"].occupy("full")
    world.servers["A"].dead = True
    world.run(1)
    assert world.in_use == "good"


# R10: a change of serial number


def test_r10_a_start_on_the_same_license_is_no_change() -> None:
    world = World("A", past=Past(serial="A")).run(1)
    assert world.changes() == []


def test_r10_a_start_on_another_license_is_one_change() -> None:
    world = World("A", past=Past(serial="B")).run(1)
    assert world.changes() == ["B->A"]


def test_r10_the_very_first_start_is_no_change() -> None:
    world = World("A", past=Past()).run(1)
    assert world.changes() == []


def test_r10_a_switch_is_one_change_with_its_reason() -> None:
    world = World("A", "B").run(10)
    world.servers["A"].kill()
    world.run(60)
    assert [d for _, d in world.all(SerialChanged)] == [SerialChanged("A", "B", 1, "a is gone")]


def test_r10_a_loss_is_a_change_to_nothing_and_back() -> None:
    world = World("A").run(10)
    world.servers["A"].kill()
    world.run(60)
    world.servers["A"].revive()
    world.run(70)
    assert world.changes() == ["A->", "->A"]
    assert [line.split(maxsplit=1)[1] for line in world.told[2:]] == ["lost A", "acquired A"]


# the end


def test_a_stop_gives_everything_back_and_the_serial_number_stays() -> None:
    world = World("A", "B").run(10)
    world.servers["A"].kill()
    world.run(11)
    world.servers["A"].revive()
    world.stop()
    world.run(12)
    assert world.seats() == {}
    assert world.core.is_settled
    assert world.changes() == []
    assert not world.is_valid


def test_a_stop_during_the_start_gives_back_what_may_be_granted() -> None:
    world = World("A").run(0.005)
    world.stop()
    world.run(1)
    assert world.seats() == {}
    assert world.core.is_settled
    assert world.all(UseLease) == []


def test_a_lease_that_comes_after_the_stop_is_given_back() -> None:
    world = World("A", wait=0).run(0.015)
    world.stop()
    world.run(1)
    assert world.seats() == {}


def test_r9_a_take_that_was_refused_leaves_nothing_behind_for_the_next_start() -> None:
    world = World("A", "B", past=Past(reference=terms("A")))
    world.servers["A"].occupy("A")
    world.servers["B"].occupy("B")
    world.run(1)
    assert world.state is State.STOP
    assert world.core.at.outstanding() == set()


def test_r9_what_is_held_and_what_is_owed_is_outstanding() -> None:
    world = World("A", "B").run(1)
    assert len(world.core.at.outstanding()) == 1
    world.servers["A"].kill()
    world.run(30)
    assert world.in_use == "B"
    assert len(world.core.at.outstanding()) == 2
