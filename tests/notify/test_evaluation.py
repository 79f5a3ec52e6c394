"""From the journal to alarms, events and messages: each change exactly once, whenever the notifier dies."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sparekey.core.alarms import NotPossible, State
from sparekey.core.variables import ENTRY, SERIAL_NUMBER, STATE, STOPPED, Name, Quality, Reading, Value
from sparekey.host import boot_clock
from sparekey.journal import Journal, Observation
from sparekey.notify.alarm_list import AlarmList
from sparekey.notify.evaluation import OLD, Evaluation
from sparekey.notify.matrix_file import read
from sparekey.notify.store import Kind, Store

KILLED = Path(__file__).with_name("killed.py")
OUTLETS = """
[outlet.mail]
url = "mailto://plant.example"
[outlet.mqtt]
url = "mqtt://plant.example"
"""


class Plant:
    """A state folder whose application writes, and whose notifier reads when it is told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        reactions = folder / "reactions.toml"
        reactions.write_text(OUTLETS)
        self.matrices = read(reactions).matrices
        self.journal = Journal(folder)
        self.store = Store(folder)
        self.restart()

    def restart(self) -> None:
        """Another notifier takes over."""
        self.evaluation = Evaluation(self.journal, self.store, self.matrices, ["mail", "mqtt"])

    def write(self, variable: str, value: Value, quality: Quality = Quality.GOOD, reason: str = "why") -> None:
        reading = Reading(value, quality, time.time())
        self.journal.append([Observation(Name("Runtime", variable), None, reading, reason, boot_clock())])

    def run_on(self, *serials: str) -> None:
        """The application starts on the first, and goes from each to the next."""
        for serial in serials:
            self.write(SERIAL_NUMBER, serial)

    def alarms(self) -> list[tuple[str, str]]:
        return [(alarm.matrix, alarm.text) for alarm in self.store.alarms(gone=True)]

    def messages(self, outlet: str) -> list[str]:
        found = []
        while message := self.store.next_message(outlet):
            found.append(message.what.text)
            self.store.remove_messages(outlet, message.number)
        return found

    def events(self, kind: Kind) -> list[str]:
        return [event.text for event in self.store.events() if event.kind is kind]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    return Plant(tmp_path)


CHANGED = "Runtime: license changed from A to B (why)"


def test_r10_a_change_of_the_serial_number_is_one_event_one_alarm_and_one_message_an_outlet(plant: Plant) -> None:
    plant.run_on("A", "B")
    assert plant.evaluation.step()
    assert plant.alarms() == [("serial-number", CHANGED)]
    assert plant.events(Kind.CHANGE) == ["[Project summary] Serial number: A -> B, quality good (why)"]
    assert plant.messages("mail") == plant.messages("mqtt") == [CHANGED]
    assert not plant.evaluation.step()


def test_r10_a_start_on_the_same_license_is_no_change_over_notifiers_that_come_and_go(plant: Plant) -> None:
    plant.run_on("A")
    plant.evaluation.step()
    plant.write(SERIAL_NUMBER, "A", Quality.BAD, STOPPED)
    plant.restart()
    plant.evaluation.step()
    plant.run_on("A")
    plant.restart()
    plant.evaluation.step()
    assert plant.alarms() == []
    plant.run_on("B")
    plant.restart()
    plant.evaluation.step()
    assert plant.alarms() == [("serial-number", CHANGED)]


def test_an_alarm_stays_until_home_and_is_gone_then(plant: Plant) -> None:
    plant.write(ENTRY, 0)
    plant.write(ENTRY, 2)
    plant.evaluation.step()
    assert [alarm.state for alarm in plant.store.alarms()] == [State.ACKNOWLEDGED], "it needs no acknowledgement"
    plant.write(ENTRY, 0)
    plant.restart()
    plant.evaluation.step()
    assert plant.store.alarms() == []
    assert [alarm.state for alarm in plant.store.alarms(gone=True)] == [State.NORMAL]
    assert len(plant.events(Kind.ALARM)) == len(plant.events(Kind.RETURN)) == 1


