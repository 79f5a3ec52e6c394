"""`sparekey run` as people type it."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from plant import Server, start_sparekey

pytestmark = pytest.mark.plant


def test_a_signal_that_comes_while_the_command_is_started_ends_it(server: Server, tmp_path: Path) -> None:
    config = tmp_path / "License.ini"
    config.write_text(f"[Runtime]\nSERIAL0 = 5-1042\nSERIAL0_LOCATION = {server.location}\n")
    places = ("--config", str(config), "--vendor-key", str(server.vendor.public), "--state", str(tmp_path / "system"))
    command = (sys.executable, "-c", "import time; time.sleep(60)")
    run = start_sparekey("run", "--app", "Runtime", *places, "--report", "-", "--", *command)
    try:
        assert run.stdout
        assert json.loads(run.stdout.readline())["event"] == "acquired"
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=10)
        assert run.returncode == 128 + signal.SIGTERM
    finally:
        run.kill()
        run.communicate()
