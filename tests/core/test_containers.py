"""Which container is met where: S5."""

from __future__ import annotations

from sparekey.core.containers import met_twice
from sparekey.core.entries import Location

A, B, C = Location("a"), Location("b"), Location("c")


def test_s5_a_container_at_two_addresses_is_named_with_both() -> None:
    assert met_twice([(A, "one"), (B, "two"), (C, "one")]) == {"one": (A, C)}


def test_s5_one_address_that_several_entries_have_is_one() -> None:
    assert met_twice([(A, "one"), (A, "one")]) == {}


def test_s5_where_nothing_answered_nobody_was_met() -> None:
    assert met_twice([(A, None), (B, None)]) == {}
