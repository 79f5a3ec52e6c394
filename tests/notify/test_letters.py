"""What a message says in words, and what may be shown of where it goes."""

from __future__ import annotations

import pytest

from sparekey.core.consequences import Notify, Occasion
from sparekey.core.variables import SERIAL_NUMBER, Name
from sparekey.notify.feed import Home
from sparekey.notify.messages.address import shown
from sparekey.notify.messages.letter import LONGEST_TEXT, LONGEST_TITLE, Grade, compose
from sparekey.notify.outlet import Message

HOME = Home("4f5a9c0b", "line-3")


def message(
    occasion: Occasion = Occasion.ALARM,
    severity: int | None = 700,
    *,
    text: str = "what",
    matrix: str = "serial-number",
) -> Message:
    key = None if severity is None else 7
    return Message(3, Notify(("mail",), occasion, matrix, Name("Runtime", SERIAL_NUMBER), text, key, severity, 17, 0.0))


def test_a_letter_says_all_that_a_technician_needs() -> None:
    letter = compose(message(text="Runtime: license changed from 5-1042 to 5-1043"), HOME)
    assert letter.title == "line-3, Runtime: serial-number, alarm"
    assert letter.body.splitlines() == [
        "Runtime: license changed from 5-1042 to 5-1043",
        "",
        "System: line-3 (4f5a9c0b)",
        "Application: Runtime",
        "Time: 1970-01-01T00:00:00.000Z",
        "Alarm: 7, severity 700 (high)",
        "Change: 17",
        "",
        "When you have seen it: sparekey alarms ack 7",
    ]


@pytest.mark.parametrize(
    ("occasion", "severity", "grade"),
    [
        (Occasion.ALARM, 1000, Grade.FAILURE),
        (Occasion.ALARM, 601, Grade.FAILURE),
        (Occasion.ALARM, 600, Grade.WARNING),
        (Occasion.RETURN, 1000, Grade.SUCCESS),
        (Occasion.EVENT, None, Grade.INFO),
    ],
)
def test_a_letter_is_shown_as_what_it_is(occasion: Occasion, severity: int | None, grade: Grade) -> None:
    assert compose(message(occasion, severity), HOME).grade is grade


@pytest.mark.parametrize(("occasion", "severity"), [(Occasion.RETURN, 700), (Occasion.EVENT, None)])
def test_nobody_is_asked_to_acknowledge_what_is_over_or_no_alarm(occasion: Occasion, severity: int | None) -> None:
    assert "alarms ack" not in compose(message(occasion, severity), HOME).body


def test_a_letter_is_short_and_its_title_one_line() -> None:
    letter = compose(message(text="x" * 100_000, matrix="a\r\nBcc: everybody@example.org " + "y" * 1000), HOME)
    assert "\n" not in letter.title
    assert len(letter.title) == LONGEST_TITLE
    assert len(letter.body.splitlines()[0]) == LONGEST_TEXT


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("mailto://u:s3cret@mail.example.org?to=a@example.org", "mailto to mail.example.org"),
        ("mailto://mail.example.org?from=a@example.org", "mailto to mail.example.org"),
        ("json://u:s3cret@[::1]:8080/path", "json to ::1"),
        ("jsons://hook.example.org/s3cret?s3cret=1", "jsons to hook.example.org"),
        ("tgram://s3cret/12345", "tgram"),
        ("discord://s3cret/s3cret", "discord"),
        ("syslog://", "syslog"),
        ("json://u:s3c/ret@host", "json"),
        ("json://u:s3c#ret@host", "json"),
        ("json://u:s3c?ret@host", "json"),
        ("json://[s3cret", "json"),
    ],
)
def test_t4_of_a_url_its_scheme_is_shown_and_its_host_where_that_is_no_secret(url: str, text: str) -> None:
    assert shown(url) == text
