"""`sparekey vendor`: stories, each told with the real command."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sparekey.trust import PrivateKey, make_request

ORDER = '[[license]]\nproduct = "scada-runtime"\nversion = "14.0"\nlimits = { tags = 1500, clients = -1 }\n'
DEMO = '[[license]]\nserial = "5-9999"\nproduct = "scada-runtime"\nversion = "14.0"\ndemo_seconds = 1800\n'
COMMAND = (sys.executable, "-m", "sparekey", "vendor")


class Office:
    """A folder in which someone at the vendor's types commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.container = PrivateKey.generate()
        self.write("order.toml", ORDER)
        self.write("demo.toml", DEMO)
        self.write("request.json", make_request(self.container, "server-a", 1_800_000_000))

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def type(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*COMMAND, *line.split()], cwd=self.folder, capture_output=True, text=True, check=False)

    def does(self, line: str) -> str:
        done = self.type(line)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def fails(self, line: str, exit_code: int = 1) -> str:
        done = self.type(line)
        assert done.returncode == exit_code
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        return done.stderr

    def files(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


ISSUE = "issue order.toml --vendor acme --for request.json --out plant.lic"


def test_a_vendor_makes_a_key_issues_a_license_and_shows_it(office: Office) -> None:
    assert "keep it secret" in office.does("init acme")
    assert office.does(ISSUE) == "plant.lic: 1-0001 for server-a\n"
    shown = office.does("show plant.lic --vendor-key acme/vendor.pub.json")
    rows = [line.split(maxsplit=1) for line in shown.splitlines() if line]
    assert ["license", "1-0001"] in [[name, value.strip()] for name, value in rows]
    assert "clients unlimited, tags 1500" in shown
    assert "signature checked" in shown
    told = json.loads(office.does("show plant.lic --vendor-key acme/vendor.pub.json --json"))
    assert told["signature_checked"] is True
    assert told["licenses"][0]["limits"] == {"clients": -1, "tags": 1500}
    assert told["licenses"][0]["container"] == office.container.thumbprint


def test_t4_the_vendor_key_is_secret_and_the_other_file_is_not(office: Office) -> None:
    printed = office.does("init acme") + office.does(ISSUE) + office.does("show plant.lic --json")
    key = office.folder / "acme" / "vendor.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    secret = json.loads(key.read_text())["d"]
    others = [path.read_text() for path in office.folder.rglob("*") if path.is_file() and path != key]
    assert all(secret not in text for text in [printed, *others])


def test_a_vendor_key_is_never_overwritten(office: Office) -> None:
    made = json.loads(office.does("init acme --json"))
    before = {path: path.read_bytes() for path in (office.folder / "acme").iterdir()}
    assert "vendor.key is there already and stays as it is" in office.fails("init acme")
    assert {path: path.read_bytes() for path in before} == before
    assert made["key"] == "acme/vendor.key"


def test_numbers_count_on_and_a_serial_is_issued_again(office: Office) -> None:
    office.does("init acme")
    office.does(ISSUE)
    office.write("order.toml", ORDER + ORDER + 'serial = "1-0001"\n')
    assert office.does(ISSUE) == "plant.lic: 1-0002, 1-0001 for server-a\n"


def test_four_who_issue_at_once_get_four_numbers(office: Office) -> None:
    office.does("init acme")
    line = "issue order.toml --vendor acme --for request.json --json --out"
    typed = [[*COMMAND, *line.split(), f"{n}.lic"] for n in range(4)]
    running = [subprocess.Popen(args, cwd=office.folder, stdout=subprocess.PIPE) for args in typed]
    told = [json.loads(process.communicate()[0]) for process in running]
    serials = sorted(facts["licenses"][0]["serial"] for facts in told)
    assert serials == ["1-0001", "1-0002", "1-0003", "1-0004"]


def test_a_license_that_moves_to_another_server_is_told(office: Office) -> None:
    office.does("init acme")
    office.does(ISSUE)
    office.write("order.toml", ORDER + 'serial = "1-0001"\n')
    office.write("request.json", make_request(PrivateKey.generate(), "server-b", 1))
    done = office.type(ISSUE)
    assert done.returncode == 0
    assert f"1-0001 was issued for container {office.container.thumbprint} before" in done.stderr


def test_r6_a_demo_license_is_issued_for_no_server(office: Office) -> None:
    office.does("init acme")
    assert office.does("issue demo.toml --vendor acme --demo --out demo.lic") == "demo.lic: 5-9999 for demonstration\n"
    told = json.loads(office.does("show demo.lic --json"))
    assert told["licenses"][0]["container"] is None
    assert told["licenses"][0]["demo_seconds"] == 1800


def test_show_without_a_vendor_key_says_that_nothing_is_proven(office: Office) -> None:
    office.does("init acme")
    office.does(ISSUE)
    assert "signature not checked" in office.does("show plant.lic")
    assert json.loads(office.does("show plant.lic --json"))["signature_checked"] is False


def test_t1_show_refuses_a_license_of_another_vendor(office: Office) -> None:
    office.does("init acme")
    office.does("init other")
    office.does(ISSUE)
    told = office.fails("show plant.lic --vendor-key other/vendor.pub.json")
    assert told.startswith("error: plant.lic: line 1: ")
    assert "not signed by the right key" in told


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("issue order.toml --vendor acme --out new.lic", "either --for REQUEST.json or --demo"),
        (
            "issue order.toml --vendor acme --for request.json --demo --out new.lic",
            "either --for REQUEST.json or --demo",
        ),
        ("issue order.toml --for request.json --out new.lic", "--vendor"),
        ("issue order.toml --vendor acme --for request.json", "--out"),
        ("show", "FILE.lic"),
        ("init", "DIR"),
    ],
)
def test_wrong_usage_exits_2_and_writes_nothing(office: Office, line: str, reason: str) -> None:
    office.does("init acme")
    before = office.files()
    assert reason in office.fails(line, exit_code=2)
    assert office.files() == before


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("issue missing.toml --vendor acme --for request.json --out new.lic", "missing.toml: No such file"),
        ("issue order.toml --vendor acme --for missing.json --out new.lic", "missing.json: No such file"),
        (
            "issue order.toml --vendor acme --for order.toml --out new.lic",
            "order.toml: this is an order, not an activation request",
        ),
        ("issue typo.toml --vendor acme --for request.json --out new.lic", "did you mean 'limits'?"),
        ("issue order.toml --vendor nobody --for request.json --out new.lic", "sparekey vendor init nobody"),
        ("issue order.toml --vendor empty --for request.json --out new.lic", "sparekey vendor init empty"),
        ("issue order.toml --vendor acme --for request.json --out no/new.lic", "no is no folder"),
        ("issue order.toml --vendor acme --demo --out new.lic", "demo_seconds = 1800"),
        ("issue demo.toml --vendor acme --for request.json --out new.lic", "demo_seconds is for a demo license"),
        ("show missing.lic", "missing.lic: No such file"),
        ("show order.toml", "order.toml: this is an order, not a license file"),
        ("show order.toml --vendor-key acme/vendor.key", "private key"),
    ],
)
def test_what_cannot_be_done_exits_1_with_a_reason_and_writes_nothing(office: Office, line: str, reason: str) -> None:
    office.does("init acme")
    office.write("typo.toml", ORDER.replace("limits", "limts"))
    (office.folder / "empty").mkdir()
    before = office.files()
    told = office.fails(line)
    assert told.startswith("error: ")
    assert reason in told
    assert office.files() == before
    assert not (office.folder / "acme" / "issued.jsonl").exists()


@pytest.mark.parametrize("command", ["", "init", "issue", "show"])
def test_every_command_has_help_with_an_example(office: Office, command: str) -> None:
    assert f"sparekey vendor {command}" in office.does(f"{command} --help").partition("Example:")[2]
