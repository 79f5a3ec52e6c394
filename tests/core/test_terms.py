"""What a license permits, and the order among licenses (R3, S7)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.core.terms import LARGEST_NUMBER, Terms, TermsError, Validity, shortfalls, validity

INITIAL = Terms("5-1042", "scada-runtime", "14.0", limits={"tags": 1500}, modules=frozenset({"history"}))

some_terms = st.builds(
    Terms,
    serial=st.sampled_from(["5-1042", "5-1043"]),
    product=st.sampled_from(["scada-runtime", "scada-view"]),
    version=st.sampled_from(["13", "13.2", "14", "14.0", "14.0.0.1"]),
    seats=st.integers(1, 3),
    limits=st.dictionaries(st.sampled_from(["tags", "clients"]), st.sampled_from([-1, 0, 1, 500])),
    modules=st.frozensets(st.sampled_from(["history", "energy"])),
)


# R3: equal or better


def test_r3_a_twin_is_equal() -> None:
    assert shortfalls(replace(INITIAL, serial="5-1043"), INITIAL) == ()


def test_r3_another_product_is_never_enough() -> None:
    backup = replace(INITIAL, product="scada-view", version="99")
    assert shortfalls(backup, INITIAL) == ("product scada-view is not scada-runtime",)


@pytest.mark.parametrize("version", ["14", "14.0.0", "14.0.1", "14.10", "15", "014.0"])
def test_r3_a_version_at_least_as_high_is_enough(version: str) -> None:
    assert shortfalls(replace(INITIAL, version=version), INITIAL) == ()


def test_r3_a_lower_version_is_not_enough() -> None:
    assert shortfalls(replace(INITIAL, version="13.2"), INITIAL) == ("version 13.2 < 14.0",)


def test_r3_versions_are_compared_as_numbers() -> None:
    assert shortfalls(replace(INITIAL, version="14.9"), replace(INITIAL, version="14.10")) == ("version 14.9 < 14.10",)


def test_r3_a_lower_limit_is_not_enough() -> None:
    assert shortfalls(replace(INITIAL, limits={"tags": 500}), INITIAL) == ("tags 500 < 1500",)


def test_r3_a_missing_limit_of_the_backup_counts_as_zero() -> None:
    assert shortfalls(replace(INITIAL, limits={}), INITIAL) == ("tags 0 < 1500",)
    assert shortfalls(replace(INITIAL, limits={}), replace(INITIAL, limits={"tags": 0})) == ()


def test_r3_a_limit_that_the_initial_license_lacks_is_not_compared() -> None:
    assert shortfalls(replace(INITIAL, limits={"tags": 1500, "clients": 0}), INITIAL) == ()


def test_r3_unlimited_is_better_than_any_number() -> None:
    unlimited = replace(INITIAL, limits={"tags": -1})
    assert shortfalls(unlimited, INITIAL) == ()
    assert shortfalls(unlimited, unlimited) == ()
    assert shortfalls(INITIAL, unlimited) == ("tags 1500 < unlimited",)


def test_r3_every_module_must_be_present() -> None:
    initial = replace(INITIAL, modules=frozenset({"history", "energy"}))
    assert shortfalls(replace(INITIAL, modules=frozenset({"other"})), initial) == (
        "module energy is missing",
        "module history is missing",
    )


def test_r3_all_reasons_are_told_at_once() -> None:
    worse = Terms("5-1043", "scada-view", "13", limits={"tags": 5})
    assert len(shortfalls(worse, INITIAL)) == 4


def test_r3_seats_and_dates_are_not_compared() -> None:
    backup = replace(INITIAL, seats=1, valid_until=date(2020, 1, 1))
    assert shortfalls(backup, replace(INITIAL, seats=9)) == ()


@given(some_terms)
def test_r3_a_license_is_equal_to_itself(terms: Terms) -> None:
    assert shortfalls(terms, terms) == ()


@given(some_terms, some_terms, some_terms)
def test_r3_the_better_of_a_better_one_is_better(best: Terms, middle: Terms, least: Terms) -> None:
    if not shortfalls(best, middle) and not shortfalls(middle, least):
        assert shortfalls(best, least) == ()


@given(some_terms, some_terms)
def test_r3_two_licenses_that_are_each_enough_for_the_other_are_worth_the_same(one: Terms, other: Terms) -> None:
    def worth(terms: Terms) -> tuple[str, list[str], Mapping[str, int], frozenset[str]]:
        version = terms.version.split(".")
        while version[-1] == "0":
            version.pop()
        return terms.product, version, {name: n for name, n in terms.limits.items() if n != 0}, terms.modules

    both = not shortfalls(one, other) and not shortfalls(other, one)
    assert both == (worth(one) == worth(other))


@given(some_terms, some_terms)
def test_r3_what_is_added_never_makes_a_license_worse(backup: Terms, initial: Terms) -> None:
    richer = replace(
        backup,
        version=f"{backup.version}.1",
        limits=dict.fromkeys(("tags", "clients"), -1),
        modules=backup.modules | {"energy"},
    )
    if not shortfalls(backup, initial):
        assert shortfalls(richer, initial) == ()


# S7: whole days, in UTC


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2025-12-31T23:59:59.999", Validity.NOT_YET),
        ("2026-01-01T00:00:00", Validity.VALID),
        ("2026-01-02T23:59:59.999", Validity.VALID),
        ("2026-01-03T00:00:00", Validity.EXPIRED),
    ],
)
def test_s7_the_first_and_the_last_day_count_whole(at: str, expected: Validity) -> None:
    terms = replace(INITIAL, valid_from=date(2026, 1, 1), valid_until=date(2026, 1, 2))
    assert validity(terms, seconds(at)) is expected


@pytest.mark.parametrize("at", [float("-inf"), 0.0, 1e30])
def test_s7_a_license_without_dates_is_always_valid(at: float) -> None:
    assert validity(INITIAL, at) is Validity.VALID


@given(st.dates(), st.floats(0, 86_400, exclude_max=True))
def test_s7_a_license_for_one_day_is_valid_at_each_of_its_seconds(day: date, second: float) -> None:
    terms = replace(INITIAL, valid_from=day, valid_until=day)
    midnight = (day - date(1970, 1, 1)).total_seconds()
    assert validity(terms, midnight) is Validity.VALID
    assert validity(terms, midnight + 86_400) is Validity.EXPIRED
    assert validity(terms, midnight - 1) is Validity.NOT_YET


# Terms that cannot be


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("serial", ""),
        ("serial", "5 1042"),
        ("serial", "x" * 65),
        ("serial", "*"),
        ("product", ""),
        ("product", " scada"),
        ("product", "sca\x1bda"),
        ("product", "x" * 65),
        ("version", ""),
        ("version", "14."),
        ("version", "v14"),
        ("version", "-1"),
        ("version", "١٤"),
        ("version", "1\n"),
        ("version", "9" * 5000),
        ("seats", 0),
        ("seats", -1),
        ("seats", LARGEST_NUMBER + 1),
        ("limits", {"": 1}),
        ("limits", {"tags": -2}),
        ("modules", frozenset({"a\nb"})),
        ("issued", -1),
        ("demo_seconds", 0),
    ],
)
def test_terms_that_cannot_be_name_their_field(field: str, value: object) -> None:
    with pytest.raises(TermsError, match=f"^{field}"):
        replace(INITIAL, **{field: value})  # type: ignore[arg-type]


def test_a_license_cannot_end_before_it_begins() -> None:
    with pytest.raises(TermsError, match="valid_until 2026-01-01 is before valid_from 2026-01-02"):
        replace(INITIAL, valid_from=date(2026, 1, 2), valid_until=date(2026, 1, 1))


def test_terms_do_not_change_with_what_they_were_made_of() -> None:
    limits = {"tags": 1}
    terms = replace(INITIAL, limits=limits)
    limits["tags"] = 2
    assert terms.limits == {"tags": 1}
    with pytest.raises(TypeError):
        terms.limits["tags"] = 3  # type: ignore[index]


def test_terms_are_told_as_json() -> None:
    terms = replace(INITIAL, valid_until=date(2036, 12, 31), modules=frozenset({"history", "energy"}))
    told = json.loads(json.dumps(terms.as_json()))
    assert (told["limits"], told["modules"]) == ({"tags": 1500}, ["energy", "history"])
    assert (told["valid_from"], told["valid_until"]) == (None, "2036-12-31")
