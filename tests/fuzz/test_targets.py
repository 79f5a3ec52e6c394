"""Each parser with input that nobody meant, for a moment; `make fuzz` goes on for as long as you like."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from fuzz.command import main
from fuzz.table import TARGETS
from fuzz.target import Target

EXAMPLES = 100
BROKE = (
    ("answer", b'\x00"\xff"'),
    ("answer", b'\x03{"x":' + b"[" * 5000),
    ("state record", b'\x00{"x":' + b"[" * 5000),
    ("issued.jsonl", b'{"x":' + b"[" * 5000 + b"\n"),
    ("order", b"a." * 100_000 + b"a = 1"),
)
"""Input that once brought a traceback, or took all memory."""


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


@pytest.mark.parametrize(("name", "data"), BROKE)
def test_what_once_broke_a_parser_does_so_no_more(name: str, data: bytes) -> None:
    (target,) = (target for target in TARGETS if target.name == name)
    target.check(data)


def test_a_finding_is_kept_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def breaks(data: bytes) -> None:
        if b"\xff" in data:
            raise KeyError("this one")

    targets = (Target("fragile", breaks, (b"\xff",)), Target("sound", lambda _: None, (b"good",)))
    assert main(["--seconds", "4", "--seed", "1", "--findings", str(tmp_path)], targets) == 1
    (kept,) = tmp_path.iterdir()
    assert kept.name.startswith("fragile-")
    assert kept.read_bytes() == b"\xff"
    printed = capsys.readouterr().out
    assert "KeyError: 'this one'" in printed
    assert str(kept) in printed
    assert "sound" in printed
