"""Sends a system or a license server to the doctor, by the command that people type."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from plant import SPAREKEY, Server
from systems import System

LONGEST = 60.0


@dataclass(frozen=True, slots=True)
class Report:
    """What the doctor said: `checks` as printed, `code` as it ended, `errors` on stderr."""

    code: int
    checks: Sequence[Mapping[str, str]]
    errors: str

    def of(self, level: str) -> list[str]:
        """The checks of this level, in words."""
        return [f"{check['where']}: {check['what']}" for check in self.checks if check["level"] == level]

    @property
    def faults(self) -> list[str]:
        return self.of("fault")

    @property
    def warnings(self) -> list[str]:
        return self.of("warning")

    def cure(self, level: str, *words: str) -> str:
        """The next command of the one check of this level that says all these words."""
        found = [check for check in self.checks if check["level"] == level and _says(check, words)]
        assert len(found) == 1, f"{level} {words}: {found or self.checks}"
        return found[0]["cure"]

    def fault(self, *words: str) -> str:
        assert self.code == 1
        return self.cure("fault", *words)

    def warning(self, *words: str) -> str:
        return self.cure("warning", *words)

    @property
    def is_well(self) -> bool:
        return self.code == 0 and not self.errors and {check["level"] for check in self.checks} == {"ok"}


def look_at(system: System, *options: str, through: Sequence[str] = (), timeout: float = LONGEST) -> Report:
    """What the doctor says of a system."""
    places = ("--config", str(system.config), "--state", str(system.state), "--vendor-key", str(system.vendor_key))
    return _report((*system.through, *through), (*places, *options), system.env, timeout)


def look_at_server(server: Server | Path, *options: str, through: Sequence[str] = ()) -> Report:
    """What the doctor says of a license server, where it listens."""
    state = server if isinstance(server, Path) else server.state
    listens = ("--listen", server.location) if isinstance(server, Server) and "--listen" not in options else ()
    return _report(through, ("--server", str(state), *listens, *options), {}, LONGEST)


def as_usual() -> tuple[str, ...]:
    """The command that starts another one without root's right to write everywhere."""
    if os.geteuid() != 0:
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is not installed (package util-linux)")
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def _report(through: Sequence[str], options: Sequence[str], env: Mapping[str, str], timeout: float) -> Report:
    command = (*through, *SPAREKEY, "doctor", *options, "--json")
    result = subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, check=False, env={**os.environ, **env}
    )
    assert "Traceback" not in result.stderr, result.stderr
    assert result.stdout, result.stderr
    return Report(result.returncode, json.loads(result.stdout)["checks"], result.stderr)


def _says(check: Mapping[str, str], words: Sequence[str]) -> bool:
    text = f"{check['where']}: {check['what']}"
    return all(word in text for word in words)
