"""Files that people carry by mail or stick, as editors, mailers and accidents leave them: taken, or one clear error."""

from __future__ import annotations

import json
import os
import textwrap
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from damage import NOISE, no_longer_root
from plant import sparekey, terms
from sparekey.server.container import Container
from sparekey.trust import (
    PrivateKey,
    TrustError,
    issue_license,
    make_request,
    read_license_file,
    read_request,
    vendor_keys,
    write_license_file,
)
from sparekey.trust.jws import Kind, sign
from sparekey.vendor.folder import VendorFolder
from sparekey.vendor.orders import OrderError, read_orders

VENDOR, CONTAINER = PrivateKey.generate(), PrivateKey.generate()
ORDER = '# what was sold\n[[license]]\nproduct = "scada-runtime"\nversion = "14.0"\n'


def license_text() -> str:
    tokens = [issue_license(VENDOR, terms(serial), CONTAINER.public) for serial in ("5-1042", "5-1043")]
    return "# for plant 7\n" + "".join(f"{token}\n" for token in tokens)


@dataclass(frozen=True)
class Carried:
    """A kind of file: a good one, and how it is read; `read` returns what it says."""

    good: str
    read: Callable[[Path], object]
    bendable: bool = True


CARRIED: Mapping[str, Carried] = {
    "plant.lic": Carried(license_text(), lambda path: [e.terms for e in read_license_file(path, [VENDOR.public])]),
    "request.json": Carried(make_request(CONTAINER, "server-a", 1_800_000_000), read_request),
    "vendor.pub.json": Carried(json.dumps(VENDOR.public.to_jwk(), indent=2) + "\n", vendor_keys),
    "vendor.key": Carried(json.dumps(VENDOR.to_jwk()) + "\n", lambda path: PrivateKey.load(path).thumbprint),
    "order.toml": Carried(ORDER, read_orders, bendable=False),
}
FORMS: Mapping[str, Callable[[str], bytes]] = {
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "mark": lambda text: ("\ufeff" + text).encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, big endian": lambda text: ("\ufeff" + text).encode("utf-16-be"),
    "UTF-16 without mark": lambda text: text.encode("utf-16-le"),
    "UTF-16, big endian, without mark": lambda text: text.encode("utf-16-be"),
    "blanks at the ends": lambda text: text.replace("\n", "  \t\n").encode(),
    "blank lines": lambda text: ("\n\n" + text.replace("\n", "\n\n") + "\n \n").encode(),
    "old Mac": lambda text: text.replace("\n", "\r").encode(),
    "no last line end": lambda text: text.rstrip("\n").encode(),
}
BENT: Mapping[str, Callable[[str], bytes]] = {
    "wrapped by a mailer": lambda text: "\r\n".join(
        piece for line in text.splitlines() for piece in textwrap.wrap(line, 76, drop_whitespace=False)
    ).encode(),
}
LIMIT = 8 * 1024 * 1024
"""Bytes that reading any file may take."""


@pytest.fixture(params=CARRIED)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def refused(name: str, path: Path) -> str:
    """Read a file that is refused: in one line that names it, and in little memory."""
    tracemalloc.start()
    try:
        CARRIED[name].read(path)
    except (TrustError, OrderError) as error:
        reason = str(error)
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}"
    else:
        raise AssertionError(f"{path} was taken")
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < LIMIT
    assert str(path) in reason
    assert "\n" not in reason
    return reason


