"""Faults of the network."""

from __future__ import annotations

from ..plant import Plant
from .chance import a_server, an_application, cut, for_a_while


def loss(plant: Plant) -> bool:
    plant.network.loss = plant.world.random.choice((0.02, 0.1, 0.4))
    plant.world.after(for_a_while(plant), lambda: setattr(plant.network, "loss", 0.0))
    return True


def delay(plant: Plant) -> bool:
    plant.network.delay = plant.world.random.choice((0.02, 0.2, 0.5))
    plant.network.longest_delay = plant.world.random.choice((0.3, 3.0, 20.0, 60.0))
    plant.world.after(for_a_while(plant), lambda: setattr(plant.network, "delay", 0.0))
    return True


def doubling(plant: Plant) -> bool:
    plant.network.doubling = plant.world.random.choice((0.05, 0.5))
    plant.network.longest_delay = plant.world.random.choice((0.3, 3.0, 20.0, 60.0))
    plant.world.after(for_a_while(plant), lambda: setattr(plant.network, "doubling", 0.0))
    return True


def forgery(plant: Plant) -> bool:
    plant.network.forging = 0.3
    plant.world.after(for_a_while(plant), lambda: setattr(plant.network, "forging", 0.0))
    return True


def split(plant: Plant) -> bool:
    server, app = a_server(plant), an_application(plant)
    for source, target in ((server.name, app.name), (app.name, server.name)):
        cut(plant, source, target, for_a_while(plant))
    return True


def one_way_split(plant: Plant) -> bool:
    ends = [a_server(plant).name, an_application(plant).name]
    plant.world.random.shuffle(ends)
    cut(plant, ends[0], ends[1], for_a_while(plant))
    return True


def server_cut_off(plant: Plant) -> bool:
    server, seconds = a_server(plant), for_a_while(plant)
    for app in plant.applications:
        cut(plant, server.name, app.name, seconds)
        cut(plant, app.name, server.name, seconds)
    return True


def broken_connections(plant: Plant) -> bool:
    """A device in between ends the connections of a server; both sides are told."""
    server = a_server(plant)
    for app in plant.applications:
        if app.running:
            plant.network.harm(server.name, app.name)
            app.enter(app.life, app.line.hung_up, (server, server.life))
    return True
