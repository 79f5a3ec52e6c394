"""Which acknowledgement is taken, and what a refused one is told (OPC 10000-9, 5.7.3)."""

from __future__ import annotations

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from notify.opcua_plant import Technicians
from sparekey.core.alarms import State
from sparekey.notify.opcua.acknowledgements import LONGEST_COMMENT, REMEMBERED, Acknowledgements
from sparekey.notify.opcua.names import own_node


class Desk:
    """The acknowledgements of a plant, and what was told of its alarms."""

    def __init__(self) -> None:
        self.technicians = Technicians()
        self.acknowledgements = Acknowledgements(self.technicians.feed)
        self._news = self.technicians.feed.subscribe()

    async def tell(self, event: bytes) -> None:
        for key, alarm in (await self._news.news()).alarms.items():
            self.acknowledgements.tell(condition(key), alarm, event)

    async def come(self, key: int, event: bytes, *, returns: bool = True) -> None:
        self.technicians.alarm(key, returns=returns)
        await self.tell(event)

    def acknowledge(self, key: int, event: bytes, comment: str = "") -> int:
        return self.acknowledgements.acknowledge(condition(key), event, comment, "anna")


def condition(key: int) -> ua.NodeId:
    return own_node(f"Runtime/[Alarm] {key}", 2)


async def test_it_is_passed_on_with_who_and_why() -> None:
    desk = Desk()
    await desk.come(1, b"come")
    assert desk.acknowledge(1, b"come", "on my way") == StatusCodes.Good
    seen = desk.technicians.feed.alarms[1].acknowledged
    assert seen is not None
    assert (seen.by, seen.comment) == ("anna", "on my way")


async def test_a_second_one_is_refused_before_and_after_the_news_of_the_first() -> None:
    desk = Desk()
    await desk.come(1, b"come")
    desk.acknowledge(1, b"come")
    assert desk.acknowledge(1, b"come") == StatusCodes.BadConditionBranchAlreadyAcked
    await desk.tell(b"acknowledged")
    assert desk.acknowledge(1, b"acknowledged") == StatusCodes.BadConditionBranchAlreadyAcked


async def test_one_of_an_alarm_that_somebody_has_acknowledged_elsewhere_is_refused() -> None:
    desk = Desk()
    await desk.come(1, b"come")
    desk.technicians.feed.acknowledge(1, "otto", "on the command line")
    assert desk.acknowledge(1, b"come") == StatusCodes.BadConditionBranchAlreadyAcked


async def test_an_alarm_that_returned_to_normal_under_the_hand_is_acknowledged() -> None:
    desk = Desk()
    await desk.come(1, b"come")
    desk.technicians.go(1)
    await desk.tell(b"gone")
    assert desk.acknowledge(1, b"come") == StatusCodes.Good


async def test_the_event_must_be_one_of_this_condition() -> None:
    desk = Desk()
    await desk.come(1, b"one")
    await desk.come(2, b"two")
    assert desk.acknowledge(1, b"two") == StatusCodes.BadEventIdUnknown
    assert desk.acknowledge(3, b"one") == StatusCodes.BadNodeIdUnknown
    assert {alarm.state for alarm in desk.technicians.feed.alarms.values()} == {State.UNACKNOWLEDGED}


async def test_t6_a_comment_without_end_is_refused() -> None:
    desk = Desk()
    await desk.come(1, b"come")
    assert desk.acknowledge(1, b"come", "x" * (LONGEST_COMMENT + 1)) == StatusCodes.BadOutOfRange
    assert desk.acknowledge(1, b"come", "x" * LONGEST_COMMENT) == StatusCodes.Good


async def test_t6_alarms_that_are_gone_are_forgotten_at_last_and_those_that_stand_never() -> None:
    desk = Desk()
    await desk.come(1, b"stands")
    for key in range(2, REMEMBERED + 3):
        await desk.come(key, b"come", returns=False)
        desk.technicians.feed.acknowledge(key, "anna", "")
        await desk.tell(b"gone")
    assert desk.acknowledge(2, b"gone") == StatusCodes.BadNodeIdUnknown
    assert desk.acknowledge(3, b"gone") == StatusCodes.BadConditionBranchAlreadyAcked
    assert desk.acknowledge(1, b"stands") == StatusCodes.Good
