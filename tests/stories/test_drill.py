"""The fire drill: a running application switches while its license server is well, and all that should follow does."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import IO, Any

import pytest

from notify.recipients import Webhook, free_port
from plant import SPAREKEY, Client, Seeker, Server, start_sparekey, terms, until
from sparekey.client.drill import ask, current_start, request_path
from sparekey.client.system import System as StateFolder
from sparekey.core.drills import Mark, Step
from sparekey.core.variables import DRILL, STATE, Name, Value
from sparekey.host import boot_clock
from sparekey.journal import Journal
from stories.stage import BACKUP, HOME, Stage, holders, until_free
from systems import PATIENCE, Application, System

pytestmark = pytest.mark.plant


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    webhook = Webhook()
    webhook.start()
    yield webhook
    webhook.stop()


@contextmanager
def notifier(system: System, **outlets: str) -> Iterator[None]:
    """One that serves these outlets, each a line of its table."""
    reactions = system.folder / "reactions.toml"
    reactions.write_text("".join(f"[outlet.{name}]\n{line}\n" for name, line in outlets.items()))
    process = start_sparekey("notify", "run", "--state", str(system.state))
    with process:
        assert process.stderr
        try:
            assert "runs, with" in process.stderr.readline()
            yield
        finally:
            process.kill()


def started(system: System) -> Application:
    """Its application, at home."""
    application = system.start()
    system.until_status(lambda status: status["state"] == "hold")
    for _ in until(PATIENCE):
        if "hold" in values(system, STATE):
            break
    return application


def values(system: System, variable: str) -> list[Value]:
    """What the application has journaled of a variable."""
    name = Name("Runtime", variable)
    with closing(Journal(system.state)) as journal:
        return [change.new.value for change in journal.after(0) if change.name == name]


def arguments(system: System, *more: str) -> tuple[str, ...]:
    places = ("--config", str(system.config), "--vendor-key", str(system.vendor_key), "--state", str(system.state))
    return ("drill", "--app", "Runtime", *places, *more)


def drill(system: System, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (*SPAREKEY, *arguments(system, *more)), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def refusal(system: System) -> str:
    """Why a drill does not begin; and it does not."""
    before = system.status()
    done = drill(system)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    if before:
        assert system.status()["serial"] == before["serial"]
    return done.stderr


def steps(system: System) -> list[Step]:
    """What the application has told of drills, in order."""
    return [mark.step for mark in map(Mark.parse, values(system, DRILL)) if mark]


class Page(HTMLParser):
    """What a page has in it: how often each class of its marks, what it says, and all that it would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.marks: list[str] = []
        self.text = ""
        self.loads: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "circle":
            self.marks.append(str(known["class"]).removeprefix("mark "))
        self.loads += [(tag, value) for name, value in attrs if name in ("src", "href", "xlink:href", "onload")]
        self.loads += [(tag, None)] if tag in ("script", "link", "iframe", "img") else []
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_drill_switches_raises_the_alarm_and_tells_each_outlet(
    stage: Stage, webhook: Webhook, tmp_path: Path
) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    application = started(system)
    reports = tmp_path / "reports"
    with notifier(system, hook=f'url = "{webhook.url}"', metrics=f'listen = "127.0.0.1:{free_port()}"'):
        done = drill(system, "--report", str(reports), "--json")
    assert done.returncode == 0, done.stderr
    assert "It stays there until it is restarted" in done.stderr
    assert application.changes == [(HOME, BACKUP)]
    assert application.never_invalid
    facts = json.loads(done.stdout)
    assert (facts["outcome"], facts["from"]["serial"], facts["to"]["serial"]) == ("passed", HOME, BACKUP)
    seconds = facts["seconds"]
    assert 0 <= seconds["request_seen"] <= seconds["spare"] <= seconds["switch"] < seconds["alarm"]
    hook, metrics = facts["outlets"]
    assert (hook["name"], hook["owes"], metrics["name"], metrics["owes"]) == ("hook", False, "metrics", False)
    assert hook["delivered_seconds"] > seconds["switch"]
    assert metrics["delivered_seconds"] is None
    assert f"license changed from {HOME} to {BACKUP} (fire drill)" in facts["alarm"]["text"]
    assert [told.body.splitlines()[0] for told in webhook.told] == [facts["alarm"]["text"]]
    assert facts["least_lease_seconds_left"] > 0
    until_free(primary)
    assert holders(backup, BACKUP) != []
    assert {file.suffix for file in reports.iterdir()} == {".txt", ".json", ".html"}
    files = {file.suffix: file.read_text() for file in reports.iterdir()}
    assert json.loads(files[".json"]) == facts
    assert f"switched from {HOME} to {BACKUP}" in files[".txt"]
    page = Page(files[".html"])
    assert page.marks == [mark["what"] for mark in facts["timeline"]]
    assert page.marks == ["asked", "seen", "spare", "switch", "alarm", "delivered"]
    assert (page.loads, page.open) == ([], [])


