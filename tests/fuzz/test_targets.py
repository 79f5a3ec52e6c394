"""Each parser with input that nobody meant, for a moment; `make fuzz` goes on for as long as you like."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from fuzz.command import main
from fuzz.table import TARGETS
from fuzz.target import Target

EXAMPLES = 100


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_good_input_is_taken(target: Target) -> None:
    for sample in target.samples:
        target.check(sample)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_t6_whatever_is_given_only_the_parsers_own_errors_come_out(target: Target) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(target.inputs)
    def check(data: bytes) -> None:
        target.check(data)

    check()


def test_a_finding_is_kept_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def breaks(data: bytes) -> None:
        if data.count(b"\xff") > 1:
            raise KeyError("two of them")

    targets = (Target("fragile", breaks, (b"\xff",)), Target("sound", lambda _: None, (b"good",)))
    assert main(["--seconds", "20", "--seed", "1", "--findings", str(tmp_path)], targets) == 1
    (kept,) = tmp_path.iterdir()
    assert kept.name.startswith("fragile-")
    assert kept.read_bytes() == b"\xff\xff"
    printed = capsys.readouterr().out
    assert "KeyError: 'two of them'" in printed
    assert str(kept) in printed
    assert "sound" in printed
