"""Whom a fault meets, for how long, and how what it broke comes back."""

from __future__ import annotations

from ..application import Application
from ..plant import Plant
from ..server import Server


def for_a_while(plant: Plant) -> float:
    """Mostly seconds, at times minutes."""
    return float(0.2 * 600 ** plant.world.random.random())


def a_server(plant: Plant) -> Server:
    return plant.world.random.choice(plant.servers)


def an_application(plant: Plant) -> Application:
    return plant.world.random.choice(plant.applications)


def cut(plant: Plant, source: str, target: str, seconds: float) -> None:
    plant.network.split(source, target)
    plant.world.after(seconds, plant.network.heal, source, target)


def revive(server: Server, life: int) -> None:
    if life == server.life and not server.running:
        server.start() if server.powered else server.boot()


def start_if_dead(app: Application) -> None:
    if not app.running:
        app.start()
