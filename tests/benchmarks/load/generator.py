"""The generator as those see it who measure."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from benchmarks.load.orders import Fault, Order, Tale
from benchmarks.program import start


class GivenUp(Exception):
    """The generator could not carry an order out: the text says why."""


class Generator:
    """A running load generator; made by `generator`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def begin(self, order: Order) -> None:
        assert self._process.stdin
        self._process.stdin.write(msgspec.json.encode(order).decode() + "\n")
        self._process.stdin.flush()

    def end(self) -> Tale:
        """What came of the order that was begun; raise GivenUp."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise GivenUp("the load generator ended")
        try:
            return msgspec.json.decode(line, type=Tale)
        except msgspec.ValidationError:
            raise GivenUp(msgspec.json.decode(line, type=Fault).reason) from None

    def carry_out(self, order: Order) -> Tale:
        self.begin(order)
        return self.end()


@contextmanager
def generator() -> Iterator[Generator]:
    with start("benchmarks.load") as process:
        yield Generator(process)
