"""python -m simulation: many seeds, or one with every event (`make sim`)."""

from __future__ import annotations

import sys
import time

import click

from .run import run_seeds, show, show_seed
from .story import MINUTES


@click.command()
@click.option("--seeds", default=500, show_default=True, help="How many seeds.")
@click.option("--first", default=0, show_default=True, help="The first of them.")
@click.option("--seed", type=int, help="Only this one, with every event.")
@click.option("--minutes", default=MINUTES, show_default=True, help="How long a seed's faults go on, simulated.")
@click.option("--failures", default=5, show_default=True, help="Stop when so many seeds have failed.")
def main(seeds: int, first: int, seed: int | None, minutes: float, failures: int) -> None:
    """Let whole plants happen, each from its seed, and judge them."""
    if seed is not None:
        sys.exit(show_seed(seed, minutes))
    begun = time.monotonic()
    tally = run_seeds(range(first, first + seeds), minutes, failures)
    sys.exit(show(tally, time.monotonic() - begun))


if __name__ == "__main__":
    main()
