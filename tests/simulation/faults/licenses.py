"""What happens to licenses: withdrawn, expired, renewed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ..messages import Signed
from ..plant import DAY_ENDS, Plant
from ..server import Server
from .chance import for_a_while

LATER = date(2026, 7, 1)


def withdrawal(plant: Plant) -> bool:
    serial = plant.world.random.choice(sorted(plant.licenses))
    server = plant.server_of(serial)
    if serial not in server.disk.licenses:
        return False
    server.shelf.remove(serial)
    plant.world.after(for_a_while(plant), lambda: server.shelf.install(plant.licenses[serial]))
    return True


def license_expired(plant: Plant) -> bool:
    """The day of those licenses that end with it ends; it is drawn with the plant, and counted here."""
    expired = [s for s in plant.servers if s.clock.ahead + plant.world.now > DAY_ENDS]
    for server in expired:
        for serial, license_ in plant.licenses.items():
            if license_.container == server.name and license_.terms.valid_until and plant.world.chance(0.3):
                _renew(plant, serial, server)
    return bool(expired)


def renewal(plant: Plant) -> bool:
    serial = plant.world.random.choice(sorted(plant.licenses))
    _renew(plant, serial, plant.server_of(serial))
    return True


def _renew(plant: Plant, serial: str, server: Server) -> None:
    """A newer issue of the same license."""
    old = plant.licenses[serial]
    ends = LATER if old.terms.valid_until else None
    plant.licenses[serial] = Signed(replace(old.terms, issued=old.terms.issued + 1, valid_until=ends), old.container)
    if serial in server.disk.licenses:
        server.shelf.install(plant.licenses[serial])