def test_r8_after_a_drill_the_application_stays_on_the_backup_and_r9_a_restart_brings_it_home(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    application = started(system)
    done = drill(system)
    assert done.returncode == 0, done.stderr
    assert "No notifier runs" in done.stdout
    assert "restart it to go home" in done.stdout
    system.until_renewed()
    assert application.look()["serial"] == BACKUP
    application.close()
    assert system.start().acquired["serial"] == HOME


def test_the_lease_is_renewed_all_the_while_and_a_drill_whose_backup_is_taken_meanwhile_fails(stage: Stage) -> None:
    """The drill looks for another license for ten seconds, twice a lease's time."""
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    application = started(system)
    with asked_at_a_terminal(system) as (process, terminal):
        assert "Begin?" in said_until(process.stderr, "Begin?")
        with Client(backup.location) as client:
            rival = Seeker(BACKUP)
            assert rival.take(client).status == 201
            terminal.write("y\n")
            for _ in until(PATIENCE):
                assert rival.renew(client).status == 200
                if process.poll() is not None:
                    break
        output, errors = process.communicate()
    assert process.returncode == 1
    assert f"the drill has failed, and Runtime stays on {HOME}" in errors
    assert "entry 1: in use by Runtime on pc-1" in errors
    assert "failed" in output
    assert steps(system) == [Step.BEGUN, Step.FAILED]
    assert (application.changes, application.never_invalid) == ([], True)
    assert system.until_status(lambda status: status["state"] == "hold")["serial"] == HOME


def test_a_person_who_says_no_changes_nothing(stage: Stage) -> None:
    system = stage.system((HOME, stage.server(HOME)), (BACKUP, stage.server(BACKUP)))
    started(system)
    with asked_at_a_terminal(system) as (process, terminal):
        terminal.write("n\n")
        _, errors = process.communicate()
    assert process.returncode == 1
    assert "Aborted!" in errors
    assert steps(system) == []


def test_a_second_drill_meanwhile_is_refused(stage: Stage) -> None:
    system = stage.system((HOME, stage.server(HOME)), (BACKUP, stage.server(BACKUP)))
    started(system)
    with asked_at_a_terminal(system) as (process, terminal):
        said_until(process.stderr, "Begin?")
        assert "a fire drill of Runtime is going on already" in refusal(system)
        terminal.write("y\n")
        process.communicate()
    assert process.returncode == 0


BACKUPS: dict[str, tuple[dict[str, Any] | None, str]] = {
    "in use": ({}, "backup 1, 5-1043 at {at}: in use by Runtime on pc-1"),
    "worse": ({"limits": {"tags": 500}}, "backup 1, 5-1043 at {at}: worse: tags 500 < 1500"),
    "down": (None, "backup 1, 5-1043 at {at}: silent: {at} refused the connection"),
}
"""What the backup's license is, and why it will not do."""


@pytest.mark.parametrize("backup", BACKUPS)
def test_it_refuses_where_no_backup_could_be_taken_and_says_why_of_each(stage: Stage, backup: str) -> None:
    changes, reason = BACKUPS[backup]
    server = stage.stopped_server(BACKUP) if changes is None else stage.server(terms(BACKUP, **changes), ttl=60)
    system = stage.system((HOME, stage.server(HOME)), (BACKUP, server))
    started(system)
    with occupied(server) if backup == "in use" else ExitStack():
        said = refusal(system)
    assert "Runtime has no backup that could be taken now, so nothing is begun" in said
    assert reason.format(at=server.location) in said
    assert steps(system) == []


def test_it_refuses_where_no_backup_is_listed(stage: Stage) -> None:
    system = stage.system((HOME, stage.server(HOME)))
    started(system)
    assert "no other license is listed: `sparekey config add` lists a backup" in refusal(system)


def test_it_refuses_where_nothing_runs(stage: Stage) -> None:
    primary = stage.server(HOME)
    system = stage.system((HOME, primary), (BACKUP, stage.server(BACKUP)))
    system.state.mkdir()
    assert "no application Runtime has run with the state folder" in refusal(system)
    system.start().close()
    assert "Runtime does not run with the state folder" in refusal(system)


def test_it_refuses_where_the_application_is_in_trouble(stage: Stage) -> None:
    primary = stage.server(HOME, ttl=60)
    system = stage.system((HOME, primary))
    started(system)
    primary.kill()
    system.until_status(lambda status: status["state"] == "suspect")
    assert "Runtime is in trouble, or in a drill, already: its state is suspect (" in refusal(system)


def test_it_refuses_where_the_application_runs_on_the_demo_license(stage: Stage) -> None:
    system = stage.system((HOME, stage.stopped_server(HOME)), INITIAL_WAIT=0.5, DEMO=1)
    system.demo = stage.demo(seconds=1800)
    system.start()
    system.until_status(lambda status: status["state"] == "demo")
    assert "Runtime runs on the demo license" in refusal(system)


def test_it_refuses_where_the_application_has_lost_its_license(stage: Stage) -> None:
    primary = stage.server(HOME)
    system = stage.system((HOME, primary))
    started(system)
    primary.kill()
    system.until_status(lambda status: status["state"] == "seek")
    assert "Runtime holds no license: its state is seek (" in refusal(system)


def test_a_request_of_an_earlier_run_is_not_obeyed_after_a_restart(stage: Stage) -> None:
    system = stage.system((HOME, stage.server(HOME)), (BACKUP, stage.server(BACKUP)))
    application = started(system)
    application.pause()
    folder = StateFolder.open(system.state)
    ask(folder, "Runtime", current_start(folder, "Runtime"))
    application.resume()
    application.kill()
    leave_behind(folder)
    again = started(system)
    for _ in until(PATIENCE):
        if not request_path(folder, "Runtime").exists():
            break
    system.until_renewed()
    assert (again.changes, steps(system)) == ([], [])


def test_an_application_that_stands_still_takes_no_part_and_does_not_begin_when_it_goes_on(stage: Stage) -> None:
    system = stage.system((HOME, stage.server(HOME, ttl=60)), (BACKUP, stage.server(BACKUP)))
    application = started(system)
    with asked_at_a_terminal(system) as (process, terminal):
        said_until(process.stderr, "Begin?")
        application.pause()
        terminal.write("y\n")
        _, errors = process.communicate()
        application.resume()
    assert process.returncode == 1
    assert "Runtime has ended, or stands still" in errors
    application.look()
    assert (application.changes, steps(system)) == ([], [])


def test_an_outlet_that_does_not_deliver_fails_the_drill_and_is_named(stage: Stage, webhook: Webhook) -> None:
    system = stage.system((HOME, stage.server(HOME)), (BACKUP, stage.server(BACKUP)))
    started(system)
    webhook.stop()
    with notifier(system, hook=f'url = "{webhook.url}"'):
        done = drill(system, "--timeout", "8", "--json")
    assert done.returncode == 1
    assert "the switch was made, but outlet hook still owes its message: json to 127.0.0.1: connection refused" in (
        done.stderr
    )
    facts = json.loads(done.stdout)
    assert (facts["switched"], facts["outcome"], facts["outlets"][0]["owes"]) == (True, "failed", True)


def test_whoever_waits_no_longer_for_the_outlets_gets_the_report_of_the_switch(stage: Stage, webhook: Webhook) -> None:
    system = stage.system((HOME, stage.server(HOME)), (BACKUP, stage.server(BACKUP)))
    started(system)
    webhook.stop()
    with notifier(system, hook=f'url = "{webhook.url}"'):
        process = start_sparekey(*arguments(system, "--timeout", "600", "--json"))
        with process:
            said_until(process.stderr, "switched; waiting")
            process.send_signal(signal.SIGINT)
            told, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    facts = json.loads(told)
    assert (facts["switched"], facts["outcome"]) == (True, "failed")


def test_a_folder_for_reports_that_cannot_be_made_is_told_before_anything_is_switched(
    stage: Stage, tmp_path: Path
) -> None:
    system = stage.system((HOME, stage.server(HOME)), (BACKUP, stage.server(BACKUP)))
    started(system)
    file = tmp_path / "file"
    file.touch()
    done = drill(system, "--report", str(file / "reports"))
    assert (done.returncode, steps(system)) == (1, [])
    assert f"error: {file}" in done.stderr


@contextmanager
def asked_at_a_terminal(system: System) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A drill whose standard input is a terminal, and that terminal's keys."""
    keys, screen = pty.openpty()
    with os.fdopen(keys, "w", buffering=1) as terminal:
        process = subprocess.Popen(
            (*SPAREKEY, *arguments(system)), stdin=screen, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        os.close(screen)
        with process:
            yield process, terminal


def said_until(pipe: IO[str] | None, words: str) -> str:
    assert pipe
    said = ""
    while words not in said:
        letter = pipe.read(1)
        assert letter, said
        said += letter
    return said


@contextmanager
def occupied(server: Server) -> Iterator[None]:
    """Another system has the license meanwhile."""
    with Client(server.location) as client:
        assert Seeker(BACKUP).take(client).status == 201
        yield


def leave_behind(folder: StateFolder) -> None:
    """A request that is fresh, and was for the run before."""
    path = request_path(folder, "Runtime")
    path.write_text(json.dumps({"id": "3f2a91c0", "start": current_start(folder, "Runtime"), "asked": boot_clock()}))
