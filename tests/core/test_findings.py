"""What can be said of an entry: whether its license could be taken, and why not (R3, R13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from scripted import entry, terms
from sparekey.core.findings import Finding, Measure, Offer, State, assess, in_use
from sparekey.core.requests import Occupant
from sparekey.core.terms import Terms, Validity

MEASURE = Measure("A", terms("A"), None)


def offer(license_: Terms, *, free: int = 1, mine: bool = False, validity: Validity = Validity.VALID) -> Offer:
    return Offer(license_.serial, license_, validity, free, mine)


def found(*offers: Offer, serial: str = "B", measure: Measure = MEASURE) -> Finding:
    return assess(entry(1, serial), offers, measure)


def test_r3_an_equal_license_with_a_free_seat_is_ready() -> None:
    assert found(offer(terms("B"))) == Finding(State.READY, "B", "free")


def test_r12_a_seat_that_this_holder_has_already_counts_as_ready() -> None:
    assert found(offer(terms("B"), free=0, mine=True)).state is State.READY


def test_r3_a_worse_license_says_in_what() -> None:
    assert found(offer(terms("B", tags=1))) == Finding(State.WORSE, "B", "tags 1 < 100")


def test_r3_without_the_initial_licenses_terms_nothing_is_good_enough() -> None:
    finding = found(offer(terms("B")), measure=Measure("A", None, None))
    assert finding.state is State.WORSE
    assert "the terms of A are not known" in finding.reason


def test_r3_the_initial_license_is_never_worse_than_itself() -> None:
    assert Measure("A", None, None).objections(terms("A")) == ()


def test_r3_a_product_that_the_list_names_binds_the_initial_license_too() -> None:
    assert Measure("A", None, "other").objections(terms("A")) == ("product scada is not other",)


def test_r3_a_newer_issue_of_the_initial_license_is_the_measure_an_older_one_is_not() -> None:
    newer, older = replace(terms("A", tags=5), issued=2), replace(terms("A", tags=9), issued=1)
    assert MEASURE.learn(newer).learn(older).reference == newer
    assert MEASURE.learn(terms("B", tags=9)) == MEASURE


@pytest.mark.parametrize(
    ("validity", "reason"),
    [(Validity.EXPIRED, "expired on 2026-12-31"), (Validity.NOT_YET, "not valid before 2026-01-01")],
)
def test_r3_a_license_that_is_not_valid_now_says_since_when_or_until_when(validity: Validity, reason: str) -> None:
    license_ = replace(terms("B"), valid_from=date(2026, 1, 1), valid_until=date(2026, 12, 31))
    assert found(offer(license_, validity=validity)) == Finding(State.INVALID, "B", reason, until=date(2026, 12, 31))


def test_r13_a_full_license_says_who_uses_it() -> None:
    occupant = Occupant("id", "plant-7", "Runtime", 0.0, spare=False)
    full = replace(offer(terms("B"), free=0), occupants=(occupant,))
    assert found(full) == Finding(State.FULL, "B", "in use by Runtime on plant-7")


def test_r13_of_many_who_use_it_five_are_named() -> None:
    occupants = [Occupant("id", f"plant-{n}", "R", 0.0, spare=False) for n in range(7)]
    assert in_use(occupants).endswith("R on plant-4 and others")


def test_r13_a_server_without_the_license_says_so() -> None:
    assert found(offer(terms("C"))) == Finding(State.MISSING, "B", "b:6350 has no license B")
    assert found(serial="*").reason == "*:6350 has no other license"


def test_a_star_finds_the_license_that_is_nearest_to_being_taken() -> None:
    offers = [offer(terms("worse", tags=1)), offer(terms("full"), free=0), offer(terms("good"))]
    assert found(*offers, serial="*").serial == "good"
    assert found(*offers[:2], serial="*").serial == "full"


def test_r13_a_star_names_every_license_that_could_be_taken() -> None:
    offers = [offer(terms("full"), free=0), offer(terms("good")), offer(terms("too"), mine=True)]
    assert found(*offers, serial="*").takeable == {"good", "too"}
    assert found(offers[0], serial="*").takeable == frozenset()


@pytest.mark.parametrize(
    ("measure", "suits"),
    [
        (Measure("A", None, None), True),
        (Measure("A", None, "scada"), True),
        (Measure("A", None, "other"), False),
        (Measure("A", terms("A", tags=9999), None), True),
        (Measure("A", replace(terms("A"), product="other"), None), False),
    ],
)
def test_r6_of_a_demo_license_the_product_only_is_compared(measure: Measure, suits: bool) -> None:
    assert measure.suits_demo(terms("demo")) is suits
