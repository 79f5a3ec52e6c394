"""Faults of systems and of their applications."""

from __future__ import annotations

from copy import copy

from sparekey.core.events import Drill

from ..application import COPIED, Application
from ..clock import MOST_DRIFT
from ..invariants import Truths
from ..plant import Plant, draw_list
from .chance import a_server, an_application, for_a_while, start_if_dead


def application_crash(plant: Plant) -> bool:
    app = an_application(plant)
    if not app.running:
        return False
    app.crash()
    plant.world.after(plant.world.random.choice((0.05, 1, 5, 30)), app.revive, app.life)
    return True


def restart(plant: Plant) -> bool:
    app = an_application(plant)
    if not app.running:
        return False
    app.enter(app.life, app.stop, ())
    plant.world.after(plant.world.random.choice((1.2, 3, 20)), start_if_dead, app)
    return True


def system_power_loss(plant: Plant) -> bool:
    app = an_application(plant)
    if not app.running:
        return False
    app.crash()
    app.clock.reboot(plant.world.now, plant.world.random.uniform(0, 10))
    plant.world.after(plant.world.random.uniform(1, 40), app.revive, app.life)
    return True


def fragile_application(plant: Plant) -> bool:
    app = an_application(plant)
    app.fragile = plant.world.random.choice((0.05, 0.3))
    plant.world.after(for_a_while(plant), lambda: setattr(app, "fragile", 0.0))
    return True


def suspend(plant: Plant) -> bool:
    """The boot clock goes on, nothing else does; what was sent meanwhile arrives afterwards."""
    app = an_application(plant)
    if not app.running or app.paused:
        return False
    app.pause()
    plant.world.after(for_a_while(plant), wake, app, plant.world.chance(0.2))
    return True


def wake(app: Application, jumped: bool) -> None:
    if app.clock.rate == 0:
        return
    app.resume()
    app.heartbeat(jumped=jumped)
    if isinstance(app.truth, Truths):
        app.truth.awake_since = app.world.now


def clock_stands_still(plant: Plant) -> bool:
    """A paused virtual machine: its boot clock does not know. Its wall clock may be set right afterwards (S1)."""
    app = an_application(plant)
    if not app.running or app.paused or app.clock.rate == 0:
        return False
    app.pause()
    app.clock.stand_still(plant.world.now)
    plant.world.after(for_a_while(plant), go_on, plant, app)
    return True


def go_on(plant: Plant, app: Application) -> None:
    if app.clock.rate == 0:
        app.clock.go_on(plant.world.now)
        app.errands.mistrusted = app.boot()
        app.believe_anew()
        wake(app, jumped=plant.world.chance(0.7))


def other_drift(plant: Plant) -> bool:
    """A clock drifts otherwise from now on, within 1000 ppm."""
    rate = 1 + MOST_DRIFT * plant.world.random.uniform(-1, 1)
    app, server = an_application(plant), a_server(plant)
    if app.clock.rate:
        app.clock.drift(plant.world.now, rate)
        app.believe_anew()
    if server.clock.rate:
        server.clock.drift(plant.world.now, 2 - rate)
    return True


def wall_clock(plant: Plant) -> bool:
    app = an_application(plant)
    step = plant.world.random.choice((-1e5, -3600, -2, 2, 3600))
    app.clock.ahead += step
    app.heartbeat(jumped=step > 1)
    return True


def other_list(plant: Plant) -> bool:
    app = an_application(plant)
    app.relist(draw_list(plant, app.entries.initial))
    return True


def fire_drill(plant: Plant) -> bool:
    app = an_application(plant)
    if not app.running:
        return False
    app.enter(app.life, app.receive, (Drill(),))
    return True


def lost_state_folder(plant: Plant) -> bool:
    """Its application is another holder from now on."""
    app = an_application(plant)
    if app.running:
        app.crash()
    app.disk.secret += "'"
    if app.truth:
        app.truth.folder_lost()
    app.disk.serial, app.disk.held, app.disk.start, app.disk.demo_used = None, (), 0, 0.0
    plant.world.after(1.0, app.revive, app.life)
    return True


def copied_state_folder(plant: Plant) -> bool:
    """Two systems with one identity: they take each other's seats over."""
    app = an_application(plant)
    if app.excuse or len(plant.applications) > 5:
        return False
    app.excuse = COPIED
    app.believe_anew()
    twin = Application(
        *(plant.world, f"{app.name}-copy", app.system, copy(app.clock), app.disk.copy(), plant.network),
        *(app.servers, app.entries, app.manners, app.demo),
    )
    twin.excuse = COPIED
    plant.applications.append(twin)
    twin.start()
    return True
