"""`sparekey notify run` as a process: killed, in pairs, and on a full disk. No alarm is lost on its way to people."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.disk import skip_where_none_can_be_mounted, small_disk
from notify.recipients import Webhook
from plant import SPAREKEY, start_sparekey, until
from sparekey.client.system import System
from sparekey.core.variables import SERIAL_NUMBER, Name, Quality, Reading
from sparekey.host import boot_clock
from sparekey.journal import Journal, Observation
from sparekey.notify.store import Kind, Store
from systems import PATIENCE

pytestmark = pytest.mark.plant


class Desk:
    """A state folder in which the test writes what an application would, and the notifiers that are started for it."""

    def __init__(self, folder: Path, webhook: Webhook) -> None:
        self.webhook = webhook
        self.config = folder / "License.ini"
        self.reactions = folder / "reactions.toml"
        self.reactions.write_text(f'[outlet.hook]\nurl = "{webhook.url}"\n')
        self.state = folder / "state"
        System.open(self.state)
        self.notifiers: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        notifier = start_sparekey("notify", "run", "--state", str(self.state), "--reactions", str(self.reactions))
        self.notifiers.append(notifier)
        return notifier

    def started(self) -> subprocess.Popen[str]:
        """One that has begun to serve."""
        notifier = self.start()
        assert notifier.stderr
        assert "runs, with 1 outlets" in notifier.stderr.readline()
        return notifier

    def run_on(self, *serials: str) -> None:
        name = Name("Runtime", SERIAL_NUMBER)
        readings = [Reading(serial, Quality.GOOD, time.time()) for serial in serials]
        Journal(self.state).append([Observation(name, None, reading, "why", boot_clock()) for reading in readings])

    def events(self) -> list[str]:
        """What the event list says of outlets."""
        return [event.text for event in Store(self.state).events() if event.kind is Kind.OUTLET]

    def until_told(self, *changes: str) -> None:
        """These, in this order, are all that was ever told; one may have come twice, where its notifier was killed."""
        texts = [f"Runtime: license changed from {change[0]} to {change[1]} (why)" for change in changes]
        for _ in until(PATIENCE):
            told = list(dict.fromkeys(told.body.splitlines()[0] for told in self.webhook.told))
            if len(told) >= len(changes):
                break
        assert told == texts

    def end(self) -> None:
        for notifier in self.notifiers:
            notifier.kill()
            assert "Traceback" not in notifier.communicate()[1]


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    webhook = Webhook()
    yield webhook
    webhook.stop()


@pytest.fixture
def desk(tmp_path: Path, webhook: Webhook) -> Iterator[Desk]:
    desk = Desk(tmp_path, webhook)
    yield desk
    desk.end()


def test_messages_outlive_a_notifier_that_is_killed_and_are_sent_by_the_next(desk: Desk, webhook: Webhook) -> None:
    notifier = desk.started()
    desk.run_on("A", "B", "C")
    for _ in until(PATIENCE):
        if desk.events():
            break
    notifier.kill()
    notifier.wait()
    webhook.start()
    desk.started()
    desk.until_told("AB", "BC")
    for _ in until(PATIENCE):
        if len(desk.events()) == 2:
            break
    assert desk.events() == ["outlet hook: json to 127.0.0.1: connection refused", "outlet hook: it works again"]


def test_a_notifier_that_waits_goes_on_where_the_one_that_was_killed_stopped(desk: Desk, webhook: Webhook) -> None:
    webhook.start()
    first = desk.started()
    second = desk.start()
    assert second.stderr
    assert "this one waits to take over" in second.stderr.readline()
    desk.run_on("A", "B")
    desk.until_told("AB")
    first.kill()
    first.wait()
    desk.run_on("C")
    desk.until_told("AB", "BC")
    assert second.poll() is None


def test_who_asks_for_the_alarm_list_where_no_notifier_runs_takes_no_message_away(desk: Desk, webhook: Webhook) -> None:
    desk.run_on("A", "B")
    asked = (*SPAREKEY, "alarms", "list", "--state", str(desk.state))
    env = {**os.environ, "SPAREKEY_CONFIG": str(desk.config)}
    listed = subprocess.run(asked, capture_output=True, text=True, env=env, timeout=PATIENCE, check=True)
    assert "license changed from A to B" in listed.stdout
    webhook.start()
    desk.started()
    desk.until_told("AB")


def test_a_notifier_ends_in_order_with_messages_that_nobody_took(desk: Desk) -> None:
    notifier = desk.started()
    desk.run_on("A", "B")
    for _ in until(PATIENCE):
        if desk.events():
            break
    notifier.send_signal(signal.SIGTERM)
    assert notifier.wait(PATIENCE) == 0


def test_a_notifier_on_a_full_disk_waits_and_goes_on(desk: Desk, webhook: Webhook) -> None:
    skip_where_none_can_be_mounted()
    webhook.start()
    with small_disk(desk.state) as disk:
        disk.fill()
        notifier = desk.start()
        assert notifier.stderr
        assert "waits for its disk" in notifier.stderr.readline()
        disk.clear()
        assert "runs, with 1 outlets" in notifier.stderr.readline()
        desk.run_on("A", "B")
        desk.until_told("AB")
        notifier.kill()
        notifier.wait()
