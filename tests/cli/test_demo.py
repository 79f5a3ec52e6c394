"""`sparekey demo` as people start it: one plant beside another, and nothing is left of either."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from plant import SPAREKEY, until

pytestmark = pytest.mark.plant
PATIENCE = 60.0


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the demos of a test put their folders."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def demos(place: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Demos that a test starts; none outlives it."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for demo in started:
        demo.kill()
        demo.communicate()


def start(demos: list[subprocess.Popen[str]], place: Path, *options: str) -> subprocess.Popen[str]:
    """Start a demo with another plant's settings round it, which are nothing to it."""
    elsewhere = {"SPAREKEY_CONFIG": "/nowhere", "SPAREKEY_VENDOR_KEY": "/nowhere", "RUNTIME_LICENSING_SERIAL0": "9-9"}
    demo = subprocess.Popen(
        (*SPAREKEY, "demo", *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **elsewhere, "TMPDIR": str(place)},
    )
    demos.append(demo)
    return demo


def left_running(place: Path) -> dict[int, str]:
    """The command lines of processes that have to do with this place, by their ids."""
    found = {}
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(place) in command:
            found[int(file.parent.name)] = command
    return found


def test_the_application_keeps_its_license_and_comes_home(demos: list[subprocess.Popen[str]], place: Path) -> None:
    as_json, plain = start(demos, place, "--json"), start(demos, place)
    out, err = as_json.communicate(timeout=PATIENCE)
    text, complaint = plain.communicate(timeout=PATIENCE)
    assert (as_json.returncode, err) == (0, "")
    assert (plain.returncode, complaint) == (0, "")
    check_document(json.loads(out))
    check_text(text)
    assert list(place.iterdir()) == []
    assert left_running(place) == {}


def check_document(said: dict[str, object]) -> None:
    assert list(said) == ["unlicensed_seconds", "spare_seconds", "switch_seconds", "events"]
    assert said["unlicensed_seconds"] == 0.0
    spare, switch, events = said["spare_seconds"], said["switch_seconds"], said["events"]
    assert isinstance(spare, float)
    assert isinstance(switch, float)
    assert 0 < spare < switch
    assert isinstance(events, list)
    assert all(list(event) == ["at", "what", "serial"] for event in events)
    times = [event["at"] for event in events]
    assert times == sorted(times)
    # Two reports of one moment may stand in either order, and the old seat is given back when its server returns.
    happened = [(event["what"], event["serial"]) for event in events if event["what"] not in ("alarm", "released")]
    assert happened == [
        ("started", "5-1042"),
        ("started", "5-1043"),
        ("acquired", "5-1042"),
        ("killed", "5-1042"),
        ("suspect", "5-1042"),
        ("secured", "5-1043"),
        ("switched", "5-1043"),
        ("returned", "5-1042"),
        ("stopped", "5-1043"),
        ("acquired", "5-1042"),
        ("stopped", "5-1042"),
    ]
    assert [event["serial"] for event in events if event["what"] == "alarm"] == ["5-1043", "5-1042"]


def check_text(text: str) -> None:
    assert "The primary license server has just been killed with SIGKILL." in text
    assert "ALARM: serial number 5-1042 -> 5-1043" in text
    assert "0.00 s without a license" in text
    assert "sparekey config add" in text
    assert "\x1b" not in text


def await_line(demo: subprocess.Popen[str], text: str) -> None:
    assert demo.stdout
    assert any(text in line for line in demo.stdout)


@pytest.mark.parametrize(
    ("options", "line"), [((), "runs on its initial license"), (("--plant", "3"), "All are home")], ids=["one", "many"]
)
def test_a_demo_that_goes_wrong_says_what_and_exits_1(
    demos: list[subprocess.Popen[str]], place: Path, options: tuple[str, ...], line: str
) -> None:
    demo = start(demos, place, *options)
    await_line(demo, line)
    name, backup = next(
        (Path(word).name, pid)
        for pid, command in left_running(place).items()
        for word in command.split()
        if word.endswith(("/server-b", "/server-3"))
    )
    os.kill(backup, signal.SIGKILL)
    _, complaint = demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 1
    assert complaint.startswith(f"error: the demo did not come to its end: {name} ended with exit code -9")
    assert list(place.iterdir()) == []
    assert left_running(place) == {}


@pytest.mark.parametrize(
    ("number", "code", "options", "line"),
    [
        (signal.SIGINT, 1, (), "runs on its initial license"),
        (signal.SIGTERM, 128 + signal.SIGTERM, (), "runs on its initial license"),
        (signal.SIGHUP, 128 + signal.SIGHUP, (), "runs on its initial license"),
        (signal.SIGINT, 1, ("--plant", "2"), "All are home"),
        (signal.SIGTERM, 128 + signal.SIGTERM, ("--plant", "2"), "licensed applications start"),
    ],
)
def test_interrupted_it_leaves_neither_process_nor_folder(
    demos: list[subprocess.Popen[str]],
    place: Path,
    number: signal.Signals,
    code: int,
    options: tuple[str, ...],
    line: str,
) -> None:
    demo = start(demos, place, *options)
    await_line(demo, line)
    assert len(left_running(place)) >= 3
    demo.send_signal(number)
    assert demo.wait(PATIENCE) == code
    assert list(place.iterdir()) == []
    for _ in until(5):  # what init has to bury
        if not left_running(place):
            break


def test_further_signals_do_not_keep_it_from_clearing_away(demos: list[subprocess.Popen[str]], place: Path) -> None:
    demo = start(demos, place)
    await_line(demo, "A licensed application starts")
    for _ in until(PATIENCE):
        if demo.poll() is not None:
            break
        demo.send_signal(signal.SIGTERM)
    assert demo.returncode in (128 + signal.SIGTERM, -signal.SIGTERM), "the last of them may find it cleared away"
    assert list(place.iterdir()) == []
