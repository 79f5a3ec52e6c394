"""ORDER.toml: what is sold is what is signed; a slip of the pen is named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.core.terms import Terms
from sparekey.vendor.orders import OrderError, read_orders

FULL = """
[[license]]
serial = "5-1042"            # left out: the next free number
product = "scada-runtime"
version = "14.0"
seats = 2
limits = { tags = 1500, clients = -1 }
modules = ["history", "energy"]
valid_from = 2026-01-01
valid_until = 2036-12-31
shared = false
"""
LEAST = '[[license]]\nproduct = "p"\nversion = "1"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "order.toml"


def test_an_order_becomes_terms(path: Path) -> None:
    path.write_text(FULL)
    (order,) = read_orders(path)
    assert order.terms("5-1042", 7) == Terms(
        serial="5-1042",
        product="scada-runtime",
        version="14.0",
        seats=2,
        limits={"tags": 1500, "clients": -1},
        modules=frozenset({"history", "energy"}),
        valid_from=date(2026, 1, 1),
        valid_until=date(2036, 12, 31),
        shared=False,
        issued=7,
    )


def test_what_an_order_leaves_out_has_a_default(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
    (order,) = read_orders(path)
    assert order.serial is None
    assert order.terms("1-0001", 0) == Terms("1-0001", "p", "1", seats=1, shared=True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LEAST + "limts = { tags = 1 }", "license 1: unknown key 'limts': did you mean 'limits'?"),
        (LEAST + "zzz = 1", "license 1: unknown key 'zzz': there are product, version, "),
        (LEAST + "issued = 1", "unknown key 'issued'"),
        (LEAST + LEAST + "seat = 1", "license 2: unknown key 'seat': did you mean 'seats'?"),
        (LEAST.replace("license", "licence"), "unknown key 'licence': did you mean 'license'?"),
        ('[[license]]\nversion = "1"', "license 1: product must be given"),
        ("[[license]]", "license 1: product and version must be given"),
        ("", "it is empty"),
        ("# nothing", "[[license]], in double brackets"),
        (LEAST + 'serial = "DEMO"', "license 1: serial: DEMO is what is shown while any demo license runs"),
        (LEAST + 'serial = "Demo"', "license 1: serial: Demo is what is shown"),
        (LEAST + "a." * 33 + "a = 1", "line 4: a key has a few parts at most"),
        (LEAST + "a" + " . 'b.c'" * 100_000 + " = 1", "line 4: a key has a few parts at most"),
        ("license = []", "[[license]], in double brackets"),
        (LEAST.replace("[[license]]", "[license]"), "[[license]], in double brackets"),
        (LEAST.replace('"1"', "14.0"), "license 1: version: expected str, got float"),
        (LEAST + 'seats = "1"', "license 1: seats: expected int, got str"),
        (LEAST + "seats = true", "license 1: seats: expected int, got bool"),
        (LEAST + "seats = 0", "license 1: seats: 0 is too small"),
        (LEAST + "limits = { tags = 1.5 }", "license 1: limits: expected int, got float"),
        (LEAST + "limits = { tags = -2 }", "license 1: limits: tags: -2 is too small"),
        (LEAST + 'modules = "history"', "license 1: modules: expected array, got str"),
        (LEAST + "shared = 1", "license 1: shared: expected bool, got int"),
        (LEAST + "valid_from = 2026-01-01T10:00:00", "license 1: valid_from: "),
        (LEAST + "valid_from = 2026-01-02\nvalid_until = 2026-01-01", "license 1: valid_until 2026-01-01 is before"),
        (LEAST + 'serial = ""', "license 1: serial: "),
        (LEAST + 'serial = "*"', "license 1: serial: '*' stands for any"),
        ((LEAST + 'serial = "5-1"\n') * 2, "serial 5-1 stands in it twice"),
        (LEAST + "seats = \n", "(at line 4, column 9)"),
        ("x = " + "[" * 5000, "nested too deeply"),
        (LEAST + "# é", "not UTF-8"),
        ("#" * (1024 * 1024 + 1), "larger than 1024 KiB"),
    ],
)
def test_a_wrong_order_is_refused_with_file_and_place(path: Path, text: str, reason: str) -> None:
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(OrderError) as raised:
        read_orders(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert reason in str(raised.value)


@given(data=st.binary() | st.text().map(str.encode))
def test_t6_any_bytes_are_refused_with_a_reason(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(data)
    with pytest.raises(OrderError):
        read_orders(path)
