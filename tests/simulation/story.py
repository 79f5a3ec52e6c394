"""One seed, from its beginning to its end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from history.judge import Breach

from .faults import calm, draw_faults, unleash
from .plant import Plant, draw_plant
from .trace import Trace
from .world import World

MINUTES = 17.5
"""How long a seed's faults go on, in simulated time, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a seed. `hours` are simulated."""

    seed: int
    hours: float
    events: int
    breaches: tuple[Breach, ...]
    met: Counter[str]
    rows: Counter[tuple[str, str]]
    excused: Counter[str]


def tell(seed: int, minutes: float = MINUTES, trace: Trace | None = None) -> Outcome:
    """Let a seed happen: faults for a while, then calm, then an orderly end that leaves nothing behind."""
    world = World(seed, trace)
    plant = draw_plant(world, draw_faults(world))
    world.note("seed", f"{seed}: {sorted(plant.faults)}")
    begin(plant)
    until = minutes * 60
    unleash(plant, until)
    world.run(until)
    end(plant)
    return Outcome(
        seed,
        world.now / 3600,
        world.events,
        tuple(world.judge.breaches),
        world.met,
        world.rows,
        world.judge.excused,
    )


def begin(plant: Plant) -> None:
    for server in plant.servers:
        server.start()
    for app in plant.applications:
        plant.world.after(5 * plant.world.random.random(), app.revive, app.life)


def end(plant: Plant) -> None:
    """Calm; everybody has what there is; then all stop, and no seat stays taken."""
    world = plant.world
    if world.judge.breaches:
        return
    calm(plant)
    world.run(world.now + 60 + 2 * plant.longest_ttl)
    for app in plant.applications:
        app.stop()
    world.run(world.now + 5)
    for app in plant.applications:
        app.crash()
    if not world.judge.breaches:
        check_given_back(plant)
        world.run(world.now + 1.1 * plant.longest_ttl + 7)
        check_empty(plant)


def check_given_back(plant: Plant) -> None:
    """On a calm network what was held is given back in the second that a stop has."""
    held = {seat.id for app in plant.applications for seat in app.errands.seats.values() if seat.token}
    for server in plant.servers:
        for pool in server.lessor.pools():
            for lease in pool.leases.values():
                if lease.grant.id in held and not lease.spare and lease.grant.id in server.promises.given:
                    plant.world.breach("R12", f"{lease.grant.id} of {pool.serial} was not given back at the end")


def check_empty(plant: Plant) -> None:
    for server in plant.servers:
        for pool in server.lessor.pools():
            for lease in pool.leases.values():
                plant.world.breach("S1", f"{server.name} keeps a seat of {pool.serial} for {lease.grant.id}")