def test_an_alarm_that_was_acknowledged_by_another_process_does_not_come_again(plant: Plant) -> None:
    plant.run_on("A", "B")
    plant.evaluation.step()
    other = AlarmList(Store(plant.folder))
    gone = other.acknowledge(1, "anna", "seen")
    assert gone.state is State.NORMAL
    with pytest.raises(NotPossible, match="acknowledged already, by anna: seen"):
        other.acknowledge(1, "bert")
    plant.run_on("C")
    plant.evaluation.step()
    assert [alarm.key for alarm in plant.store.alarms()] == [2]
    assert plant.events(Kind.ACKNOWLEDGED) == [f"{CHANGED}: acknowledged by anna: seen"]


def test_an_application_that_is_gone_is_an_alarm_after_a_while_and_one_that_ended_is_none(plant: Plant) -> None:
    plant.write(STATE, "hold")
    plant.write(STATE, "hold", Quality.BAD, STOPPED)
    plant.evaluation.step()
    assert plant.evaluation.next_timer() == float("inf")
    plant.write(STATE, "hold")
    plant.write(STATE, "hold", Quality.BAD, "no sign of life from it")
    plant.evaluation.step()
    assert plant.evaluation.next_timer() < boot_clock() + 10


def test_a_notifier_without_memory_tells_nobody_what_is_long_over(plant: Plant) -> None:
    name = Name("Runtime", SERIAL_NUMBER)
    for serial in "AB":
        reading = Reading(serial, Quality.GOOD, time.time() - OLD - 1)
        plant.journal.append([Observation(name, None, reading, "", 0.0)])
    plant.evaluation.step()
    assert plant.alarms() == []
    assert plant.evaluation.latest[name].new.value == "B"
    plant.run_on("C")
    plant.evaluation.step()
    assert [text for _, text in plant.alarms()] == ["Runtime: license changed from B to C (why)"]


def test_a_journal_that_came_in_the_place_of_a_lost_one_is_read_from_its_beginning(plant: Plant) -> None:
    plant.run_on("A", "B", "C")
    plant.evaluation.step()
    for file in plant.folder.glob("journal.sqlite*"):
        file.unlink()
    plant.journal = Journal(plant.folder)
    plant.restart()
    plant.run_on("D")
    plant.evaluation.step()
    assert plant.alarms()[-1] == ("serial-number", "Runtime: license changed from C to D (why)")


def test_whenever_the_notifier_is_killed_no_alarm_is_lost_and_none_is_doubled(tmp_path: Path) -> None:
    """Killed at each of its statements in turn, and started again on what it left behind."""
    template = tmp_path / "template"
    template.mkdir()
    plant = Plant(template)
    plant.run_on("A", "B")
    plant.write(ENTRY, 1)
    plant.write(ENTRY, 0)
    plant.run_on("", "C")
    plant.journal.close()
    plant.store.close()
    whole = tmp_path / "whole"
    shutil.copytree(template, whole)
    statements = int(subprocess.run(_killed(whole, 0), capture_output=True, text=True, check=True).stdout)
    expected = outcome(whole)
    assert len(expected[0]) == 5
    for fatal in range(1, statements + 1, max(1, statements // 12)):
        folder = tmp_path / f"killed-{fatal}"
        shutil.copytree(template, folder)
        assert subprocess.run(_killed(folder, fatal), check=False).returncode == -signal.SIGKILL
        Plant(folder).evaluation.step()
        assert outcome(folder) == expected, f"killed at statement {fatal} of {statements}"


def outcome(folder: Path) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    plant = Plant(folder)
    return plant.alarms(), [event.text for event in plant.store.events()], plant.messages("mail")


def _killed(folder: Path, fatal: int) -> tuple[str, ...]:
    return (sys.executable, str(KILLED), str(folder), str(fatal))
