"""What Prometheus is told: a family of metrics for each kind of variable, and for the alarms.

A value of bad quality is not told at all: what Prometheus does not get it shows as gone, not as it was last.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from sparekey.core import states
from sparekey.core import variables as names
from sparekey.core.alarms import Alarm, Priority, State
from sparekey.core.variables import Name, Quality, Reading


@dataclass(frozen=True, slots=True)
class Gauge:
    """A family of numbers. What stands in braces in the name of its variable is a label."""

    variable: str
    metric: str
    help: str

    @property
    def labels(self) -> tuple[str, ...]:
        return ("app", *re.findall(r"\{(\w+)\}", self.variable))

    def values(self, variable: str) -> tuple[str, ...] | None:
        """What stands in place of the braces; None where it is another variable."""
        pattern = re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(self.variable))
        found = re.fullmatch(pattern, variable)
        return found.groups() if found else None


GAUGES: Final = (
    Gauge(names.ENTRY, "entry", "0 the initial license, 1 to 10 a backup, -1 the demo license, -2 none."),
    Gauge(names.REDUNDANCY, "redundancy", "Backups that could be taken when they were last asked."),
    Gauge(names.MISSING, "backups_missing", "Of MIN_BACKUPS, how many could not be taken, three times in a row."),
    Gauge(names.DAYS_LEFT, "days_left", "Days until the license in use ends."),
    Gauge(names.BACKUP_DAYS_LEFT, "backup_days_left", "Days until the license of a backup ends."),
    Gauge(names.LEASE_SECONDS_LEFT, "lease_seconds_left", "Seconds that the license in use outlasts its server."),
    Gauge(names.DEMO_SECONDS_LEFT, "demo_seconds_left", "Seconds left of the demo license."),
    Gauge(names.UNACKNOWLEDGED, "unacknowledged_alarms", "Alarms that nobody has acknowledged."),
    Gauge(names.SEATS_USED, "license_seats_used", "Seats of a license in use, at its license server."),
    Gauge(names.SEATS_FREE, "license_seats_free", "Seats of a license that are free, at its license server."),
    Gauge(names.SERVER_DAYS_LEFT, "license_days_left", "Days until a license ends, at its license server."),
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Readings and alarms at one moment, which nobody changes any more."""

    readings: Mapping[Name, Reading]
    alarms: tuple[Alarm, ...]

    @property
    def good(self) -> Iterable[tuple[Name, Reading]]:
        """The readings that are to be believed."""
        return [(name, reading) for name, reading in self.readings.items() if reading.quality is Quality.GOOD]


class Families(Collector):
    """The families as the last snapshot has them; asked from another thread than that which sets it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        snapshot = self.snapshot
        yield _up(snapshot)
        yield _serial_numbers(snapshot)
        yield _states(snapshot)
        for gauge in GAUGES:
            yield _numbers(gauge, snapshot)
        yield _alarms(snapshot)


def _up(snapshot: Snapshot) -> Metric:
    family = GaugeMetricFamily("sparekey_up", "Whether the application runs and is heard of.", labels=["app"])
    for name, reading in snapshot.readings.items():
        if name.variable == names.STATE:
            family.add_metric([name.owner], float(reading.quality is Quality.GOOD))
    return family


def _serial_numbers(snapshot: Snapshot) -> Metric:
    family = InfoMetricFamily("sparekey_serial_number", "The serial number in use.", labels=["app"])
    for name, reading in snapshot.good:
        if name.variable == names.SERIAL_NUMBER and reading.value:
            family.add_metric([name.owner], {"serial": str(reading.value)})
    return family


def _states(snapshot: Snapshot) -> Metric:
    family = GaugeMetricFamily("sparekey_state", "1 for the state that it is in.", labels=["app", "state"])
    for name, reading in snapshot.good:
        if name.variable == names.STATE:
            for state in states.State:
                family.add_metric([name.owner, str(state)], float(state == reading.value))
    return family


def _numbers(gauge: Gauge, snapshot: Snapshot) -> Metric:
    family = GaugeMetricFamily(f"sparekey_{gauge.metric}", gauge.help, labels=gauge.labels)
    for name, reading in snapshot.good:
        labels = gauge.values(name.variable)
        if labels is not None and isinstance(reading.value, int | float):
            family.add_metric([name.owner, *labels], float(reading.value))
    return family


def _alarms(snapshot: Snapshot) -> Metric:
    family = GaugeMetricFamily("sparekey_alarms", "Alarms that are not gone.", labels=["priority", "state"])
    counts = Counter((alarm.priority, alarm.state) for alarm in snapshot.alarms)
    for priority in Priority:
        for state in (State.UNACKNOWLEDGED, State.ACKNOWLEDGED, State.RETURNED):
            family.add_metric([str(priority), str(state)], counts[priority, state])
    return family
