"""Attempts that may hang: one at a time, few for ever, and none that holds up the end of the process."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from sparekey.notify.messages.attempts import Attempts
from systems import PATIENCE

HANGS = """
import asyncio, threading
from sparekey.notify.messages.attempts import Attempts

async def main():
    try:
        await Attempts(0.1).make(1, lambda: str(threading.Event().wait()))
    except TimeoutError:
        print("given up")

asyncio.run(main())
"""


class Slow:
    """Work that ends when it is let, and counts how often it was begun."""

    def __init__(self) -> None:
        self.begun = 0
        self.let = threading.Event()

    def __call__(self) -> str:
        self.begun += 1
        self.let.wait(PATIENCE)
        return ""


async def test_an_attempt_says_what_went_wrong_whatever_it_was() -> None:
    attempts = Attempts(PATIENCE)
    assert await attempts.make(1, lambda: "") == ""
    assert await attempts.make(2, lambda: "refused") == "refused"
    assert await attempts.make(2, lambda: str(1 // 0)) == "ZeroDivisionError in the library"


async def test_one_that_hangs_keeps_the_next_from_beginning_and_counts_where_it_ends_well_after_all() -> None:
    attempts, slow = Attempts(0.5), Slow()
    with pytest.raises(TimeoutError):
        await attempts.make(1, slow)
    slow.let.set()
    assert await attempts.make(1, slow) == ""
    assert slow.begun == 1


async def test_another_message_waits_for_one_that_hangs_and_is_then_sent_itself() -> None:
    attempts, slow = Attempts(0.2), Slow()
    with pytest.raises(TimeoutError):
        await attempts.make(1, slow)
    slow.let.set()
    assert await attempts.make(2, lambda: "its own answer") == "its own answer"


async def test_each_that_hangs_for_ever_doubles_the_time_until_the_next() -> None:
    attempts, slow = Attempts(0.02), Slow()
    calls = 0
    while slow.begun < 4:
        calls += 1
        with pytest.raises(TimeoutError):
            await attempts.make(1, slow)
    slow.let.set()
    assert calls >= 4 + 1 + 3 + 7, "the second waits for one try more, the third for three more, and so on"


def test_the_process_ends_though_an_attempt_hangs() -> None:
    ended = subprocess.run((sys.executable, "-c", HANGS), capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert (ended.stdout, ended.stderr) == ("given up\n", "")