@pytest.mark.parametrize("form", [*FORMS, *BENT])
def test_a_file_is_taken_whatever_editors_and_mailers_did_to_it(name: str, form: str, tmp_path: Path) -> None:
    carried = CARRIED[name]
    (tmp_path / "good").write_text(carried.good)
    if form in BENT and not carried.bendable:
        pytest.skip("an order is typed where it is used")
    (tmp_path / name).write_bytes({**FORMS, **BENT}[form](carried.good))
    assert carried.read(tmp_path / name) == carried.read(tmp_path / "good")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b" \r\n", "it is empty"),
        (bytes(4096), "it is empty"),
        (NOISE, "it is not UTF-8 text from line 1 on"),
        (b"\xff\xfe" + b"x", "it is not whole UTF-16 text"),
        (b"-----BEGIN PUBLIC KEY-----\nMCow\n", "this is PEM text, not a"),
    ],
)
def test_what_is_no_such_file_is_refused(name: str, data: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    assert reason in refused(name, tmp_path / name)


def test_a_file_that_was_cut_short_is_no_bad_signature(name: str, tmp_path: Path) -> None:
    good = CARRIED[name].good.rstrip()
    for part in (0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
        (tmp_path / name).write_text(good[: int(len(good) * part)])
        reason = refused(name, tmp_path / name)
        assert "sign" not in reason
        assert name == "order.toml" or "cut short" in reason or "there is no license in it" in reason


def test_a_character_that_was_changed_on_its_way_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "plant.lic"
    lines = CARRIED["plant.lic"].good.splitlines()
    path.write_text("\n".join([lines[0], lines[1][:75] + "=", lines[1][75:]]))
    assert "line 2: this is no license: '=' after 75 characters" in refused("plant.lic", path)
    (tmp_path / "request.json").write_text(CARRIED["request.json"].good.replace('"name": "', '"name": \u201c'))
    assert "not JSON: line 2, column 11" in refused("request.json", tmp_path / "request.json")


def test_a_license_after_one_that_was_cut_short_is_not_taken_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "plant.lic"
    comment, first, second = CARRIED["plant.lic"].good.splitlines()
    path.write_text(f"{comment}\n{first[:-20]}\n{second}\n")
    assert "line 2: the license is cut short" in refused("plant.lic", path)


def test_a_file_of_100_megabytes_is_not_read(name: str, tmp_path: Path) -> None:
    with (tmp_path / name).open("wb") as file:
        file.write(CARRIED[name].good.encode())
        file.truncate(100_000_000)
    assert "it is larger than" in refused(name, tmp_path / name)


def test_a_folder_a_pipe_and_a_device_are_refused_at_once(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert "it is a folder; name the file in it" in refused(name, tmp_path / "folder")
    assert "it is a pipe or a device; save what it has" in refused(name, tmp_path / "pipe")
    assert "it is a pipe or a device; save what it has" in refused(name, Path("/dev/zero"))
    assert "No such file" in refused(name, tmp_path / "nothing")


def test_a_file_that_may_not_be_read_says_so(name: str, tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir()
    (tmp_path / "shut" / name).write_text(CARRIED[name].good)
    (tmp_path / "shut").chmod(0o600)
    with no_longer_root():
        assert "permission denied; let this user read it" in refused(name, tmp_path / "shut" / name)


@pytest.mark.parametrize("other", CARRIED)
def test_one_file_that_is_taken_for_another_is_named_for_what_it_is(name: str, other: str, tmp_path: Path) -> None:
    if name == other:
        return
    (tmp_path / other).write_text(CARRIED[other].good)
    reason = refused(name, tmp_path / other)
    said = {"vendor.pub.json": "this is a key", "vendor.key": "this is a key", "plant.lic": "this is a license file"}
    said |= {"request.json": "this is an activation request", "order.toml": "this is an order"}
    keys = {"vendor.pub.json", "vendor.key"}
    assert ("private key" if {name, other} == keys else said[other]) in reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SERVER this_host ANY 27000\nVENDOR acme\n", "line 1: this is no license: ' ' after 6 characters"),
        (json.dumps({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}), "this is a key (JWK), not a license file"),
    ],
)
def test_a_license_of_another_product_is_refused(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "plant.lic").write_text(text)
    assert reason in refused("plant.lic", tmp_path / "plant.lic")


def test_a_license_of_a_later_format_asks_for_a_later_version(tmp_path: Path) -> None:
    token = license_text().splitlines()[1]
    header, _, rest = sign(VENDOR, Kind.LICENSE, b"{}").partition(".")
    assert token.startswith(f"{header}.")
    later = f"eyJ0eXAiOiJzcGFyZWtleS1saWNlbnNlLTIiLCJhbGciOiJNTC1EU0EtNjUifQ.{rest}"
    (tmp_path / "plant.lic").write_text(later)
    reason = refused("plant.lic", tmp_path / "plant.lic")
    assert "'sparekey-license-2' of a later format; it needs a later version of Sparekey" in reason


def test_a_license_of_another_vendor_names_both_keys(tmp_path: Path) -> None:
    other = PrivateKey.generate()
    write_license_file(tmp_path / "plant.lic", [issue_license(other, terms(), CONTAINER.public)])
    reason = refused("plant.lic", tmp_path / "plant.lic")
    assert other.thumbprint in reason
    assert VENDOR.thumbprint in reason


# The commands


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """What the commands need besides the file that is wrong."""
    folder = tmp_path_factory.mktemp("places")
    places = {name: folder / name for name in ("good", "vendor", "order", "state", "key", "config")}
    VendorFolder(places["vendor"]).create()
    Container.init(places["state"], "server-a")
    places["good"].write_text(CARRIED["plant.lic"].good)
    places["order"].write_text(ORDER)
    places["config"].write_text("[Runtime]\nSERIAL0 = 5-1042\nSERIAL0_LOCATION = 127.0.0.1:1\nDEMO = 1\n")
    places["key"].write_text(CARRIED["vendor.pub.json"].good)
    return places


@pytest.mark.parametrize(
    "command",
    [
        "vendor show {file}",
        "vendor show {good} --vendor-key {file}",
        "vendor issue {file} --vendor {vendor} --demo --out {out}",
        "vendor issue {order} --vendor {vendor} --for {file} --out {out}",
        "server install {state} {file} --vendor-key {key}",
        "server install {state} {good} --vendor-key {file}",
        "config check --config {config} --state {state} --vendor-key {file}",
        "run --app Runtime --config {config} --state {state} --vendor-key {file} -- true",
        "run --app Runtime --config {config} --state {state} --vendor-key {key} --demo {file} -- true",
    ],
)
@pytest.mark.parametrize("kind", ["empty", "folder", "pipe"])
def test_each_command_says_what_is_wrong_with_a_file_in_one_line(
    command: str, kind: str, places: Mapping[str, Path], tmp_path: Path
) -> None:
    file, out = tmp_path / "file", tmp_path / "out"
    match kind:
        case "empty":
            file.touch()
        case "folder":
            file.mkdir()
        case "pipe":
            os.mkfifo(file)
    done = sparekey(*command.format(**places, file=file, out=out).split())
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert str(file) in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not out.exists()
