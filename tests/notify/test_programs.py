"""The programs that a reaction runs: each is run, and one that fails, hangs or is not there is an event."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from plant import is_alive
from sparekey.core.consequences import Run
from sparekey.notify.programs import run_programs
from sparekey.notify.store import PROGRAMS, Kind, Store
from systems import PATIENCE


class Programs:
    """A store with programs that wait, and the task that runs them."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.some = asyncio.Event()

    def add(self, *argv: str) -> None:
        with self.store.transaction():
            self.store.add_message(PROGRAMS, Run(argv, 17, time.time()))
        self.some.set()

    async def until_run(self) -> list[str]:
        """What the event list says when nothing waits any more."""
        async with asyncio.timeout(PATIENCE):
            while self.store.next_program():  # noqa: ASYNC110 - the store tells nobody
                await asyncio.sleep(0.02)
        return [event.text for event in self.store.events() if event.kind is Kind.OUTLET and event.change == 17]


@pytest.fixture
async def programs(tmp_path: Path) -> AsyncIterator[Programs]:
    programs = Programs(tmp_path)
    task = asyncio.create_task(run_programs(programs.store, programs.some, patience=0.5))
    yield programs
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def test_programs_run_in_order_without_a_shell(programs: Programs, tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    for text in ("5-1043; rm -rf /", "$HOME"):
        programs.add("/bin/sh", "-c", f'echo "$0" >> {heard}', text)
    assert await programs.until_run() == []
    assert heard.read_text().splitlines() == ["5-1043; rm -rf /", "$HOME"]


async def test_one_that_fails_and_one_that_is_not_there_are_an_event_each_and_the_next_runs(
    programs: Programs, tmp_path: Path
) -> None:
    programs.add("/bin/sh", "-c", "exit 3")
    programs.add("/usr/local/bin/no-such-siren")
    programs.add("/bin/sh", "-c", f"touch {tmp_path}/next")
    assert await programs.until_run() == [
        "/bin/sh: it ended with 3",
        "/usr/local/bin/no-such-siren: No such file or directory",
    ]
    assert (tmp_path / "next").exists()


async def test_one_that_hangs_is_killed_with_all_that_it_started(programs: Programs, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    programs.add("/bin/sh", "-c", f"sleep 1000 & echo $! > {pid}; wait")
    assert await programs.until_run() == ["/bin/sh: it was killed after 0.5 s"]
    assert not is_alive(int(pid.read_text()))
