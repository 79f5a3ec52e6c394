"""What happened in a seed, line by line; and its fingerprint."""

from __future__ import annotations

import hashlib

from history.records import Record


class Trace:
    """Lines of `time who what`, in order."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, now: float, who: str, what: object) -> None:
        self.lines.append(f"{now:12.6f} {who:<10} {what}")

    def record(self, record: Record) -> None:
        self.lines.append(f"{record.t:12.6f} history    {record}")

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()

    def tail(self, most: int = 60) -> list[str]:
        """The last lines: what led to a breach."""
        return self.lines[-most:]
