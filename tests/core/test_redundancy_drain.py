"""A license server is emptied for planned work: its holders go on, and move once they hold another license (R7, R8)."""

from __future__ import annotations

from scripted import World, listed, terms
from sparekey.core import timing
from sparekey.core.decisions import Renew, SerialChanged, Take, Tell
from sparekey.core.past import Past
from sparekey.core.problems import Problem
from sparekey.core.states import State

NEXT_RENEWAL = 15.0
"""When a system that has run for ten seconds hears of it: it renewed last at 7.5."""


def draining(*serials: str, until: float = 10.0) -> World:
    """A system that has run on its initial license for ten seconds when that one's server is to be emptied."""
    world = World(*serials).run(until)
    world.servers["A"].draining = True
    return world


def test_r7_a_holder_moves_at_its_next_renewal_and_is_told_why() -> None:
    world = draining("A", "B").run(40)
    assert world.told == ["0.01 acquired A", "15.03 secured B", "15.03 switched B"]
    assert world.reasons[-1] == "a:6350 is being emptied"
    assert [d.reason for _, d in world.all(SerialChanged) if isinstance(d, SerialChanged)] == [
        "a:6350 is being emptied"
    ]


def test_r7_both_are_held_at_the_moment_of_the_move_and_only_one_after_it() -> None:
    world = draining("A", "B")
    move = NEXT_RENEWAL + 0.03
    assert world.run(move - 0.005).seats() == {"A": False, "B": True}
    assert world.run(move + 0.1).seats() == {"B": False}


def test_r7_without_a_spare_it_stays_and_goes_on_renewing() -> None:
    world = draining("A", "B")
    world.servers["B"].occupy("B")
    world.run(400)
    assert (world.state, world.in_use) == (State.LEAVING, "A")
    assert world.times(Renew)[-1] > 390
    assert world.is_valid
    assert world.losing_at is None


def test_r13_who_cannot_move_says_so_once_with_the_reasons() -> None:
    world = draining("A", "B", "C")
    world.servers["B"].occupy("B")
    world.servers["C"].kill()
    world.run(100)
    assert world.told[1:] == ["15.02 alarm A"]
    assert world.reasons[-1].startswith("a:6350 is being emptied, and no other license is to be had: B at b:6350: ")
    assert world.reasons[-1].endswith("C at c:6350: c is gone")


def test_who_cannot_move_tells_its_server_why_at_once_and_each_time() -> None:
    world = draining("A", "B")
    world.servers["B"].occupy("B")
    world.run(40)
    told = [(at, d.stays) for at, d in world.all(Renew) if isinstance(d, Renew) and at >= NEXT_RENEWAL]
    assert told[0] == (NEXT_RENEWAL, "")
    assert told[1][0] < NEXT_RENEWAL + 1
    assert {stays for _, stays in told[1:]} == {"B at b:6350: no free seat"}


def test_r13_who_has_no_backup_says_so() -> None:
    world = draining("A").run(100)
    assert world.told[1:] == ["15.01 alarm A"]
    assert world.reasons[-1] == "a:6350 is being emptied, and no other license is to be had: no other license is listed"


def test_r12_what_becomes_free_while_the_server_is_emptied_is_taken() -> None:
    world = draining("A", "B")
    world.servers["B"].occupy("B")
    world.run(60)
    world.servers["B"].vacate("B")
    world.run(60 + timing.ASK_AGAIN_MIN + timing.ASK_AGAIN_SPREAD + 0.1)
    assert world.in_use == "B"


def test_r8_nobody_goes_back_to_a_server_that_is_in_service_again() -> None:
    world = draining("A", "B").run(40)
    world.servers["A"].draining = False
    world.run(400)
    assert (world.in_use, world.changes()) == ("B", ["A->B"])


def test_a_server_that_is_in_service_again_keeps_whom_it_still_has() -> None:
    world = draining("A", "B")
    world.servers["B"].occupy("B")
    world.run(60)
    world.servers["A"].draining = False
    world.run(70)
    world.servers["B"].vacate("B")
    world.run(200)
    assert (world.state, world.in_use) == (State.HOLD, "A")
    assert world.told[-1] == "60.03 recovered A"


