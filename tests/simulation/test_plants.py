"""500 whole plants, each from its seed: R1-R13, S1-S6 hold in what they meet. `make sim` tells longer stories."""

from __future__ import annotations

import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from .story import tell
from .trace import Trace

SEEDS = 500
MINUTES = 2.0
"""So long do the faults of a seed go on here, in simulated time."""
BATCH = 25


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_no_rule_is_broken(first: int) -> None:
    outcomes = [tell(seed, MINUTES) for seed in range(first, first + BATCH)]
    assert not {o.seed: str(o.breaches[0]) for o in outcomes if o.breaches}
    assert sum(o.rows.total() for o in outcomes) > 0


def test_the_same_seed_is_the_same_story_byte_by_byte_in_another_process() -> None:
    seed = 7
    trace = Trace()
    tell(seed, MINUTES, trace)
    again = "; ".join(
        (
            "from simulation.story import tell",
            "from simulation.trace import Trace",
            "trace = Trace()",
            f"tell({seed}, {MINUTES}, trace)",
            "print(trace.fingerprint)",
        )
    )
    tests = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", again], cwd=tests, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == trace.fingerprint
    assert len(trace.lines) > 100


def test_a_trace_changes_nothing() -> None:
    for seed in islice((11, 12, 13), 3):
        quiet, told = tell(seed, MINUTES), tell(seed, MINUTES, Trace())
        assert (quiet.events, quiet.met, quiet.rows) == (told.events, told.met, told.rows)
