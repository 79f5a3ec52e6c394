"""The units of packaging/systemd as text that tests can use."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "packaging" / "systemd"
SERVER = UNITS / "sparekey-server@.service"
APPLICATION = UNITS / "sparekey-run@.service"
INSTALLED = "/opt/sparekey/bin/sparekey"


def settings(unit: Path) -> dict[str, list[str]]:
    """The settings of a unit, each with all values that it is given, in their order."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text(encoding="utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found
