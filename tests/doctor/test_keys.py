"""The vendor's key, as this system has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from doctor.clinic import look_at
from plant import Vendor
from stories.stage import BACKUP, HOME, Stage

pytestmark = pytest.mark.plant


def test_t1_a_key_that_does_not_fit_is_told_with_both_thumbprints(stage: Stage, tmp_path: Path) -> None:
    other = Vendor(tmp_path / "other")
    system = stage.system((HOME, stage.server(HOME, vendor=other)), MIN_BACKUPS=0)
    report = look_at(system)
    wanted, pinned = other.key.thumbprint, stage.vendor.key.thumbprint
    cure = report.fault("vendor key", f"license {HOME} is signed with the vendor key {wanted}", pinned)
    assert f"vendor.pub.json with the thumbprint {wanted}" in cure
    assert str(system.vendor_key) in cure


def test_t1_it_is_known_from_the_license_that_was_seen_last_while_the_server_is_down(
    stage: Stage, tmp_path: Path
) -> None:
    server = stage.server(HOME)
    system = stage.system((HOME, server), MIN_BACKUPS=0)
    system.start().close()
    server.stop()
    system.vendor_key = Vendor(tmp_path / "other").public
    assert look_at(system).fault("vendor key", HOME, stage.vendor.key.thumbprint)


def test_one_of_several_licenses_of_another_vendor(stage: Stage, tmp_path: Path) -> None:
    other = stage.server(BACKUP, vendor=Vendor(tmp_path / "other"))
    report = look_at(stage.system((HOME, stage.server(HOME)), (BACKUP, other)))
    assert report.fault("vendor key", f"license {BACKUP} is signed")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        (b"", ""),
        (b"hello", ""),
        (b'{"kty":"OKP","crv":"Ed25519","x":"AAAA","d":"AAAA"}', "this is a private key"),
    ],
)
def test_a_key_that_cannot_be_read_is_told_with_its_place(stage: Stage, content: bytes | None, said: str) -> None:
    system = stage.system((HOME, stage.server(HOME)))
    system.vendor_key = system.folder / "vendor.pub.json"
    if content is not None:
        system.vendor_key.write_bytes(content)
    report = look_at(system)
    assert str(system.vendor_key) in report.fault("vendor key", str(system.vendor_key), said)
    assert "AAAA" not in str(report)


def test_a_key_that_nobody_may_read(stage: Stage) -> None:
    system = stage.system((HOME, stage.server(HOME)))
    system.vendor_key = system.folder
    assert look_at(system).fault("vendor key", str(system.folder))
