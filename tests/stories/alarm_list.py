"""The alarm list of a system, as the command line shows it."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from plant import SPAREKEY, until
from systems import PATIENCE, System


def sparekey(system: System, *arguments: str) -> Any:
    """What a command says of this system, as JSON."""
    command = (*SPAREKEY, *arguments, "--state", str(system.state), "--json")
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def alarms(system: System, *options: str) -> dict[str, Any]:
    """The alarms by their matrix."""
    return {alarm["matrix"]: alarm for alarm in sparekey(system, "alarms", "list", *options)}


def until_alarm(system: System, matrix: str, words: str = "") -> dict[str, Any]:
    """The first alarm of this matrix that says so."""
    for _ in until(PATIENCE):
        found: dict[str, Any] = alarms(system).get(matrix, {})
        if found and words in found["text"]:
            break
    return found


def until_over(system: System, matrix: str) -> None:
    """Wait until what this matrix raised has returned to normal, whether somebody has seen it or not."""
    for _ in until(PATIENCE):
        if not (found := alarms(system).get(matrix)) or found["went"]:
            break
