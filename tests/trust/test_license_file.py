"""License files: a license a line, and room for people's words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.core.terms import Terms
from sparekey.trust import (
    PrivateKey,
    TrustError,
    issue_license,
    peek_license_file,
    read_license_file,
    write_license_file,
)

VENDOR = PrivateKey.generate()
CONTAINER = PrivateKey.generate()


def token(serial: str) -> str:
    return issue_license(VENDOR, Terms(serial, "scada-runtime", "14.0"), CONTAINER.public)


def serials(path: Path) -> list[str]:
    return [found.terms.serial for found in read_license_file(path, [VENDOR.public])]


def test_a_license_file_reads_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "plant.lic"
    write_license_file(path, [token("5-1042"), token("5-1043")], "for plant 7\nserver-a")
    assert serials(path) == ["5-1042", "5-1043"]
    assert path.read_text().startswith("# for plant 7\n# server-a\n")
    assert [found.terms.serial for found in peek_license_file(path)] == ["5-1042", "5-1043"]
    assert list(tmp_path.iterdir()) == [path]


def test_what_mail_and_editors_do_to_a_license_file_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "plant.lic"
    lines = ["", "# Grüße", f"  {token('5-1042')}\t ", "", f"{token('5-1043')}"]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert serials(path) == ["5-1042", "5-1043"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"# only words\n", "no license in it"),
        (b"\n# a comment\nx.y.z\n", "line 3: "),
        ("# für Werk 7".encode("latin-1"), "not UTF-8 text from line 1 on"),
        (b"#" * (1024 * 1024 + 1), "larger than 1024 KiB"),
    ],
)
def test_a_wrong_license_file_is_refused_with_its_name_and_line(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "plant.lic"
    path.write_bytes(data)
    with pytest.raises(TrustError, match=reason) as raised:
        read_license_file(path, [VENDOR.public])
    assert str(raised.value).startswith(f"{path}: ")


def test_t1_one_wrong_license_spoils_the_file(tmp_path: Path) -> None:
    path = tmp_path / "plant.lic"
    fake = issue_license(CONTAINER, Terms("5-1043", "scada-runtime", "14.0"), CONTAINER.public)
    write_license_file(path, [token("5-1042"), fake])
    with pytest.raises(TrustError, match=r"line 2: .* not signed by the right key"):
        serials(path)


@given(data=st.binary())
def test_t6_any_bytes_are_refused_with_a_reason(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.lic"
    path.write_bytes(data)
    with pytest.raises(TrustError):
        read_license_file(path, [VENDOR.public])
