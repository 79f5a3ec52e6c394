"""`GET /metrics`: the text that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sparekey.core.problems import Problem
from sparekey.host import boot_clock
from sparekey.server.service import Service

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def exposition(service: Service) -> bytes:
    """The state and the counters of the service in the text format 0.0.4."""
    counters = service.counters
    pools = list(service.lessor.pools())
    lines = [
        *_family(
            "seats", "gauge", "Seats of each license.", ((_serial(p.serial), p.terms.seats) for p in pools if p.terms)
        ),
        *_family("seats_used", "gauge", "Seats in use.", ((_serial(p.serial), len(p.leases)) for p in pools)),
        *_family("grants_total", "counter", "Leases granted.", [("", counters.grants)]),
        *_family("renewals_total", "counter", "Leases renewed.", [("", counters.renewals)]),
        *_family("releases_total", "counter", "Leases released by their holders.", [("", counters.releases)]),
        *_family(
            *("refusals_total", "counter", "Requests refused, by problem."),
            ((f'{{problem="{kind}"}}', counters.refusals[kind]) for kind in Problem),
        ),
        *_family("ledger_commits_total", "counter", "Ledger transactions.", [("", service.writer.commits)]),
        *_family("ready", "gauge", "Whether licenses can be granted.", [("", int(service.obstacle() is None))]),
        *_family("leases", "gauge", "Leases in force.", [("", service.lessor.held)]),
        *_family("draining", "gauge", "Whether it is being emptied.", [("", int(service.lessor.draining))]),
        *_family("uptime_seconds", "gauge", "Since the start.", [("", round(boot_clock() - service.started, 3))]),
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _family(name: str, kind: str, help_: str, samples: Iterable[tuple[str, float]]) -> Iterator[str]:
    name = f"sparekey_{name}"
    yield f"# HELP {name} {help_}"
    yield f"# TYPE {name} {kind}"
    for labels, number in samples:
        yield f"{name}{labels} {number}"


def _serial(serial: str) -> str:
    escaped = serial.replace("\\", "\\\\").replace('"', '\\"')
    return f'{{serial="{escaped}"}}'
