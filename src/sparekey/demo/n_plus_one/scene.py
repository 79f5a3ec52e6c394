"""What there is to see of the plant at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparekey.client.running import ApplicationStatus
from sparekey.demo.n_plus_one.plant import Station
from sparekey.demo.observer import lease_left
from sparekey.demo.scene import Tale


@dataclass(frozen=True, slots=True)
class View:
    """A station as it is seen. `alarms` is how many the technician has found in its list and not acknowledged yet."""

    station: Station
    shares: bool
    status: ApplicationStatus | None
    alarms: int

    @property
    def serial(self) -> str:
        """The serial number in use, empty for none."""
        return self.status.serial if self.status else ""

    @property
    def spare(self) -> str:
        return self.status.spare.serial if self.status and self.status.spare else ""

    @property
    def lease_left(self) -> float:
        """Seconds."""
        return lease_left(self.status)


@dataclass(frozen=True, slots=True)
class PlantScene(Tale):
    """All that is drawn, `at` seconds after the demo began."""

    at: float
    views: Sequence[View]
    backup: str
    backup_shared: bool

    @property
    def backup_held_by(self) -> str:
        """Which system has the backup, empty for none."""
        return next((each.station.name for each in self.views if self.backup in (each.serial, each.spare)), "")
