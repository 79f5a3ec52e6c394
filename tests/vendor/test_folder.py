"""The vendor's folder: all is checked before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparekey.trust import PrivateKey, read_license_file
from sparekey.vendor.folder import FolderError, VendorFolder
from sparekey.vendor.issued import read_issued
from sparekey.vendor.orders import Order, OrderError

CONTAINER = PrivateKey.generate().public
NOW = 1_800_000_000
ORDER = Order("scada-runtime", "14.0")


@pytest.fixture
def folder(tmp_path: Path) -> VendorFolder:
    folder = VendorFolder(tmp_path / "acme")
    folder.create()
    return folder


def test_a_newer_issue_of_a_serial_is_newer_whatever_the_clock_says(folder: VendorFolder, tmp_path: Path) -> None:
    order = Order("scada-runtime", "14.0", serial="5-1042")
    times = []
    for now in (NOW, NOW, NOW - 3600):
        (issue,) = folder.issue([order], CONTAINER, tmp_path / "plant.lic", now)
        times.append(issue.record.issued)
    assert times == [NOW, NOW + 1, NOW + 2]


def test_a_serial_that_moves_to_another_server_is_told(folder: VendorFolder, tmp_path: Path) -> None:
    order = Order("scada-runtime", "14.0", serial="5-1042")
    other = PrivateKey.generate().public
    moves = [
        folder.issue([order], container, tmp_path / "plant.lic", NOW)[0].moved_from
        for container in (CONTAINER, CONTAINER, other)
    ]
    assert moves == [None, None, CONTAINER.thumbprint]


def test_a_free_number_is_never_one_that_stands_in_the_same_order(folder: VendorFolder, tmp_path: Path) -> None:
    orders = [ORDER, Order("scada-runtime", "14.0", serial="1-0001")]
    issues = folder.issue(orders, CONTAINER, tmp_path / "plant.lic", NOW)
    assert [issue.record.serial for issue in issues] == ["1-0002", "1-0001"]


def test_an_order_that_cannot_be_filled_writes_nothing(folder: VendorFolder, tmp_path: Path) -> None:
    huge = Order("scada-runtime", "14.0", modules=frozenset(f"module-{n:04}" for n in range(2000)))
    with pytest.raises(OrderError, match="license 2: the token has"):
        folder.issue([ORDER, huge], CONTAINER, tmp_path / "plant.lic", NOW)
    with pytest.raises(FolderError, match="is no folder"):
        folder.issue([ORDER], CONTAINER, tmp_path / "missing" / "plant.lic", NOW)
    assert not (tmp_path / "plant.lic").exists()
    assert read_issued(folder.ledger) == ()


def test_a_damaged_vendor_key_signs_nothing(folder: VendorFolder, tmp_path: Path) -> None:
    folder.private_key.write_text("{}")
    with pytest.raises(FolderError, match=r"vendor\.key: this is no private key .* safe place"):
        folder.issue([ORDER], CONTAINER, tmp_path / "plant.lic", NOW)


def test_a_folder_with_licenses_reads_back(folder: VendorFolder, tmp_path: Path) -> None:
    folder.issue([ORDER, ORDER], CONTAINER, tmp_path / "plant.lic", NOW)
    key = PrivateKey.load(folder.private_key).public
    licenses = read_license_file(tmp_path / "plant.lic", [key])
    assert [license_.terms.serial for license_ in licenses] == ["1-0001", "1-0002"]
    assert [record.serial for record in read_issued(folder.ledger)] == ["1-0001", "1-0002"]
