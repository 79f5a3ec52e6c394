"""What happened to the license, for people and programs: one JSON object a line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

import msgspec
from msgspec import Struct


class Report(Struct, omit_defaults=True):
    """One event. `t` is on the boot clock in seconds, `time` is RFC 3339."""

    t: float
    time: str
    event: str
    app: str
    serial: str
    entry: int
    reason: str
    old: str | None = None
    """The serial number before, where it changed (R10)."""

    def line(self) -> bytes:
        return msgspec.json.encode(self) + b"\n"


Listener: TypeAlias = Callable[[Report], None]


def rfc3339(unix: float) -> str:
    """Unix time in seconds as RFC 3339, UTC."""
    return datetime.fromtimestamp(unix, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
