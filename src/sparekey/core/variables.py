"""System variables: named, typed, observable values with a time and a quality (R10)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool | None
"""None: there is no value, e.g. the days left of a license that does not end."""


class Quality(StrEnum):
    """Whether a value is to be believed: bad when who says it is gone, or has been silent for too long."""

    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Name:
    """Whose variable, and which: an application's, or a license server's under the name `server NAME`."""

    owner: str
    variable: str

    def __str__(self) -> str:
        return f"{self.owner}/{self.variable}"


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as it was at `time`, Unix time."""

    value: Value
    quality: Quality
    time: float


@dataclass(frozen=True, slots=True)
class Change:
    """A variable has another value, or another quality; `number` is the change's own, and only grows.

    `at` is on the boot clock of the system on which it happened, seconds.
    """

    number: int
    name: Name
    old: Reading | None
    new: Reading
    reason: str
    at: float


STOPPED = "the application ends"
"""The reason of a change to quality bad where the application ended in order; any other is a fault."""

SERIAL_NUMBER = "[Project summary] Serial number"
ENTRY = "[License] Entry"
STATE = "[License] State"
SERVER = "[License] Server"
SPARE = "[License] Spare"
REDUNDANCY = "[License] Redundancy"
"""How many backups could be taken now (R13); None until they have been asked."""
MISSING = "[License] Backups missing"
"""How many of MIN_BACKUPS could not be taken, three rounds in a row; 0 where there are enough (R13)."""
DAYS_LEFT = "[License] Days left"
"""Of the license in use; 0 on its last day."""
BACKUP = "[License] Backup {number}"
"""What the backup was found to be good for when it was last asked: `free`, `in use`, `silent`, `worse` ... (R13).

None where no such backup is listed any more, so that what was wrong with it is over.
"""
BACKUP_DAYS_LEFT = "[License] Backup {number} days left"
LIST_FAULT = "[License] License.ini"
"""What is wrong with the list, empty where nothing is (R5)."""
CONTAINER_CONFLICT = "[License] Container met twice"
"""Where one container was met at two addresses, empty where none was (S5)."""
DRILL = "[License] Drill"
"""How far the last fire drill of this run has come, and which it is, e.g. `switched 3f2a91c0`; empty without one."""

VALID_UNTIL = "[License] Valid until"
LEASE_SECONDS_LEFT = "[License] Lease seconds left"
DEMO_SECONDS_LEFT = "[License] Demo seconds left"
UNACKNOWLEDGED = "[License] Unacknowledged alarms"

SEATS_USED = "[License {serial}] Seats used"
SEATS_FREE = "[License {serial}] Seats free"
SERVER_DAYS_LEFT = "[License {serial}] Days left"
SERVER_OWNER = "server {name}"
"""Whose variables those of a license server are."""
SERVER_ALARM = "[Server] Alarm"
"""What the license server itself complains of, e.g. that it was rolled back (S4); empty where it does not."""

COUNTED = ("Seats used", "Seats free")
"""How such variables end: they go up and down in ordinary life, so that a change of theirs is no event."""

KNOWN = (
    SERIAL_NUMBER,
    ENTRY,
    STATE,
    SERVER,
    SPARE,
    REDUNDANCY,
    MISSING,
    DAYS_LEFT,
    BACKUP,
    BACKUP_DAYS_LEFT,
    LIST_FAULT,
    CONTAINER_CONFLICT,
    DRILL,
    VALID_UNTIL,
    LEASE_SECONDS_LEFT,
    DEMO_SECONDS_LEFT,
    UNACKNOWLEDGED,
    SEATS_USED,
    SEATS_FREE,
    SERVER_DAYS_LEFT,
    SERVER_ALARM,
)
"""All of them; what stands in braces differs."""
