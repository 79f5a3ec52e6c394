"""reactions.toml: what is written is what happens; a slip of the pen is named with its line and its cure."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.core.consequences import RaiseAlarm
from sparekey.core.entries import Location
from sparekey.core.matrices import Attributes, Condition, Matrix, Pattern, State, When
from sparekey.core.reactions import Memory, Reactions, Tick
from sparekey.core.templates import Template
from sparekey.core.variables import (
    BACKUP,
    BACKUP_DAYS_LEFT,
    CONTAINER_CONFLICT,
    DAYS_LEFT,
    ENTRY,
    LIST_FAULT,
    MISSING,
    SEATS_FREE,
    SERIAL_NUMBER,
    SERVER_ALARM,
    SERVER_DAYS_LEFT,
    STATE,
    STOPPED,
    Change,
    Name,
    Quality,
    Reading,
    Value,
)
from sparekey.notify.findings import ReactionsError
from sparekey.notify.globs import meet
from sparekey.notify.matrix_file import ReactionFile, read
from sparekey.notify.outlet_settings import Messages, Metrics, Mqtt, OpcUa
from sparekey.notify.places import SHIPPED, locate
from sparekey.notify.positions import lines_of
from sparekey.notify.server_settings import MOST_SERVERS, Server

FULL = """\
[[matrix]]
name = "serial-number"
variables = ["*/[Project summary] Serial number"]    # APP/NAME, * for any
each_change = true                                   # each change is a new violation
[[matrix.state]]
when = "any"
value = ""
delay = 0
alarm = { group = "license", class = "warning", severity = 700, acknowledge = true }
text = "{app}: license changed from {old} to {new} ({reason})"
notify = ["mail", "mqtt"]
run = ["/usr/local/bin/siren", "{new}"]

