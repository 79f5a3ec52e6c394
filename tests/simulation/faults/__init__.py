"""What goes wrong in a plant. Each seed draws which of these it has, and how often (swarm testing)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import TypeAlias

from ..plant import Plant
from ..world import World
from . import licenses, network, servers, systems
from .chance import revive, start_if_dead

Fault: TypeAlias = Callable[[Plant], bool]
"""Makes it happen, where there is something that it can happen to, and has it end."""

FAULTS: Mapping[str, Fault] = {
    "loss": network.loss,
    "delay": network.delay,
    "doubling": network.doubling,
    "forged answers": network.forgery,
    "split": network.split,
    "one-way split": network.one_way_split,
    "server cut off": network.server_cut_off,
    "broken connections": network.broken_connections,
    "server crash": servers.server_crash,
    "server power loss": servers.power_loss,
    "server with another ttl": servers.another_ttl,
    "server pause": servers.server_pause,
    "fragile server": servers.fragile_server,
    "full disk": servers.full_disk,
    "slow disk": servers.slow_disk,
    "ledger lost": servers.ledger_lost,
    "ledger backed up": servers.ledger_backed_up,
    "ledger rolled back": servers.ledger_rolled_back,
    "server wall clock": servers.server_wall_clock,
    "server clock stands still": servers.server_clock_stands_still,
    "planned work": servers.planned_work,
    "license withdrawn": licenses.withdrawal,
    "license expired": licenses.license_expired,
    "license renewed": licenses.renewal,
    "application crash": systems.application_crash,
    "application restart": systems.restart,
    "system power loss": systems.system_power_loss,
    "fragile application": systems.fragile_application,
    "suspend": systems.suspend,
    "clock stands still": systems.clock_stands_still,
    "other drift": systems.other_drift,
    "wall clock": systems.wall_clock,
    "other list": systems.other_list,
    "lost state folder": systems.lost_state_folder,
    "copied state folder": systems.copied_state_folder,
    "fire drill": systems.fire_drill,
}
DRAWN_APART = ("planned work", "fire drill")
"""Faults that came later: a seed that does not have them keeps the life that it had."""
TOGETHER = {"ledger rolled back": "ledger backed up"}


def draw_faults(world: World) -> dict[str, float]:
    """Which faults this seed has, and their mean interval in seconds."""
    share = world.random.choice((0.0, 0.08, 0.2, 0.4))
    faults: dict[str, float] = {}
    for name in FAULTS:
        random = Random(f"{world.seed}: {name}") if name in DRAWN_APART else world.random
        rare = name in ("copied state folder", "lost state folder")
        if random.random() < (share / 4 if rare else share):
            faults[name] = 10 * 30 ** random.random()
    for name, other in TOGETHER.items():
        if name in faults:
            faults.setdefault(other, 60.0)
    return faults


def unleash(plant: Plant, until: float) -> None:
    """Let the plant's faults happen, each again and again, until it is calm."""
    for name, interval in plant.faults.items():
        _schedule(plant, name, interval, until)


def _schedule(plant: Plant, name: str, interval: float, until: float) -> None:
    world = plant.world
    delay = world.random.expovariate(1 / interval)

    def happen() -> None:
        if FAULTS[name](plant):
            world.met[name] += 1
            world.note("fault", name)
        _schedule(plant, name, interval, until)

    if world.now + delay < until:
        world.after(delay, happen)


def calm(plant: Plant) -> None:
    """All is mended: nothing is down, split, slow, full or withdrawn any more."""
    world = plant.world
    world.note("fault", "no more")
    plant.network.heal_all()
    for server in plant.servers:
        servers.server_goes_on(plant, server)
        server.drain(on=False)
        server.fragile = 0.0
        if server.paused:
            server.resume()
        servers.mend_disk(plant, server)
        if not server.running:
            revive(server, server.life)
        for serial, license_ in plant.licenses.items():
            if license_.container == server.name and serial not in server.disk.licenses:
                server.shelf.install(license_)
    for app in plant.applications:
        app.fragile = 0.0
        systems.go_on(plant, app)
        if app.paused:
            systems.wake(app, jumped=False)
        start_if_dead(app)


__all__ = ["FAULTS", "calm", "draw_faults", "unleash"]
