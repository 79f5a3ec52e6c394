"""A plant, as its seed draws it: servers with licenses, applications with lists, a network between them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from history.records import License
from sparekey.core.entries import ANY_SERIAL, Entry, LicenseList, Location
from sparekey.core.past import Manners
from sparekey.core.terms import UNLIMITED, Terms

from .application import Application
from .clock import MOST_DRIFT, Clock
from .disk import SystemDisk
from .invariants import Truths
from .messages import Signed
from .network import Network
from .server import Server
from .world import World

PRODUCT = "scada"
GOOD = Terms("good", PRODUCT, "14.0", limits={"tags": 1500, "clients": 4}, modules=frozenset({"history"}))
DAY_ENDS = 58_400.0
"""Seconds from the beginning of true time to the end of that day, in UTC."""
DAY = date(2026, 6, 1)
NOWHERE = Location("nowhere")


def worse(good: Terms) -> tuple[Terms, ...]:
    """What lacks something of a good license, each something else (R3)."""
    return (
        replace(good, limits={**good.limits, "tags": 500}),
        replace(good, limits={"tags": good.limits["tags"]}),
        replace(good, version="13.9"),
        replace(good, modules=frozenset()),
        replace(good, product="render"),
    )


@dataclass(slots=True)
class Plant:
    """All there is. `good` are the serial numbers of licenses that are equal to or better than any other's."""

    world: World
    network: Network
    servers: list[Server] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)
    licenses: dict[str, Signed] = field(default_factory=dict)
    locations: dict[Location, Server] = field(default_factory=dict)
    good: set[str] = field(default_factory=set)
    good_license: Terms = GOOD
    faults: dict[str, float] = field(default_factory=dict)
    """The faults that this seed has, with their mean interval in seconds."""

    def server_of(self, serial: str) -> Server:
        return self.locations[Location(self.licenses[serial].container)]

    @property
    def longest_ttl(self) -> float:
        return max(max(server.disk.longest_ttl, server.ttl) for server in self.servers)


def draw_plant(world: World, faults: dict[str, float]) -> Plant:
    plant = Plant(world, Network(world, world.random.choice((0.0003, 0.002, 0.01, 0.04))), faults=faults)
    if world.chance(0.3):
        plant.good_license = replace(GOOD, limits={**GOOD.limits, "tags": UNLIMITED})
    for number in range(world.random.choice((1, 2, 2, 3, 3, 4))):
        _draw_server(plant, f"server{number}")
    nowhere = Server(world, str(NOWHERE.host), draw_clock(world), 5.0)
    nowhere.powered = False
    plant.locations[NOWHERE] = nowhere
    for number in range(world.random.choice((1, 1, 2, 2, 3))):
        _draw_application(plant, f"app{number}")
    return plant


def draw_clock(world: World, ahead: float = 0.0) -> Clock:
    random = world.random
    return Clock(random.uniform(0, 1e5), 1 + MOST_DRIFT * random.choice((-1, 0, 1, random.uniform(-1, 1))), ahead)


def _draw_server(plant: Plant, name: str) -> None:
    world = plant.world
    random = world.random
    expires = "license expired" in plant.faults
    ahead = DAY_ENDS - random.uniform(30, 600) if expires else random.uniform(-100, 100)
    server = Server(world, name, draw_clock(world, ahead), random.choice((5.0, 6.0, 8.0, 12.0, 20.0, 30.0, 30.0, 60.0)))
    for number in range(random.choice((1, 1, 2, 3))):
        serial = f"{name}-{number}"
        is_good = random.random() > 0.12
        ends = DAY if expires and random.random() < 0.5 else None
        license_ = plant.good_license if is_good else random.choice(worse(plant.good_license))
        terms = replace(license_, serial=serial, seats=random.choice((1, 1, 1, 2)), valid_until=ends)
        plant.licenses[serial] = Signed(terms, name)
        if is_good:
            plant.good.add(serial)
        world.tell(License(0.0, serial, name, terms.seats))
        server.shelf.install(plant.licenses[serial])
    plant.servers.append(server)
    plant.locations[Location(name)] = server
    server.on_end = lambda server: hang_up(plant, server)


def hang_up(plant: Plant, server: Server) -> None:
    """The server's computer ends the connections of its dead process."""
    life = server.life - 1
    for app in plant.applications:
        if app.running:
            plant.network.send(server.name, app.name, app.enter, app.life, app.line.hung_up, (server, life))


def _draw_application(plant: Plant, name: str) -> None:
    world = plant.world
    random = world.random
    demo = Terms("5-DEMO", PRODUCT, "14.0", demo_seconds=random.choice((15, 40))) if random.random() < 0.3 else None
    entries = draw_list(plant, None)
    manners = Manners(random.choice((0.0, 15.0, 1e9, 1e9)), random.choice((None, None, 0.5, 3.0)))
    disk = SystemDisk(f"secret-of-{name}")
    namesake = plant.applications and random.random() < 0.1
    system = plant.applications[-1].system if namesake else f"system-{name}"
    app = Application(
        *(world, name, system, draw_clock(world, random.uniform(-50, 50)), disk, plant.network),
        *(plant.locations, entries, manners, demo),
    )
    if random.random() < 0.8:
        initial = entries.initial.serial
        disk.licenses[initial] = plant.licenses[initial]
    app.truth = Truths(app, plant.good, plant.licenses)
    plant.applications.append(app)


def draw_list(plant: Plant, initial: Entry | None) -> LicenseList:
    """A list, with another order of backups, or others; the initial license stays where one is named."""
    random = plant.world.random
    serials = sorted(plant.licenses)
    random.shuffle(serials)
    if initial is None:
        initial = Entry(0, serials[0], Location(plant.licenses[serials[0]].container))
    entries = [initial]
    for serial in serials:
        if serial != initial.serial and len(entries) < 6 and random.random() < 0.8:
            draw = random.random()
            location = NOWHERE if draw < 0.05 else Location(plant.licenses[serial].container)
            entries.append(Entry(len(entries), ANY_SERIAL if draw > 0.92 else serial, location))
    return LicenseList(
        tuple(entries),
        demo=random.random() < 0.7,
        initial_wait=random.choice((1.0, 2.0, 5.0)),
        check=random.choice((10.0, 60.0)),
    )
