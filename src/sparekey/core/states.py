"""What a system can be in, and what can happen to it."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Each promises what the table of transitions says of it."""

    START = "start"
    SEEK = "seek"
    HOLD = "hold"
    SUSPECT = "suspect"
    SECURED = "secured"
    LEAVING = "leaving"
    REGAIN = "regain"
    DEMO = "demo"
    STOP = "stop"


class Signal(StrEnum):
    """What an event, or the time, means to the table."""

    HOME_GRANTED = "the initial license is granted"
    GRANTED = "a license is granted"
    WAIT_OVER = "the wait for the initial license is over"
    WAIT_OVER_SECURED = "the wait is over, a spare is held"
    EXHAUSTED = "every entry said no or is silent"
    TIME_OVER = "the time to wait for any license is over"
    FAILING = "the server is silent"
    REFUSED = "the server refused, signed"
    TAKEN_OVER = "the seat was taken over"
    RENEWED = "the server answers"
    DRAINING = "the server is being emptied"
    DRAIN_OVER = "the server is in service again"
    DRILL = "a fire drill begins"
    DRILL_OVER = "no other license was to be had in the time of the drill"
    SPARE_FAILING = "the spare is suspect, being emptied or no longer listed"
    SPARE_GONE = "the spare is lost"
    SWITCH_DUE = "it is time to switch"
    DECIDE = "the deadline is near"
    DEADLINE = "belief ends"
    OVERSLEPT = "belief ended during suspend"
    DEMO_READY = "demo time is reserved"
    DEMO_OVER = "the demo time is used up"
    STOPPING = "the application ends"