[outlet.opcua]
endpoint = "opc.tcp://127.0.0.1:4840"
[outlet.mqtt]
url = "mqtt://anna:secret@127.0.0.1:1883"
topic = "sparekey"
[outlet.mail]
url = "mailto://anna:secret@example.org"
[outlet.metrics]
listen = "127.0.0.1:9363"
"""
STATE_HEAD = '[[matrix]]\nname = "m"\nvariables = ["*/[License] Entry"]\n[[matrix.state]]\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reactions.toml"


def faults(path: Path, text: str) -> list[str]:
    path.write_text(text)
    with pytest.raises(ReactionsError) as wrong:
        read(path)
    return [str(fault).removeprefix(f"{path}:") for fault in wrong.value.faults]


def test_a_file_becomes_matrices_and_outlets(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + FULL.replace("\n", "\r\n").encode())
    found = read(path)
    assert found.matrices == (
        Matrix(
            "serial-number",
            (Pattern("*/[Project summary] Serial number"),),
            (
                State(
                    Condition(When.ANY),
                    0.0,
                    Attributes("license", "warning", 700, acknowledge=True),
                    Template("{app}: license changed from {old} to {new} ({reason})"),
                    ("mail", "mqtt"),
                    (Template("/usr/local/bin/siren"), Template("{new}")),
                ),
            ),
            each_change=True,
        ),
    )
    assert found.outlets == {
        "opcua": OpcUa("opcua", "opc.tcp://127.0.0.1:4840"),
        "mqtt": Mqtt("mqtt", "mqtt://anna:secret@127.0.0.1:1883", "sparekey"),
        "mail": Messages("mail", "mailto://anna:secret@example.org"),
        "metrics": Metrics("metrics", Location("127.0.0.1", 9363)),
    }
    assert found.notes == ()


def test_an_outlet_of_another_name_is_known_by_its_keys(path: Path) -> None:
    path.write_text(
        '[outlet.hall]\nurl = "mqtts://h"\n[outlet.panel]\nendpoint = "opc.tcp://h:4840"\n'
        '[outlet.wall]\nlisten = "[::1]:9363"\n[outlet.pager]\nurl = "json://h:80/x"\n'
    )
    assert [type(each) for each in read(path).outlets.values()] == [Mqtt, OpcUa, Metrics, Messages]


def test_a_file_with_outlets_only_adds_them_to_the_shipped_matrices(path: Path) -> None:
    path.write_text('[outlet.mail]\nurl = "mailto://a"\n')
    found = read(path)
    shipped = read(SHIPPED)
    assert [matrix.name for matrix in found.matrices] == [matrix.name for matrix in shipped.matrices]
    assert found.matrices[0].states[0].notify == ("mail",)
    assert shipped.matrices[0].states[0].notify == ()


def test_a_file_with_license_servers_has_them_watched_by_the_shipped_matrices(path: Path) -> None:
    path.write_text('[server.hall]\nlocation = "server-a"\n[server.yard]\nlocation = "[::1]:7000"\n')
    found = read(path)
    assert found.matrices == read(SHIPPED).matrices
    assert found.servers == (Server("hall", Location("server-a")), Server("yard", Location("::1", 7000)))
    assert [server.owner for server in found.servers] == ["server hall", "server yard"]


def test_t6_a_hundred_license_servers_can_be_watched(path: Path) -> None:
    tables = [f'[server.s{number}]\nlocation = "h"\n' for number in range(MOST_SERVERS + 1)]
    assert faults(path, "".join(tables)) == ["201: 100 license servers can be watched, and here are 101"]


@pytest.mark.parametrize(
    ("state", "fault"),
    [
        ('when = "graeter"', "5: unknown condition 'graeter': did you mean 'greater'?"),
        ("wehn = 1", "5: unknown key 'wehn': did you mean 'when'?"),
        ('text = "x"', '4: a state needs either when = "..." or quality = "bad"'),
        ('when = "any"\nquality = "bad"', '4: a state needs either when = "..." or quality = "bad"'),
        ('quality = "good"', '5: quality can be asked for as "bad" only'),
        ('when = "greater"', "5: 'greater' needs a number as its value, such as value = 0"),
        ('when = "greater"\nvalue = "0"', "6: 'greater' needs a number as its value, such as value = 0"),
        ('when = "equal"', "5: 'equal' needs a value, such as value = \"DEMO\""),
        ('when = "matches"\nvalue = "["', "6: '[' is no regular expression: unterminated character set at position 0"),
        ('quality = "bad"\nreason = "("', "6: '(' is no regular expression: missing ), unterminated subpattern at "),
        ('when = "any"\ndelay = -1', "6: delay is a number of seconds, 0 or more"),
        ('when = "any"\ndelay = "1 s"', "6: delay: expected number, got text"),
        ('when = "any"\nalarm = 7', "6: alarm: expected table, got whole number"),
        ('when = "any"\nalarm = { severity = 1001 }', "6: severity 1001 is none: it is 1 (least) to 1000 (worst)"),
        ('when = "any"\nalarm = { severity = 0 }', "6: severity 0 is none"),
        ('when = "any"\nalarm = { group = "g" }', "6: severity must be given"),
        (
            'when = "any"\n[matrix.state.alarm]\nseverity = 1\nclas = "x"',
            "8: unknown key 'clas': did you mean 'class'?",
        ),
        ('when = "any"\ntext = "{odl}"', "6: unknown field {odl}: did you mean '{old}'?"),
        ('when = "any"\nrun = ["siren", "{"]', "6: a brace stands alone"),
        ('when = "any"\nrun = "siren"', "6: run: expected list, got text"),
        ('when = "any"\nnotify = ["mail"]', "6: there is no outlet 'mail': a table [outlet.NAME] makes one"),
        ('when = "any"\nvalue = 2026-01-01', "6: value: expected "),
    ],
)
def test_a_fault_of_a_state_names_line_and_cure(path: Path, state: str, fault: str) -> None:
    (found,) = [each for each in faults(path, STATE_HEAD + state + "\n") if each.startswith(fault[:2])][:1]
    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[matrix]]\nvariables = []\n", "1: name must be given"),
        ('[[matrix]]\nname = "m"\nvariables = ["*"]\n', "1: a matrix needs a state: a table [[matrix.state]] below it"),
        ("[matrix]\nname = 1\n", "1: a matrix is a table [[matrix]], in double brackets"),
        ("[[matrx]]\n", "1: unknown table 'matrx': there are [[matrix]], [outlet.NAME] and [server.NAME]"),
        ('[[matrix]]\nname = "m\n', "2: illegal character"),
        ("outlet = 3\n", "1: an outlet is a table with its name, such as [outlet.mail]"),
        ("[outlet]\nmail = 3\n", "2: this is a table, in brackets"),
        ('[outlet.mail]\nurl = "mailto:a"\n', "2: url: it is written SCHEME://..."),
        ('[outlet.mail]\nurl = "json://a"\nulr = "x"\n', "3: unknown key 'ulr': did you mean 'url'?"),
        ('[outlet.mqtt]\nurl = "http://h"\n', "2: url: a broker is written mqtt://HOST:PORT"),
        ('[outlet.mqtt]\nurl = "mqtt://anna:p/w@h"\n', "2: url: a broker is written mqtt://HOST:PORT"),
        ('[outlet.mqtt]\nurl = "mqtt://h"\nca = "ca.pem"\n', "2: ca: it is for a broker with TLS"),
        ('[outlet.mqtt]\nurl = "mqtt://h"\ntopic = "a/#"\n', "2: topic: it begins every topic"),
        ('[outlet.opcua]\nendpoint = "h:4840"\n', "2: endpoint: it is written opc.tcp://HOST:PORT"),
        ('[outlet.metrics]\nlisten = "h"\n', "2: listen: it is written HOST:PORT"),
        ('[outlet.metrics]\nlisten = "h:99999"\n', "2: 'h:99999' is no location"),
        ("[outlet.metrics]\n", "1: listen must be given"),
        ("server = 3\n", "1: a license server is a table with its name, such as [server.line-3]"),
        ("[server]\nhall = 3\n", "2: this is a table, in brackets"),
        ("[server.hall]\n", "1: location must be given"),
        ('[server.hall]\nlocation = "h"\nurl = "h"\n', "3: unknown key 'url': "),
        ('[server.hall]\nlocation = "http://h:6350"\n', "2: location: 'http://h:6350' is no location: write HOST"),
        ('[server.hall]\nlocation = ""\n', "2: location: '' is no location"),
    ],
)
def test_a_fault_of_a_table_names_line_and_cure(path: Path, text: str, fault: str) -> None:
    assert faults(path, text)[0].lower().startswith(fault.lower())


def test_all_faults_are_told_at_once(path: Path) -> None:
    text = FULL.replace("each_change", "each_chance").replace("{old}", "{odl}").replace('"mail",', '"mial",')
    assert faults(path, text.replace("severity = 700", "severity = 7000")) == [
        "4: unknown key 'each_chance': did you mean 'each_change'?",
        "9: severity 7000 is none: it is 1 (least) to 1000 (worst)",
        "10: unknown field {odl}: did you mean '{old}'?",
        "11: there is no outlet 'mial': did you mean 'mail'?",
    ]


def test_a_name_serves_once_and_a_condition_once_in_a_matrix(path: Path) -> None:
    twice = STATE_HEAD + 'when = "less"\nvalue = 1\n[[matrix.state]]\nwhen = "less"\nvalue = 1\n'
    assert faults(path, twice) == ["7: a state above has the same condition, 'less 1', and counts instead"]
    once = STATE_HEAD + 'when = "any"\n'
    assert faults(path, once + once) == ["7: a matrix above is called 'm', too; a name serves once"]


def test_a_variable_that_there_is_not_is_noted_with_the_near_one(path: Path) -> None:
    path.write_text(STATE_HEAD.replace("Entry", "Entri") + 'when = "any"\n')
    (note,) = read(path).notes
    assert str(note) == f"{path}:3: no variable is called '[License] Entri': did you mean '[License] Entry'?"


def test_a_variable_without_an_application_says_how_it_is_written(path: Path) -> None:
    (fault,) = faults(path, STATE_HEAD.replace("*/", "") + 'when = "any"\n')
    assert fault == "3: '[License] Entry' is no variable: it is written APPLICATION/NAME, '*/[License] Entry' for any"


def test_a_state_that_no_value_comes_to_is_noted(path: Path) -> None:
    path.write_text(STATE_HEAD + 'when = "any"\n[[matrix.state]]\nwhen = "less"\nvalue = 1\n')
    (note,) = read(path).notes
    assert str(note).startswith(f"{path}:6: this never counts: a state above is for any value")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (STATE_HEAD + 'when = "any"\nrun = [" ", "x"]\n', "6: run begins with a program, such as /usr/local/bin/siren"),
        ('[outlet.opcua]\nendpoint = "opc.tcp://h:abc"\n', "2: endpoint: it is written opc.tcp://HOST:PORT"),
        ('[outlet.opcua]\nendpoint = "opc.tcp://h:99999/x"\n', "2: endpoint: it is written opc.tcp://HOST:PORT"),
        ('[server.""]\nlocation = "h"\n', "1: a license server's name is of printable characters other than '/'"),
        ('[server."a/b"]\nlocation = "h"\n', "1: a license server's name is of printable characters other than '/'"),
    ],
)
def test_what_could_not_work_later_is_a_fault_now(path: Path, text: str, fault: str) -> None:
    assert faults(path, text) == [fault]


def test_a_url_that_only_apprise_can_judge_is_shown_by_its_scheme(path: Path) -> None:
    path.write_text('[outlet.hook]\nurl = "json://[::1/x"\n')
    (hook,) = read(path).outlets.values()
    assert isinstance(hook, Messages)
    assert hook.scheme == "json"


@pytest.mark.parametrize(
    "text",
    [
        '[outlet.mail]\nurl = "mailto:secret"\n',
        '[outlet.mail]\nurl = ["secret"]\n',
        '[outlet.mqtt]\nurl = "mailto://anna:secret@h"\n',
        '[outlet.mqtt]\nurl = "mqtt://anna:secret@h"\ntopic = "#"\n',
        STATE_HEAD + 'when = "any"\nnotify = ["mailto://anna:secret@h"]\n',
    ],
)
def test_t4_no_password_is_shown_with_a_fault(path: Path, text: str) -> None:
    assert "secret" not in "".join(faults(path, text))


def test_t4_no_password_is_shown_with_an_outlet(path: Path) -> None:
    path.write_text(FULL)
    assert "secret" not in repr(read(path))


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (FULL.encode("utf-16"), "it is not UTF-8 text"),
        (b"#" * (1024 * 1024 + 1), "it is larger than 1024 KiB"),
        (b"a = " + b"[" * 100_000, "it is nested too deeply"),
        (b"a = " + b"9" * 5000, "a number has too many digits"),
        (b"[outlet.mail]\n" + b"a." * 100_000 + b"a = 1", ":2: a key has a few parts at most"),
    ],
)
def test_what_is_no_such_file_is_refused(path: Path, data: bytes, fault: str) -> None:
    path.write_bytes(data)
    with pytest.raises(ReactionsError, match=fault):
        read(path)


def test_the_option_goes_before_the_file_beside_license_ini_and_that_before_the_shipped_one(tmp_path: Path) -> None:
    config = tmp_path / "License.ini"
    assert locate(None, config) == SHIPPED
    (tmp_path / "reactions.toml").touch()
    assert locate(None, config) == tmp_path / "reactions.toml"
    assert locate(tmp_path / "mine.toml", config) == tmp_path / "mine.toml"


def test_lines_are_found_whatever_the_spelling() -> None:
    text = 'a = """\n[no]\n"""\n[ b . "c" ]\n"d" = 1\n[[e]]\nf.g = { h = 1 }\n[[e]]\n[[e.i]]\n[e.i.j]\nk = [\n 1,\n]\n'
    assert lines_of(text) == {
        ("a",): 1,
        ("b", "c"): 4,
        ("b", "c", "d"): 5,
        ("e",): 6,
        ("e", 0): 6,
        ("e", 0, "f", "g"): 7,
        ("e", 1): 8,
        ("e", 1, "i"): 9,
        ("e", 1, "i", 0): 9,
        ("e", 1, "i", 0, "j"): 10,
        ("e", 1, "i", 0, "j", "k"): 11,
    }


@given(st.text("ab*", max_size=6), st.text("ab", max_size=6))
def test_a_pattern_meets_a_text_where_it_fits(pattern: str, text: str) -> None:
    assert meet(pattern, text) is meet(text, pattern) is Pattern(f"x/{pattern}").matches(Name("x", text))


@pytest.mark.parametrize(
    ("one", "other", "meets"),
    [("a*", "*b", True), ("a*", "b*", False), ("*a*", "b*b", True), ("ab*", "a", False), ("*", "", True)],
)
def test_two_patterns_meet_where_a_text_fits_both(one: str, other: str, meets: bool) -> None:
    assert meet(one, other) is meet(other, one) is meets


# the shipped file


def raised(
    found: ReactionFile, name: Name, old: Value, new: Value, reason: str = "why", quality: Quality = Quality.GOOD
) -> list[tuple[str, int]]:
    """The alarms that stand a while after this change: matrix and severity."""
    reactions = Reactions(found.matrices, Memory(), written=str)
    change = Change(1, name, Reading(old, Quality.GOOD, 0.0), Reading(new, quality, 1.0), reason, 1.0)
    consequences = reactions.receive(change, 1.0)
    while (due := reactions.next_timer()) < float("inf"):
        consequences += reactions.receive(Tick(), due)
    return [(each.matrix, each.attributes.severity) for each in consequences if isinstance(each, RaiseAlarm)]


@pytest.mark.parametrize(
    ("variable", "old", "new", "expected"),
    [
        (SERIAL_NUMBER, "5-1042", "5-1043", [("serial-number", 700)]),
        (SERIAL_NUMBER, "5-1042", "", [("serial-number", 700), ("no-license", 1000)]),
        (SERIAL_NUMBER, "5-1042", "DEMO", [("serial-number", 700), ("no-license", 900)]),
        (SERIAL_NUMBER, "5-1042", "5-1042", []),
        (ENTRY, 0, 1, [("not-at-home", 500)]),
        (ENTRY, 1, 0, []),
        (MISSING, 0, 1, [("redundancy", 700)]),
        (MISSING, 1, 0, []),
        (BACKUP.format(number=1), "free", "in use", [("backup", 200)]),
        (BACKUP.format(number=1), "free", "silent", [("backup", 500)]),
        (BACKUP.format(number=10), "free", "worse", [("backup", 500)]),
        (BACKUP.format(number=1), "silent", "free", []),
        (BACKUP.format(number=1), "silent", None, []),
        (DAYS_LEFT, 31, 30, [("expiry", 400)]),
        (DAYS_LEFT, 8, 7, [("expiry", 700)]),
        (DAYS_LEFT, 2, 1, [("expiry", 900)]),
        (DAYS_LEFT, 1, None, []),
        (BACKUP_DAYS_LEFT.format(number=1), 31, 30, [("backup-expiry", 300)]),
        (BACKUP_DAYS_LEFT.format(number=1), 8, 7, [("backup-expiry", 500)]),
        (BACKUP_DAYS_LEFT.format(number=1), 2, 1, [("backup-expiry", 700)]),
        (LIST_FAULT, "", "License.ini:3: a gap", [("license-ini", 600)]),
        (CONTAINER_CONFLICT, "", "a:6350 and b:6350", [("container-met-twice", 800)]),
    ],
)
def test_the_shipped_file_raises_what_a_technician_must_know(
    variable: str, old: Value, new: Value, expected: list[tuple[str, int]]
) -> None:
    assert raised(read(SHIPPED), Name("Runtime", variable), old, new) == expected


def test_the_shipped_file_tells_what_a_license_server_complains_of() -> None:
    assert raised(read(SHIPPED), Name("server a", SERVER_ALARM), "", "it was rolled back") == [("server", 800)]


def test_the_shipped_file_tells_that_a_license_server_is_silent_and_which_of_its_licenses_end() -> None:
    shipped = read(SHIPPED)
    name = Name("server a", SERVER_ALARM)
    assert raised(shipped, name, "", "", "refused the connection", Quality.BAD) == [("server-silent", 600)]
    days = Name("server a", SERVER_DAYS_LEFT.format(serial="5-1042"))
    assert raised(shipped, days, 31, 30) == [("server-expiry", 300)]
    assert raised(shipped, days, 2, 1) == [("server-expiry", 700)]
    assert raised(shipped, Name("server a", SEATS_FREE.format(serial="5-1042")), 1, 0) == [], "that is ordinary life"


def test_the_shipped_file_tells_an_application_that_is_gone_from_one_that_ended() -> None:
    name = Name("Runtime", STATE)
    shipped = read(SHIPPED)
    assert raised(shipped, name, "hold", "hold", "killed", Quality.BAD) == [("application-gone", 400)]
    assert raised(shipped, name, "hold", "hold", STOPPED, Quality.BAD) == []


def test_the_shipped_file_has_nothing_odd() -> None:
    assert read(SHIPPED).notes == ()
