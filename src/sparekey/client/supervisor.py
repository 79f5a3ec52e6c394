"""`sparekey run`: a command that runs while a license is held."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import TypeVar

from sparekey.client.holder import Holder
from sparekey.client.license import License
from sparekey.client.report import Listener
from sparekey.client.session import Session
from sparekey.host import boot_clock, tied_to_parent

KILL_MARGIN = 0.1
"""Seconds before the deadline at which what has not ended by then is killed, so that it is gone in time (S1)."""
GRACE_WITHOUT_NOTICE = 1.0
"""Seconds to end where the license went without notice, since its seat was taken over (R7)."""
FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)

_One = TypeVar("_One")
_Other = TypeVar("_Other")


class LicenseLost(Exception):
    """The command was ended in time. `candidates` are (entry, reason): why none of them served instead."""

    def __init__(self, candidates: tuple[tuple[int, str], ...]) -> None:
        super().__init__("the license is lost")
        self.candidates = candidates


class OnLoss(StrEnum):
    """What becomes of the command when the license is lost."""

    STOP = "stop"
    KEEP = "keep"


class Supervisor:
    """Runs one command for one session. The command does not outlive this process."""

    def __init__(self, session: Session, command: Sequence[str], on_loss: OnLoss, listener: Listener | None) -> None:
        self._session = session
        self._command = command
        self._on_loss = on_loss
        self._listener = listener
        self._child: Process | None = None
        self._signalled: asyncio.Future[signal.Signals] | None = None

    async def run(self) -> int:
        """Hold a license, run the command, and return its exit code (128 + n for signal n).

        Raise NoLicense where none is to be had, LicenseLost, or OSError where the command cannot be started.
        """
        loop = asyncio.get_running_loop()
        self._signalled = loop.create_future()
        for number in FORWARDED:
            loop.add_signal_handler(number, self._forward, number)
        holder = Holder(self._session, self._listener)
        try:
            license_ = await self._first_license(holder)
            return await self._supervise(holder, license_) if license_ else 128 + self._signalled.result()
        finally:
            await holder.stop()

    async def _first_license(self, holder: Holder) -> License | None:
        """The license; None where a signal came first."""
        start = asyncio.ensure_future(holder.start())
        assert self._signalled is not None  # noqa: S101 - made by run
        await _either(start, self._signalled)
        if start.done():
            return start.result()
        start.cancel()
        return None

    async def _supervise(self, holder: Holder, license_: License) -> int:
        environment = {**os.environ, **_facts(self._session, license_)}  # the license may go while one waits
        await asyncio.to_thread(self._session.state.flush)
        self._child = await asyncio.create_subprocess_exec(*self._command, env=environment, preexec_fn=tied_to_parent())
        if self._signalled and self._signalled.done():  # it came while the command was being started
            self._signal_child(self._signalled.result())
        end = asyncio.ensure_future(self._child.wait())
        if self._on_loss is OnLoss.STOP:
            await _either(end, holder.losing)
            if not end.done():
                await self._end_child(end, holder.losing.result())
                holder.tell_lost()
                raise LicenseLost(holder.candidates)
        code = await end
        return code if code >= 0 else 128 - code

    async def _end_child(self, end: asyncio.Future[int], deadline: float) -> None:
        """SIGTERM, and SIGKILL in time for the deadline (S1)."""
        now = boot_clock()
        patience = deadline - KILL_MARGIN - now if deadline > now else GRACE_WITHOUT_NOTICE
        self._signal_child(signal.SIGTERM)
        await asyncio.wait({end}, timeout=max(0.0, patience))
        if not end.done():
            self._signal_child(signal.SIGKILL)
            await end

    def _forward(self, number: signal.Signals) -> None:
        """Pass a signal on; a terminal has sent its Ctrl-C to the command already."""
        if self._child is None:
            if self._signalled and not self._signalled.done():
                self._signalled.set_result(number)
        elif number is not signal.SIGINT or not sys.stdin.isatty():
            self._signal_child(number)

    def _signal_child(self, number: signal.Signals) -> None:
        if self._child:
            with suppress(ProcessLookupError):
                self._child.send_signal(number)


async def _either(one: asyncio.Future[_One], other: asyncio.Future[_Other]) -> None:
    """Wait until one of the two is done; neither is touched."""
    done = asyncio.Event()
    one.add_done_callback(lambda _: done.set())
    other.add_done_callback(lambda _: done.set())
    await done.wait()


def _facts(session: Session, license_: License) -> Mapping[str, str]:
    """What the command is told of its license."""
    return {
        "SPAREKEY_SERIAL": license_.serial_number,
        "SPAREKEY_LICENSE": json.dumps(license_.terms.as_json()),
        "SPAREKEY_STATUS": str(session.state.status_path),
    }
