"""Faults of license servers: their processes, computers, disks and clocks."""

from __future__ import annotations

from ..disk import USUAL_SYNC
from ..plant import Plant
from ..server import Server
from .chance import a_server, for_a_while, revive

SLOWEST_SYNC = 6.0
"""Seconds that a slow disk takes to sync at most."""


def server_crash(plant: Plant) -> bool:
    server = a_server(plant)
    if not server.running:
        return False
    server.crash()
    plant.world.after(for_a_while(plant), revive, server, server.life)
    return True


def power_loss(plant: Plant) -> bool:
    server = a_server(plant)
    if not server.running:
        return False
    server.lose_power()
    plant.world.after(for_a_while(plant), revive, server, server.life)
    return True


def another_ttl(plant: Plant) -> bool:
    server = a_server(plant)
    if not server.running:
        return False
    server.crash()
    server.ttl = plant.world.random.choice((5.0, 7.0, 15.0, 30.0))
    plant.world.after(plant.world.random.uniform(0.1, 2), revive, server, server.life)
    return True


def server_pause(plant: Plant) -> bool:
    server = a_server(plant)
    if not server.running or server.paused:
        return False
    server.pause()
    plant.world.after(for_a_while(plant), server.resume)
    return True


def fragile_server(plant: Plant) -> bool:
    server = a_server(plant)
    server.fragile = plant.world.random.choice((0.002, 0.02, 0.1))
    plant.world.after(for_a_while(plant), lambda: setattr(server, "fragile", 0.0))
    return True


def full_disk(plant: Plant) -> bool:
    server = a_server(plant)
    server.disk.full = True

    def free() -> None:
        server.disk.full = False
        settle(plant, server, 1.1)

    plant.world.after(for_a_while(plant), free)
    return True


def slow_disk(plant: Plant) -> bool:
    server = a_server(plant)
    server.disk.sync_time = plant.world.random.choice((0.05, 0.5, 2.0, SLOWEST_SYNC))
    server.well_since = float("inf")

    def mend() -> None:
        server.disk.sync_time = USUAL_SYNC
        settle(plant, server, SLOWEST_SYNC + 0.1)

    plant.world.after(for_a_while(plant), mend)
    return True


def mend_disk(plant: Plant, server: Server) -> None:
    if not server.disk.sound:
        server.disk.full, server.disk.sync_time = False, USUAL_SYNC
        settle(plant, server, SLOWEST_SYNC + 0.1)


def settle(plant: Plant, server: Server, seconds: float) -> None:
    """Its disk is sound again: what waits for it goes through within so many seconds."""
    if server.listening and not server.paused:
        server.well_since = plant.world.now + seconds


def ledger_lost(plant: Plant) -> bool:
    server = a_server(plant)
    if not server.running:
        return False
    server.lose_power()
    server.disk.lose_ledger()
    plant.world.after(plant.world.random.choice((0.05, 1, 10)), revive, server, server.life)
    return True


def ledger_backed_up(plant: Plant) -> bool:
    server = a_server(plant)
    server.disk.backup = server.disk.synced
    return server.disk.backup is not None


def ledger_rolled_back(plant: Plant) -> bool:
    server = a_server(plant)
    if not server.running or server.disk.backup is None:
        return False
    server.lose_power()
    server.disk.restore()
    plant.world.after(plant.world.random.choice((0.05, 1, 10)), revive, server, server.life)
    return True


def planned_work(plant: Plant) -> bool:
    """A server is emptied, and put into service again, whether it became empty or not."""
    server = a_server(plant)
    if server.draining:
        return False
    server.drain(on=True)
    plant.world.after(for_a_while(plant), lambda: server.drain(on=False))
    return True


def server_wall_clock(plant: Plant) -> bool:
    server = a_server(plant)
    server.clock.ahead += plant.world.random.choice((-1e6, -3600, -60, -5, 5, 60))
    for serial in plant.licenses:
        if plant.licenses[serial].container == server.name and serial in server.disk.licenses:
            server.shelf.fit_since[serial] = plant.world.now
    return True


def server_clock_stands_still(plant: Plant) -> bool:
    """The server frees its seats later: no harm but for those that wait."""
    server = a_server(plant)
    if server.clock.rate == 0 or not server.running:
        return False
    server.pause()
    server.clock.stand_still(plant.world.now)
    plant.world.after(for_a_while(plant), server_goes_on, plant, server)
    return True


def server_goes_on(plant: Plant, server: Server) -> None:
    if server.clock.rate == 0:
        server.clock.go_on(plant.world.now)
        server.resume()
