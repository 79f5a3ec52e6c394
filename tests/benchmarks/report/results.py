"""The store of results: what was measured last, and what has moved since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.report.figures import RATIO, Figure, Quantity


class Results(msgspec.Struct):
    """One run: when and where, how many rounds, and its figures by the name of the measurement."""

    measured: str
    rounds: int
    commit: str
    machine: dict[str, str]
    load: float
    """How many processes wanted to run when it began: others make absolute figures worse, and ratios less so."""
    measurements: dict[str, list[Figure]]


class StoreError(Exception):
    """The stored results cannot be read."""


@dataclass(frozen=True, slots=True)
class Move:
    """A ratio that is another one than last time, beyond the spread of both."""

    quantity: Quantity
    was: float
    now: float

    def __str__(self) -> str:
        return f"{self.quantity.what}, {self.quantity.at or 'all'}: {self.was:.3g} -> {self.now:.3g}"


def moves(last: Iterable[Figure], now: Iterable[Figure]) -> Iterator[Move]:
    """What has moved: the rounds of then and of now do not overlap. Ratios only: the rest is the machine's."""
    before = {figure.quantity: figure for figure in last}
    for figure in now:
        old = before.get(figure.quantity)
        if old and figure.quantity.unit == RATIO and (figure.low > old.high or figure.high < old.low):
            yield Move(figure.quantity, old.median, figure.median)


def load(path: Path) -> Results | None:
    """The results of the last run, None where there was none; raise StoreError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Results)
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise StoreError(f"{path} has no results that can be read ({error}); remove it to begin anew") from None


def joined(last: Results | None, now: Results) -> Results:
    """Now's figures, and those of measurements that were left out this time."""
    kept: Mapping[str, Sequence[Figure]] = last.measurements if last else {}
    return msgspec.structs.replace(now, measurements={**kept, **now.measurements})


def save(path: Path, results: Results) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")
