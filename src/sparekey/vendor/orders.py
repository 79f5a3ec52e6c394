"""ORDER.toml: what a customer bought, a table `[[license]]` for each license."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import msgspec

from sparekey.core.actions import DEMO_SERIAL
from sparekey.core.terms import Terms, TermsError
from sparekey.toml import parse
from sparekey.trust.files import FileKind, read_text

LARGEST_ORDER = 1024 * 1024


class OrderError(ValueError):
    """An order that cannot be filled; the text says where it is wrong and what is right."""


@dataclass(frozen=True, slots=True)
class Order:
    """One license as ordered. `serial` is None where the next free number serves."""

    product: str
    version: str
    serial: str | None = None
    seats: int = 1
    limits: dict[str, int] = field(default_factory=dict)
    modules: frozenset[str] = frozenset()
    valid_from: date | None = None
    valid_until: date | None = None
    shared: bool = True
    demo_seconds: int | None = None

    def terms(self, serial: str, issued: int) -> Terms:
        """The terms of this order under a serial number, issued at this Unix time; raise TermsError."""
        return Terms(
            serial=serial,
            product=self.product,
            version=self.version,
            seats=self.seats,
            limits=self.limits,
            modules=self.modules,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            shared=self.shared,
            issued=issued,
            demo_seconds=self.demo_seconds,
        )


_KEYS = tuple(Order.__dataclass_fields__)
_REQUIRED = ("product", "version")


def read_orders(path: Path) -> tuple[Order, ...]:
    """The orders in the file, at least one; raise OrderError with file and place, or OSError."""
    try:
        tables = _tables(read_text(path, LARGEST_ORDER, FileKind.ORDER))
        orders = tuple(_order(table, number) for number, table in enumerate(tables, start=1))
        _check_serials(orders)
    except ValueError as error:
        raise OrderError(f"{path}: {error}") from None
    return orders


def _tables(text: str) -> list[dict[str, object]]:
    """What the file has under `[[license]]`. Errors of its TOML name the line."""
    document = parse(text.replace("\r\n", "\n").replace("\r", "\n"))  # TOML has no line end of CR alone
    _check_keys(document, ("license",))
    tables = document.get("license")
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise OrderError("an order has a table [[license]], in double brackets, for each license")
    return tables


def _order(table: dict[str, object], number: int) -> Order:
    try:
        _check_keys(table, _KEYS)
        if missing := [key for key in _REQUIRED if key not in table]:
            raise OrderError(f"{' and '.join(missing)} must be given")
        order = msgspec.convert(table, Order)
        order.terms(order.serial if order.serial is not None else "1-0001", 0)
        _check_not_demo(order)
    except msgspec.ValidationError as error:
        raise OrderError(f"license {number}: {_where_first(error)}") from None
    except (OrderError, TermsError) as error:
        raise OrderError(f"license {number}: {error}") from None
    return order


def _check_keys(table: dict[str, object], known: tuple[str, ...]) -> None:
    """A misspelt key must not silently drop what was sold."""
    for key in table:
        if key not in known:
            close = get_close_matches(key, known, 1)
            advice = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(known)}"
            raise OrderError(f"unknown key '{key[:40]}': {advice}")


def _check_not_demo(order: Order) -> None:
    """The system variable that shows serial numbers says DEMO of the demo license (R10)."""
    if order.serial is not None and order.serial.upper() == DEMO_SERIAL:
        raise OrderError(f"serial: {order.serial} is what is shown while any demo license runs; take another")


def _check_serials(orders: tuple[Order, ...]) -> None:
    given = [order.serial for order in orders if order.serial is not None]
    if twice := [serial for serial in given if given.count(serial) > 1]:
        raise OrderError(f"serial {twice[0]} stands in it twice; a serial number names one license")


def _where_first(error: msgspec.ValidationError) -> str:
    """msgspec writes "WHAT - at `$.KEY`"; say it in the order in which people look."""
    what, _, where = str(error).partition(" - at `$.")
    return f"{where.rstrip('`').partition('[')[0]}: {what.replace('`', '').lower()}"
