"""Speaking with a program of the benchmarks: a line of JSON each way."""

from __future__ import annotations

import subprocess
from typing import TypeVar

import msgspec

from benchmarks.load.generator import GivenUp
from benchmarks.load.orders import Fault

T = TypeVar("T", bound=msgspec.Struct)


def tell(process: subprocess.Popen[str], message: msgspec.Struct) -> None:
    assert process.stdin
    process.stdin.write(msgspec.json.encode(message).decode() + "\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str], kind: type[T]) -> T:
    """What it says next; raise GivenUp where that is a Fault, or nothing."""
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise GivenUp("a program of the benchmarks has ended")
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.ValidationError:
        raise GivenUp(msgspec.json.decode(line, type=Fault).reason) from None


def ask(process: subprocess.Popen[str], message: msgspec.Struct, kind: type[T]) -> T:
    tell(process, message)
    return hear(process, kind)
