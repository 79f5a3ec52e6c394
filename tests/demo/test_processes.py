"""No process outlives the demo."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from plant import until
from sparekey.demo.failure import DemoFailure
from sparekey.demo.plant import build
from sparekey.demo.processes import Processes, Program

pytestmark = pytest.mark.plant

DEMO = """
import pathlib, sys, time
from sparekey.demo.plant import build
from sparekey.demo.processes import Processes
with Processes(pathlib.Path(sys.argv[1])) as processes:
    server = build(pathlib.Path(sys.argv[1])).primary
    program = processes.start("server-a", "server", "run", str(server.state), "--listen", str(server.location))
    print(program.process.pid, flush=True)
    time.sleep(60)
"""

ENDED_IN_A_FORK = """
import os, pathlib, signal, sys
from sparekey.demo.plant import build
from sparekey.demo.processes import Processes

def end(number, frame):
    raise SystemExit(7)

signal.signal(signal.SIGTERM, end)
with Processes(pathlib.Path(sys.argv[1])) as processes:
    server = build(pathlib.Path(sys.argv[1])).primary
    os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGTERM))
    processes.start("server-a", "server", "run", str(server.state), "--listen", str(server.location))
    print("it goes on")
"""


def start_server(folder: Path, processes: Processes) -> Program:
    server = build(folder).primary
    program = processes.start(server.name, "server", "run", str(server.state), "--listen", str(server.location))
    for _ in until(20):
        if program.said():
            break
    return program


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_what_still_runs_at_the_end_is_killed(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        program = start_server(tmp_path, processes)
        processes.check()
    assert program.process.returncode == -signal.SIGKILL


def test_a_process_that_ends_unasked_is_a_failure_that_says_why(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        program = processes.start("server-x", "server", "run", str(tmp_path / "nothing"))
        program.process.wait()
        with pytest.raises(DemoFailure, match=r"server-x ended with exit code 1: error: .*nothing"):
            processes.check()


def test_a_process_does_not_outlive_a_demo_that_is_killed(tmp_path: Path) -> None:
    demo = subprocess.Popen((sys.executable, "-c", DEMO, str(tmp_path)), stdout=subprocess.PIPE, text=True)
    assert demo.stdout
    with demo.stdout:
        child = int(demo.stdout.readline())
    assert is_alive(child)
    os.kill(demo.pid, signal.SIGKILL)
    demo.wait()
    for _ in until(5):
        if not is_alive(child):
            break


def test_a_signal_in_the_middle_of_a_start_is_not_lost_and_loses_no_process(tmp_path: Path) -> None:
    demo = subprocess.run(
        (sys.executable, "-c", ENDED_IN_A_FORK, str(tmp_path)), capture_output=True, text=True, timeout=60, check=False
    )
    assert (demo.returncode, demo.stdout, demo.stderr) == (7, "", "")


def test_a_program_hears_the_signals_that_end_it(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        program = start_server(tmp_path, processes)
        program.signal(signal.SIGTERM)
        assert program.process.wait(20) == 0
