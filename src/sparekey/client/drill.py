"""A fire drill of a running application: asked for by a file in its folder, told in its journal, step by step."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta, Struct

from sparekey.client import record
from sparekey.client.application import ApplicationState
from sparekey.client.system import StartRecord, StateError, System, writable
from sparekey.core.decisions import Kind
from sparekey.core.drills import STEPS, Mark, Step
from sparekey.core.redundancy import Redundancy
from sparekey.core.states import State
from sparekey.core.variables import DRILL, Value
from sparekey.host import boot_clock

FRESH: Final = 5.0
"""Seconds: an older request is removed, and not obeyed."""
LOOK: Final = 0.5
"""Seconds between an application's looks for a request."""


class DrillRequest(Struct):
    """`drill.json`: what is asked of one run of an application, known by its number; `asked` is on the boot clock."""

    id: Annotated[str, Meta(pattern=r"^[0-9a-f]{8}$")]
    start: int
    asked: float


class DrillDesk:
    """The application's side: what it is asked for, and what has become of it."""

    def __init__(self, state: ApplicationState, change: Callable[[str, Value, str], None]) -> None:
        """`change` has a variable journaled, with its value and the reason."""
        self._state = state
        self._change = change
        self._request: str | None = None

    def open(self) -> None:
        """What an earlier run was asked for is over."""
        self._change(DRILL, "", "no drill in this run so far")

    def take(self) -> DrillRequest | None:
        """The request that there is for this run, taken out of the folder: nothing is obeyed twice. It reads the disk.

        One for an earlier run, or that has waited too long, is removed only.
        """
        path = request_path(self._state.system, self._state.name)
        try:
            request = record.read(path, DrillRequest)
            if request is None:
                return None
            path.unlink()
        except record.Damaged as damage:
            with suppress(OSError):
                path.unlink()
                record.logger.warning("%s is damaged (%s), and removed", path, damage)
            return None
        except OSError:
            return None  # withdrawn just now; or it cannot be removed, and would be obeyed again and again
        is_current = request.start == self._state.start and 0 <= boot_clock() - request.asked <= FRESH
        return request if is_current else None

    def answer(self, request: DrillRequest, core: Redundancy) -> None:
        """The core was told: say what it does."""
        if self._request is None and core.state is State.LEAVING and core.at.drill_until is not None:
            self._request = request.id
            self._mark(Step.BEGUN, request.id, "fire drill")
        else:
            doing = f"{core.state}: {core.at.trouble}" if core.at.trouble else str(core.state)
            self._mark(Step.REFUSED, request.id, f"the application does something else ({doing})")

    def hear(self, kind: Kind, reason: str) -> None:
        """Something is reported: what it means for the drill that is on."""
        step = STEPS.get(kind)
        if self._request is None or step is None:
            return
        self._mark(step, self._request, reason)
        if step.is_last:
            self._request = None

    def _mark(self, step: Step, request: str, reason: str) -> None:
        self._change(DRILL, str(Mark(step, request)), reason)


def request_path(system: System, application: str) -> Path:
    """The file that asks for a drill."""
    return system.application_folder(application) / "drill.json"


def current_start(system: System, application: str) -> int:
    """The number of the run that runs, or ran last; raise StateError or OSError."""
    path = system.application_folder(application) / "starts.json"
    try:
        known = record.read(path, StartRecord)
    except record.Damaged as damage:
        raise StateError(f"{path} is damaged ({damage}): it is made anew when {application} is restarted") from None
    return known.start if known else 0


def ask(system: System, application: str, start: int) -> DrillRequest:
    """Ask this run for a drill, in the place of any request before; raise StateError."""
    request = DrillRequest(secrets.token_hex(4), start, boot_clock())
    with writable(system.folder):
        record.write(request_path(system, application), request)
    return request


def withdraw(system: System, application: str) -> bool:
    """Ask no more. Return whether nobody had taken the request: then nothing comes of it; raise StateError."""
    with writable(system.folder):
        try:
            request_path(system, application).unlink()
        except FileNotFoundError:
            return False
    return True
