"""The queue of expiries, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from seat_office import holder
from sparekey.core.expiry import ExpiryQueue
from sparekey.core.leases import Grant, Lease


@dataclass(slots=True)
class Watched(Lease):
    """A lease that counts how often its deadline is looked at."""

    looks: int = 0

    def __getattribute__(self, name: str) -> object:
        if name == "deadline":
            object.__setattr__(self, "looks", object.__getattribute__(self, "looks") + 1)
        return object.__getattribute__(self, name)


def lease(deadline: float, number: int = 1) -> Watched:
    grant = Grant(f"lease-{number}", holder(), "pc", 1, number, 0, 30.0, 0.0, spare=False)
    return Watched(grant, deadline, spare=False, synced=True, confirmed=True, given_at_sight=True)


def test_leases_come_out_when_their_deadline_has_passed_the_earliest_first() -> None:
    queue = ExpiryQueue()
    leases = [lease(30.0, 1), lease(10.0, 2), lease(20.0, 3)]
    for each in leases:
        queue.add(each)
    assert queue.due(9.9, 10) == []
    assert queue.due(20.0, 10) == [leases[1], leases[2]]
    assert queue.next() == 30.0


def test_a_renewed_lease_waits_for_its_new_deadline() -> None:
    queue = ExpiryQueue()
    renewed = lease(10.0)
    queue.add(renewed)
    renewed.deadline = 40.0
    assert queue.due(10.0, 10) == []
    assert queue.next() == 40.0
    assert queue.due(40.0, 10) == [renewed]
    assert queue.next() is None


def test_no_more_come_out_at_once_than_asked_for() -> None:
    queue = ExpiryQueue()
    for number in range(5):
        queue.add(lease(10.0, number))
    assert [len(queue.due(10.0, 2)) for _ in range(4)] == [2, 2, 1, 0]


def test_leases_that_are_not_due_cost_nothing() -> None:
    queue = ExpiryQueue()
    many = [lease(1000.0 + number, number) for number in range(500)]
    for each in many:
        queue.add(each)
    before = sum(each.looks for each in many)
    for now in range(100):
        queue.due(float(now), 1000)
    assert sum(each.looks for each in many) == before