def test_a_drain_that_ends_before_anything_was_told_is_not_told_either() -> None:
    world = World("A", "B").run(10)
    world.servers["B"].hang()
    world.servers["A"].draining = True
    world.run(15.5)
    assert world.state is State.LEAVING
    world.servers["A"].draining = False
    world.core.at.holdings()[0].renew_now(world.now)
    world.run(15.9)
    assert (world.state, world.told) == (State.HOLD, ["0.01 acquired A"])


def test_r12_a_server_that_is_emptied_is_no_candidate_and_that_is_not_final() -> None:
    world = World("A", "B", "C").run(10)
    world.servers["B"].draining = True
    world.servers["A"].kill()
    world.run(40)
    assert world.in_use == "C"
    assert not [d for _, d in world.all(Take) if isinstance(d, Take) and d.entry.serial == "B"]
    world.servers["B"].draining = False
    world.servers["C"].kill()
    world.run(80)
    assert world.in_use == "B"


def test_two_servers_that_are_emptied_do_not_send_a_holder_to_and_fro() -> None:
    world = draining("A", "B")
    world.servers["B"].draining = True
    world.run(200)
    assert (world.state, world.in_use, world.seats()) == (State.LEAVING, "A", {"A": False})
    assert not [d for _, d in world.all(Take) if isinstance(d, Take) and d.entry.serial == "B"]


def test_r7_a_suspect_holder_whose_server_answers_that_it_is_emptied_goes_over_to_the_spare_it_has() -> None:
    world = draining("A", "B")
    world.servers["A"].kill()
    world.run(12)
    world.servers["A"].revive()
    world.run(20)
    assert [told.split(maxsplit=1)[1] for told in world.told] == [
        "acquired A", "suspect A", "secured B", "switched B",
    ]  # fmt: skip
    assert world.reasons[-1] == "a:6350 is being emptied"
    assert world.seats() == {"B": False}


def test_r7_a_spare_on_a_server_that_is_emptied_is_replaced_before_it_is_given_back() -> None:
    world = World("A", "B", "C").run(10)
    world.servers["A"].kill()
    world.run(12)
    assert world.spare == "B"
    world.servers["B"].draining = True
    world.run(25)
    assert (world.spare, world.seats()) == ("C", {"A": False, "C": True})


def test_r7_a_server_that_is_switched_off_before_it_is_empty_is_a_silent_one() -> None:
    world = draining("A", "B")
    world.servers["B"].hang()
    world.run(20)
    world.servers["A"].kill()
    world.servers["B"].revive()
    world.run(60)
    assert [told.split(maxsplit=1)[1] for told in world.told[-3:]] == ["suspect A", "secured B", "switched B"]


def test_r7_a_refusal_is_final_while_a_server_is_emptied_too() -> None:
    world = draining("A", "B")
    world.servers["B"].occupy("B")
    world.run(20)
    world.servers["A"].refuses = Problem.LICENSE_WITHDRAWN
    world.servers["B"].vacate("B")
    world.run(25)
    assert world.in_use == "B"


def test_r9_a_start_waits_for_a_server_that_is_emptied_and_then_takes_a_backup() -> None:
    world = World("A", "B")
    world.servers["A"].draining = True
    world.run(10)
    assert world.told == ["5.02 acquired B"]
    assert world.reasons == ["a is being emptied"]


def test_r9_a_start_that_gets_its_own_seat_back_on_a_server_that_is_emptied_moves_at_once() -> None:
    world = World("A", "B")
    world.servers["A"].occupy("A")
    world.servers["A"].seats["A"].number = 0
    world.servers["A"].draining = True
    world.run(1)
    assert [told.split(maxsplit=1)[1] for told in world.told] == ["acquired A", "secured B", "switched B"]


def test_r9_what_an_earlier_run_left_on_a_server_that_is_emptied_serves_until_there_is_another() -> None:
    world = World("A", "B", "C", past=Past(reference=terms("A"), leftovers=listed("A", "B").backups))
    world.servers["A"].kill()
    world.servers["B"].occupy("B")
    world.servers["B"].seats["B"].number = 0
    world.servers["B"].draining = True
    world.run(10)
    assert [d.kind for _, d in world.all(Tell) if isinstance(d, Tell)] == ["acquired", "secured", "switched"]
    assert world.in_use == "C"
