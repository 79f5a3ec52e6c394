"""Who may hold which seat: R1, R9, S1 to S4, S6."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from seat_office import DAY, SERIAL, TTL, Office, holder, later, license_terms, refused, shown
from sparekey.core.leases import Holder, Put, Remove
from sparekey.core.problems import Problem
from sparekey.core.requests import Granted, Refused, Released, Renew, Renewed, Take
from sparekey.core.seats import SWEEP

A, B, C = holder("a"), holder("b"), holder("c")


def test_r1_a_seat_is_held_by_one_and_refusals_name_the_holder() -> None:
    office = Office()
    granted = office.grant("1", by=A)
    answer = office.take("2", by=B)
    assert isinstance(answer, Refused)
    assert answer.problem is Problem.NO_FREE_SEAT
    assert [(o.system, o.application, o.since) for o in answer.occupants] == [(A.system, "Runtime", granted.since)]


def test_r1_one_holder_never_takes_two_seats_of_one_license() -> None:
    office = Office(seats=2)
    office.grant("1", order=1, by=A)
    office.grant("2", order=2, by=A)
    assert office.held() == {"2"}


def test_r1_another_secret_is_another_holder() -> None:
    office = Office()
    office.grant("1", by=A)
    assert refused(office.take("2", order=2, by=holder("a", "other"))) is Problem.NO_FREE_SEAT


def test_r1_a_lease_id_of_another_holder_is_refused() -> None:
    office = Office(seats=2)
    office.grant("1", by=A)
    assert refused(office.take("1", by=B)) is Problem.INVALID_REQUEST


def test_s1_a_seat_is_free_at_the_deadline_and_not_before() -> None:
    office = Office()
    office.grant("1", by=A)
    office.pass_time(10)
    assert isinstance(office.renew("1", A), Renewed)
    office.pass_time(TTL - 0.001)
    assert refused(office.take("2", by=B)) is Problem.NO_FREE_SEAT
    office.pass_time(0.001)
    office.grant("3", order=2, by=B)


def test_s1_a_repeat_keeps_the_seat_for_another_ttl() -> None:
    office = Office()
    office.grant("1", by=A)
    office.pass_time(20)
    office.grant("1", by=A)
    office.pass_time(20)
    assert refused(office.take("2", by=B)) is Problem.NO_FREE_SEAT


def test_s1_a_lease_that_ran_out_is_not_renewed() -> None:
    office = Office()
    office.grant("1", by=A)
    office.pass_time(TTL)
    assert refused(office.renew("1", A)) is Problem.NO_SUCH_LEASE
    office.grant("2", order=2, by=A)


def test_s2_renewals_write_nothing() -> None:
    office = Office()
    office.grant("1", by=A)
    written = office.written
    for _ in range(10):
        office.pass_time(TTL / 4)
        office.renew("1", A)
    assert office.written == written


def test_s2_what_is_not_synced_is_written_again_before_it_is_answered() -> None:
    office = Office()
    take = Take("1", A, "pc", 1)
    office.lessor.take(take, office.at)  # and its commit fails
    repeat = office.lessor.take(take, office.at)
    assert [type(write) for write in repeat.writes] == [Put]
    office.carry_out(repeat)
    assert office.lessor.take(take, office.at).writes == ()


def test_s2_a_release_is_written_again_with_each_repeat() -> None:
    office = Office()
    office.grant("1", by=A)
    office.lessor.release("1", A.secret, office.at)  # and its commit fails
    assert isinstance(office.release("1", A), Released)
    assert office.disk.grants == {}


def test_s2_a_restart_gives_every_lease_one_full_ttl() -> None:
    office = Office()
    office.grant("1", by=A)
    office.pass_time(TTL - 1)
    office.start()
    office.pass_time(TTL - 0.001)
    assert refused(office.take("2", by=B)) is Problem.NO_FREE_SEAT
    office.pass_time(0.001)
    office.grant("3", order=2, by=B)


def test_s2_a_reused_seat_removes_the_old_lease_in_the_same_transaction() -> None:
    office = Office()
    office.grant("1", by=A)
    office.pass_time(TTL)
    outcome = office.lessor.take(Take("2", B, "pc", 1), office.at)
    assert [write for write in outcome.writes if isinstance(write, Remove)] == [Remove("1")]
    assert isinstance(outcome.writes[-1], Put)


def test_s2_a_lease_keeps_the_ttl_that_it_was_granted_with() -> None:
    office = Office()
    office.grant("1", by=A)
    office.ttl = 5.0
    office.start()
    answer = office.renew("1", A)
    assert isinstance(answer, Renewed)
    assert answer.grant.ttl == TTL
    office.pass_time(TTL - 1)
    assert office.held() == {"1"}


@pytest.mark.parametrize("back", [0, 10_000_000])
def test_s3_fences_grow_over_restarts_and_a_wall_clock_that_goes_back(back: float) -> None:
    office = Office(seats=3)
    fences = [office.grant("1", by=A).fence]
    office.at = office.at._replace(wall=office.at.wall - back)
    office.start()
    fences.append(office.grant("2", by=B).fence)
    office.start()
    fences.append(office.grant("3", by=C).fence)
    assert fences == sorted(set(fences))


def test_s3_fences_grow_over_a_lost_ledger() -> None:
    office = Office(seats=2)
    before = office.grant("1", by=A)
    office.pass_time(1)
    office.lose_ledger()
    assert office.grant("2", order=2, by=A, shown=shown(before)).fence > before.fence


def test_s4_a_first_start_is_no_loss() -> None:
    office = Office()
    assert office.lessor.recovering(office.at.boot) == 0
    office.grant("1", by=A)


def test_s4_a_lost_ledger_grants_nothing_new_for_the_longest_ttl() -> None:
    office = Office(longest=60.0)
    office.start()
    office.lose_ledger()
    office.pass_time(59)
    answer = office.take("1", by=A)
    assert isinstance(answer, Refused)
    assert (answer.problem, answer.retry_after) == (Problem.RECOVERING, 1.0)
    office.pass_time(1)
    office.grant("1", by=A)


def test_s4_a_lost_ledger_takes_leases_back_from_who_shows_its_token() -> None:
    office = Office()
    token = shown(office.grant("1", by=A))
    office.lose_ledger()
    assert refused(office.renew("1", A, shown=token)) is Problem.NO_SUCH_LEASE
    office.grant("2", order=2, by=A, shown=token)
    assert refused(office.take("3", by=B)) is Problem.RECOVERING


def test_s4_the_token_of_another_gives_no_seat_back() -> None:
    office = Office()
    token = shown(office.grant("1", by=A))
    office.lose_ledger()
    assert refused(office.take("2", by=B, shown=token)) is Problem.RECOVERING


def test_s4_a_token_of_a_later_grant_shows_that_the_ledger_was_rolled_back() -> None:
    office = Office(seats=2)
    backup = office.disk.copy()
    token = shown(office.grant("1", by=A))
    office.disk = backup
    office.start()
    assert not office.lessor.rolled_back
    office.renew("1", A, shown=token)
    assert office.lessor.rolled_back
    assert refused(office.take("2", by=B)) is Problem.RECOVERING


def test_s4_who_has_a_seat_shows_a_rollback_as_well() -> None:
    office = Office(seats=2)
    grant = office.grant("1", by=A)
    office.start()
    office.grant("2", order=2, by=A, shown=shown(later(grant, 5)))
    assert office.lessor.rolled_back
    assert office.held() == {"2"}


def test_s4_a_seat_given_away_meanwhile_is_ended_by_taken_over() -> None:
    office = Office()
    backup = office.disk.copy()
    token = shown(office.grant("1", by=A))
    office.disk = backup
    office.start()
    office.grant("2", by=B)
    office.grant("3", order=2, by=A, shown=token)
    assert office.held() == {"3"}
    assert refused(office.renew("2", B)) is Problem.TAKEN_OVER


def test_s4_a_restart_amid_the_recovery_from_a_lost_ledger_begins_it_anew() -> None:
    office = Office()
    token = shown(office.grant("1", by=A))
    office.lose_ledger()
    office.pass_time(1)
    office.start()
    assert refused(office.take("2", by=B)) is Problem.RECOVERING
    office.grant("3", order=2, by=A, shown=token)


def test_s4_a_start_after_the_recovery_recovers_no_more() -> None:
    office = Office()
    office.grant("1", by=A)
    office.lose_ledger()
    office.pass_time(TTL)
    office.tick()
    office.start()
    office.grant("2", by=B)


def test_s4_a_lease_that_an_old_ledger_brought_back_is_not_taken_over_beside_the_one_that_was_proven() -> None:
    office = Office()
    office.grant("1", by=A)
    backup = office.disk.copy()
    office.release("1", A)
    token = shown(office.grant("2", by=B))
    office.disk = backup
    office.start()
    office.grant("3", order=2, by=B, shown=token)
    assert refused(office.take("4", order=2, by=A)) is Problem.RECOVERING
    office.pass_time(TTL - 1)
    office.renew("3", B)
    office.pass_time(1)
    assert refused(office.take("4", order=2, by=A)) is Problem.NO_FREE_SEAT


def test_s4_a_lease_that_an_old_ledger_brought_back_is_not_renewed_beside_the_one_that_was_proven() -> None:
    office = Office()
    office.grant("1", by=A)
    backup = office.disk.copy()
    office.release("1", A)
    token = shown(office.grant("2", by=B))
    office.disk = backup
    office.start()
    office.grant("3", order=2, by=B, shown=token)
    assert refused(office.renew("1", A)) is Problem.TAKEN_OVER
    assert office.held() == {"3"}


def test_s4_a_seat_is_given_back_once_however_many_old_leases_lie_beside_it() -> None:
    """Seed 4470: two tokens of one seat, since a holder whose clock stood still believes in a lease that is over."""
    office = Office()
    office.grant("1", by=C)
    backup = office.disk.copy()
    office.release("1", C)
    first = shown(office.grant("2", by=A))
    office.release("2", A)
    second = shown(office.grant("3", by=B))
    office.disk = backup
    office.start()
    office.grant("4", order=2, by=A, shown=first)
    assert refused(office.take("5", order=2, by=B, shown=second)) is Problem.NO_FREE_SEAT


def test_s4_an_old_token_prolongs_no_recovery() -> None:
    office = Office(seats=2)
    token = shown(office.grant("1", by=A))
    office.lose_ledger()
    office.pass_time(TTL)
    office.renew("1", A, shown=token)
    office.grant("2", by=B)


def test_s6_the_same_id_is_the_same_lease() -> None:
    office = Office()
    first = office.take("1", by=A)
    repeat = office.take("1", by=A)
    assert isinstance(first, Granted)
    assert isinstance(repeat, Granted)
    assert (repeat.grant, first.repeat, repeat.repeat) == (first.grant, False, True)


def test_r9_a_higher_order_takes_the_own_seat_over() -> None:
    office = Office()
    office.grant("1", order=1, by=A)
    office.grant("2", order=2, by=A)
    assert refused(office.renew("1", A)) is Problem.TAKEN_OVER
    assert isinstance(office.renew("2", A), Renewed)


def test_s6_a_lower_order_is_too_late() -> None:
    office = Office()
    office.grant("2", order=2, by=A)
    assert refused(office.take("1", order=1, by=A)) is Problem.TAKEN_OVER
    assert office.held() == {"2"}


@pytest.mark.parametrize("restarted", [False, True])
def test_s6_a_released_id_is_over_also_after_a_restart(restarted: bool) -> None:
    office = Office()
    office.grant("1", by=A)
    assert isinstance(office.release("1", A), Released)
    if restarted:
        office.start()
    assert refused(office.take("1", by=A)) is Problem.TAKEN_OVER
    assert isinstance(office.release("1", A), Released)
    office.grant("2", order=2, by=A)


def test_s6_a_release_works_before_its_take_arrives() -> None:
    office = Office()
    assert isinstance(office.release("1", A), Released)
    office.start()
    assert refused(office.take("1", by=A)) is Problem.TAKEN_OVER
    office.grant("2", by=B)


def test_s6_late_requests_are_remembered_for_the_longest_ttl_and_then_forgotten() -> None:
    office = Office(longest=60.0)
    office.release("1", A)
    assert set(office.disk.closed) == {"1"}
    assert office.lessor.next_timer() == office.at.boot + 60
    office.pass_time(60)
    office.tick()
    assert office.disk.closed == {}
    assert office.lessor.next_timer() is None


def test_s6_a_release_that_comes_after_its_lease_has_run_out_is_remembered_as_long() -> None:
    """Seed 709 of the simulation: what had run out took the memory of the release with it."""
    office = Office()
    office.grant("1", by=A)
    office.pass_time(TTL)
    office.tick()
    office.pass_time(TTL / 2)
    office.release("1", A)
    office.pass_time(TTL / 2 + 1)
    office.tick()
    assert refused(office.take("1", by=A)) is Problem.TAKEN_OVER


def test_t2_another_secret_neither_renews_nor_releases() -> None:
    office = Office()
    office.grant("1", by=A)
    assert refused(office.renew("1", B)) is Problem.WRONG_SECRET
    assert refused(office.release("1", B)) is Problem.WRONG_SECRET
    office.release("1", A)
    assert refused(office.release("1", B)) is Problem.WRONG_SECRET
    assert refused(office.renew("1", B)) is Problem.WRONG_SECRET


def test_a_license_that_is_not_there() -> None:
    office = Office()
    unknown = Holder("9-9999", "s", "Runtime", "x")
    assert refused(office.take("1", by=unknown)) is Problem.NO_SUCH_LICENSE


def test_r7_a_withdrawn_license_keeps_its_leases_until_their_ttl_is_over() -> None:
    office = Office(seats=2)
    office.grant("1", by=A)
    office.lessor.withdraw(SERIAL)
    assert refused(office.renew("1", A)) is Problem.LICENSE_WITHDRAWN
    assert refused(office.take("2", by=B)) is Problem.LICENSE_WITHDRAWN
    assert office.held() == {"1"}
    office.pass_time(TTL)
    office.tick()
    assert office.lessor.pool(SERIAL) is None
    assert office.disk.grants == {}


def test_a_withdrawn_license_that_comes_back_goes_on_under_its_holders() -> None:
    office = Office()
    office.grant("1", by=A)
    office.lessor.withdraw(SERIAL)
    office.lessor.install(office.terms)
    assert isinstance(office.renew("1", A), Renewed)


def test_s7_an_expired_license_is_neither_granted_nor_renewed() -> None:
    office = Office()
    office.lessor.install(license_terms(valid_until=DAY))
    office.grant("1", by=A)
    office.pass_time(timedelta(days=2).total_seconds())
    office.lessor.install(license_terms(valid_until=DAY))
    assert refused(office.take("2", by=B)) is Problem.LICENSE_EXPIRED
    office.lessor.install(license_terms(valid_until=date(2099, 1, 1)))
    office.grant("3", order=2, by=B)


def test_fewer_seats_than_holders_end_no_lease() -> None:
    office = Office(seats=2)
    office.grant("1", by=A)
    office.grant("2", by=B)
    office.lessor.install(license_terms(seats=1))
    assert isinstance(office.renew("1", A), Renewed)
    assert isinstance(office.renew("2", B), Renewed)
    office.release("2", B)
    assert refused(office.take("3", by=C)) is Problem.NO_FREE_SEAT


def test_a_refusal_names_a_hundred_holders_at_most() -> None:
    office = Office(seats=150)
    for number in range(150):
        office.grant(str(number), by=holder(str(number)))
    answer = office.take("more", by=A)
    assert isinstance(answer, Refused)
    assert len(answer.occupants) == 100
    assert answer.occupants[0].system == holder("0").system


def test_a_thousand_expiries_are_no_storm() -> None:
    office = Office(seats=3 * SWEEP)
    for number in range(3 * SWEEP):
        office.grant(str(number), by=holder(str(number)))
    office.pass_time(TTL)
    for left in (2 * SWEEP, SWEEP, 0):
        office.tick()
        assert len(office.held()) == left


def test_fewer_seats_than_holders_end_no_lease_at_a_restart_either() -> None:
    office = Office(seats=2)
    office.grant("1", by=A)
    office.grant("2", by=B)
    office.terms = license_terms(seats=1)
    office.start()
    assert isinstance(office.renew("1", A), Renewed)
    assert isinstance(office.renew("2", B), Renewed)
    office.start()
    office.renew("1", A)
    office.grant("3", order=2, by=B)  # an application that crashed, and is back


# a server that is being emptied


def test_a_server_that_is_emptied_grants_nothing_new() -> None:
    office = Office()
    office.lessor.draining = True
    answer = office.take("1", by=A)
    assert isinstance(answer, Refused)
    assert (answer.problem, answer.retry_after > 0, answer.problem.signed) == (Problem.DRAINING, True, False)
    office.lessor.draining = False
    office.grant("1", by=A)


def test_a_server_that_is_emptied_renews_repeats_and_lets_a_holder_take_its_own_seat_over() -> None:
    office = Office(seats=2)
    office.grant("1", by=A)
    office.lessor.draining = True
    assert isinstance(office.renew("1", A), Renewed)
    assert isinstance(office.take("1", by=A), Granted)
    office.grant("2", order=2, by=A)
    assert office.held() == {"2"}


def test_s4_a_server_that_is_emptied_gives_a_lost_lease_back_to_who_can_show_it() -> None:
    office = Office()
    token = shown(office.grant("1", by=A))
    office.lose_ledger()
    office.lessor.draining = True
    office.grant("2", order=2, by=A, shown=token)


def test_a_server_that_is_emptied_calls_no_license_full_since_that_would_be_final() -> None:
    office = Office()
    office.grant("1", by=A)
    office.lessor.draining = True
    assert refused(office.take("2", by=B)) is Problem.DRAINING


def test_a_server_that_is_emptied_shows_who_has_heard_of_it_and_why_they_stay() -> None:
    office = Office(seats=2)
    office.grant("1", by=A)
    office.grant("2", by=B)
    office.lessor.draining = True
    office.carry_out(office.lessor.renew(Renew("1", A.secret, stays="b:6350 is silent"), office.at))
    pool = office.lessor.pool(SERIAL)
    assert pool
    assert [(each.told, each.stays) for each in pool.occupants()] == [(True, "b:6350 is silent"), (False, "")]
    assert office.lessor.held == 2
