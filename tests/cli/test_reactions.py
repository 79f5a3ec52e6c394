"""`sparekey reactions`: a file is checked and explained before anything happens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sparekey.cli import main
from sparekey.notify.places import SHIPPED

GOOD = """\
[[matrix]]
name = "serial-number"
variables = ["*/[Project summary] Serial number"]
each_change = true
[[matrix.state]]
when = "any"
alarm = { group = "license", class = "warning", severity = 700, acknowledge = true }
text = "{app}: license changed from {old} to {new} ({reason})"
notify = ["mail", "mqtt"]

[outlet.mqtt]
url = "mqtt://anna:secret@127.0.0.1:1883"
[outlet.mail]
url = "mailto://anna:secret@example.org"
"""
SENTENCE = (
    "When `[Project summary] Serial number` of any application changes: a warning alarm of severity 700 "
    "that must be acknowledged, at once; mail and mqtt are told."
)
OVER = "It returns to normal when that is over."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reactions.toml"


def reactions(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["reactions", *map(str, arguments)])


def explained(path: Path, state: str, variables: str = '["*/[License] Entry"]', head: str = "") -> str:
    path.write_text(f'[[matrix]]\nname = "m"\nvariables = {variables}\n{head}\n[[matrix.state]]\n{state}\n')
    return reactions("explain", path).stdout.splitlines()[0]


def test_a_good_file_is_counted(path: Path) -> None:
    path.write_text(GOOD)
    checked = reactions("check", path)
    assert (checked.exit_code, checked.stderr) == (0, "")
    assert checked.stdout == f"{path}: 1 matrix, 2 outlets\n"


def test_a_bad_file_exits_1_with_every_fault_and_its_line(path: Path) -> None:
    path.write_text(GOOD.replace('"any"', '"anny"').replace('"mail",', '"mial",'))
    checked = reactions("check", path)
    assert checked.exit_code == 1
    assert checked.stdout == ""
    assert checked.stderr.splitlines() == [
        f"error: {path}:6: unknown condition 'anny': did you mean 'any'?",
        f"{path}:9: there is no outlet 'mial': did you mean 'mail'?",
    ]


def test_what_is_odd_is_noted_and_serves_all_the_same(path: Path) -> None:
    path.write_text(GOOD.replace("Serial number", "Serial numbr"))
    checked = reactions("check", path)
    assert checked.exit_code == 0
    assert checked.stderr.startswith(f"note: {path}:3: no variable is called '[Project summary] Serial numbr'")


def test_a_license_server_that_is_watched_is_counted_and_explained(path: Path) -> None:
    path.write_text(f'{GOOD}[server.hall]\nlocation = "server-a"\n')
    assert reactions("check", path).stdout == f"{path}: 1 matrix, 2 outlets, 1 license server\n"
    last = reactions("explain", path).stdout.splitlines()[-1]
    assert last == "server hall: the license server at server-a:6350, asked each 10 seconds"


def test_checks_are_printed_as_json(path: Path) -> None:
    path.write_text(GOOD)
    facts = json.loads(reactions("check", path, "--json").stdout)
    assert facts == {"file": str(path), "matrices": 1, "outlets": 2, "servers": 0, "faults": [], "notes": []}
    path.write_text(GOOD.replace('"any"', '"anny"'))
    checked = reactions("check", path, "--json")
    assert checked.exit_code == 1
    (fault,) = json.loads(checked.stdout)["faults"]
    assert (fault["source"], fault["line"]) == (str(path), 6)


def test_a_file_that_is_not_there_exits_1(path: Path) -> None:
    for command in ("check", "explain"):
        failed = reactions(command, path)
        assert failed.exit_code == 1
        assert failed.stderr == f"error: {path}: No such file or directory\n"


def test_a_file_is_explained_in_plain_sentences_without_its_passwords(path: Path) -> None:
    path.write_text(GOOD)
    printed = reactions("explain", path).stdout
    assert printed.splitlines() == [
        f"serial-number: {SENTENCE} It is gone when it is acknowledged.",
        "",
        "mqtt: an MQTT broker, topics below sparekey",
        "",
        "mail: messages by mailto",
    ]


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (
            'when = "greater"\nvalue = 0\ndelay = 10\nalarm = { severity = 1, class = "error", acknowledge = false }',
            f"is greater than `0` and stays so for 10 seconds: an error alarm of severity 1. {OVER}",
        ),
        ('when = "equal"\nvalue = ""\ntext = "x"', "is empty: an event, at once."),
        (
            'when = "not equal"\nvalue = "x"\nrun = ["siren", "{new}"]',
            "is not `x`: an event, at once; `siren {new}` is run.",
        ),
        ('quality = "bad"\nreason = "ends"', "has bad quality and the reason matches `ends`: that is normal."),
        (
            'when = "any"\nalarm = { severity = 1, acknowledge = false }',
            "changes: a warning alarm of severity 1, at once. It is over as it comes: only the event list shows it.",
        ),
    ],
)
def test_each_condition_and_what_it_sets_off_has_its_words(path: Path, state: str, sentence: str) -> None:
    assert explained(path, state) == f"m: When `[License] Entry` of any application {sentence}"


def test_several_variables_states_and_new_values_are_told_in_their_order(path: Path) -> None:
    states = 'when = "less"\nvalue = 1\ntext = "x"\n[[matrix.state]]\nwhen = "less"\nvalue = 5\ntext = "x"'
    variables = '["Runtime/[License] Entry", "server */[Server] Alarm", "*"]'
    assert explained(path, states, variables, "each_change = true") == (
        "m: When `[License] Entry` of Runtime, `[Server] Alarm` of any license server or any variable "
        "is less than `1`, at each new value: an event, at once. "
        "Otherwise, when it is less than `5`, at each new value: an event, at once."
    )


def test_explanations_are_printed_as_json(path: Path) -> None:
    path.write_text(GOOD)
    facts = json.loads(reactions("explain", path, "--json").stdout)
    assert facts["matrices"]["serial-number"].startswith("When `[Project summary] Serial number`")
    assert facts["outlets"]["mail"] == "messages by mailto"


def test_without_a_file_it_is_about_the_shipped_one() -> None:
    assert reactions("check").stdout == "the shipped default: 13 matrices, 0 outlets\n"
    assert "not-at-home: When `[License] Entry` of any application is greater than `0`" in reactions("explain").stdout


def test_the_shipped_file_can_be_had_to_begin_with(path: Path) -> None:
    path.write_text(reactions("show").stdout)
    assert path.read_text() == SHIPPED.read_text()
    assert reactions("check", path).exit_code == 0
