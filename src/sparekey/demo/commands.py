"""The commands of a demo that run for long: license servers, and applications under `sparekey run`."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from sparekey.demo.application import Measurement
from sparekey.demo.failure import DemoFailure
from sparekey.demo.machines import APPLICATION, LicensedSystem, LicenseServer
from sparekey.demo.processes import Processes, Program


def start_server(processes: Processes, server: LicenseServer, ttl: float) -> Program:
    """Start a license server with leases of `ttl` seconds; it answers as soon as it has said a line."""
    listen = ("--listen", str(server.location), "--ttl", str(ttl), "--json")
    return processes.start(server.name, "server", "run", str(server.state), *listen)


def start_application(
    processes: Processes, system: LicensedSystem, vendor_key: Path, period: float, *options: str
) -> Program:
    """Start the system's application under `sparekey run`; it looks at its license every `period` seconds."""
    places = {"config": system.config, "state": system.state, "report": system.report, "vendor-key": vendor_key}
    named = [part for name, path in places.items() for part in (f"--{name}", str(path))]
    command = ("--", sys.executable, "-m", "sparekey.demo.application", str(period))
    return processes.start(
        f"{system.name}-{APPLICATION}", "run", "--app", APPLICATION, "--system", system.name, *named, *options, *command
    )


def measurement(application: Program) -> Measurement:
    """What an application that has ended measured; raise DemoFailure."""
    try:
        return msgspec.json.decode(application.said()[-1], type=Measurement)
    except (IndexError, msgspec.DecodeError):
        raise DemoFailure(f"{application.name} has not said for how long it was unlicensed") from None
