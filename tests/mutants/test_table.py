"""The table of mutants fits the source."""

from __future__ import annotations

import pytest

from .mutant import ROOT, Mutant
from .table import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_fragment_is_there_exactly_once_and_what_replaces_it_compiles(mutant: Mutant) -> None:
    spoiled = mutant.spoil(ROOT)
    assert compile(spoiled, mutant.file, "exec", dont_inherit=True)
    assert spoiled != (ROOT / mutant.file).read_text(encoding="utf-8")


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 40
