"""What a report says of a drill, to people and to programs."""

from __future__ import annotations

import json

from drill.reports import BACKUP, HOME, failed, passed
from sparekey.drill.report import Delivery


def test_a_drill_has_passed_when_it_switched_and_all_were_told() -> None:
    report = passed()
    assert (report.passed, report.faults) == (True, ())
    assert report.title == "Fire drill of Runtime on pc-1: passed"


def test_it_has_passed_without_an_alarm_where_no_notifier_runs_and_says_so() -> None:
    report = passed(notifier=False, alarm=None, deliveries=())
    assert report.passed
    assert any(note.startswith("No notifier runs, so no alarm was raised and nobody was told") for note in report.notes)


def test_without_an_alarm_though_a_notifier_runs_it_has_failed() -> None:
    (fault,) = passed(alarm=None).faults
    assert fault.startswith("the switch was made, but no alarm was raised")


def test_each_outlet_that_owes_its_message_is_named_with_its_reason() -> None:
    owes = [Delivery(name, None, "connection refused", owes=True) for name in ("hook", "mail")]
    assert passed(deliveries=tuple(owes)).faults == tuple(
        f"the switch was made, but outlet {name} still owes its message: connection refused"
        for name in ("hook", "mail")
    )


def test_without_a_spare_it_has_failed_and_nothing_has_changed() -> None:
    report = failed()
    assert report.faults == (
        "the drill has failed, and Runtime stays on 5-1042: entry 1: in use by Runtime on pc-2",
    ), "no alarm is missed where there was no switch"
    assert [mark.key for mark in report.marks] == ["asked", "seen", "given-up"]
    assert report.facts["to"] is None


def test_a_moment_without_a_license_is_a_fault() -> None:
    assert passed(lease_left=0.0).faults == ("at one look Runtime had no license to believe in",)


def test_marks_stand_in_the_order_in_which_they_happened() -> None:
    report = passed(deliveries=(Delivery("slow", 9.0), Delivery("hook", 0.51)))
    assert [(mark.at, mark.key) for mark in report.marks] == [
        (0.0, "asked"),
        (0.31, "seen"),
        (0.33, "spare"),
        (0.33, "switch"),
        (0.43, "alarm"),
        (0.51, "delivered"),
        (9.0, "delivered"),
    ]


def test_r8_it_says_that_the_application_stays_on_the_backup() -> None:
    assert "Runtime stays on 5-1043 (backup 1) at server-b:7000 until it is restarted" in passed().text
    assert "until it is restarted" not in failed().text


def test_one_that_led_home_sends_nobody_to_restart_anything() -> None:
    text = passed(before=BACKUP, after=HOME).text
    assert "Runtime is home again, on 5-1042 (initial license) at server-a:6350." in text
    assert "restart" not in text


def test_text_and_facts_say_the_same() -> None:
    report = passed()
    facts = json.loads(json.dumps(report.facts))
    assert [f"{mark['at']:.2f} s  {mark['text']}" for mark in facts["timeline"]] == [
        line.strip() for line in report.text.splitlines() if line.startswith("  ")
    ]
    assert facts["seconds"] == {"request_seen": 0.31, "spare": 0.33, "switch": 0.33, "alarm": 0.43}
    assert facts["outlets"] == [
        {"name": "hook", "delivered_seconds": 0.51, "owes": False, "note": None},
        {"name": "metrics", "delivered_seconds": None, "owes": False, "note": "nothing is sent"},
    ]


def test_a_file_says_what_is_to_be_mended_too() -> None:
    assert failed().whole_text.endswith(f"{failed().faults[0]}\n")
