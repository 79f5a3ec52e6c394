"""What goes wrong in a plant. Each seed draws which of these it has, and how often (swarm testing)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from datetime import date
from typing import TypeAlias

from .application import COPIED, Application
from .clock import MOST_DRIFT
from .disk import USUAL_SYNC
from .invariants import Truths
from .messages import Signed
from .plant import DAY_ENDS, Plant
from .server import Server
from .world import World

Fault: TypeAlias = Callable[[Plant], bool]
"""Makes it happen, where there is something that it can happen to, and has it end."""

LATER = date(2026, 7, 1)


# the network


def loss(plant: Plant) -> bool:
    plant.network.loss = plant.world.random.choice((0.02, 0.1, 0.4))
    plant.world.after(_for_a_while(plant), lambda: setattr(plant.network, "loss", 0.0))
    return True


def delay(plant: Plant) -> bool:
    plant.network.delay = plant.world.random.choice((0.02, 0.2, 0.5))
    plant.network.longest_delay = plant.world.random.choice((0.3, 3.0, 20.0, 60.0))
    plant.world.after(_for_a_while(plant), lambda: setattr(plant.network, "delay", 0.0))
    return True


def doubling(plant: Plant) -> bool:
    plant.network.doubling = plant.world.random.choice((0.05, 0.5))
    plant.network.longest_delay = plant.world.random.choice((0.3, 3.0, 20.0, 60.0))
    plant.world.after(_for_a_while(plant), lambda: setattr(plant.network, "doubling", 0.0))
    return True


def forgery(plant: Plant) -> bool:
    plant.network.forging = 0.3
    plant.world.after(_for_a_while(plant), lambda: setattr(plant.network, "forging", 0.0))
    return True


def split(plant: Plant) -> bool:
    server, app = _server(plant), _application(plant)
    for source, target in ((server.name, app.name), (app.name, server.name)):
        _split(plant, source, target, _for_a_while(plant))
    return True


def one_way_split(plant: Plant) -> bool:
    ends = [_server(plant).name, _application(plant).name]
    plant.world.random.shuffle(ends)
    _split(plant, ends[0], ends[1], _for_a_while(plant))
    return True


def server_cut_off(plant: Plant) -> bool:
    server, seconds = _server(plant), _for_a_while(plant)
    for app in plant.applications:
        _split(plant, server.name, app.name, seconds)
        _split(plant, app.name, server.name, seconds)
    return True


def broken_connections(plant: Plant) -> bool:
    """A device in between ends the connections of a server; both sides are told."""
    server = _server(plant)
    for app in plant.applications:
        if app.running:
            plant.network.harm(server.name, app.name)
            app.enter(app.life, app.line.hung_up, (server, server.life))
    return True


# servers


def server_crash(plant: Plant) -> bool:
    server = _server(plant)
    if not server.running:
        return False
    server.crash()
    plant.world.after(_for_a_while(plant), _revive, server, server.life)
    return True


def power_loss(plant: Plant) -> bool:
    server = _server(plant)
    if not server.running:
        return False
    server.lose_power()
    plant.world.after(_for_a_while(plant), _revive, server, server.life)
    return True


def another_ttl(plant: Plant) -> bool:
    server = _server(plant)
    if not server.running:
        return False
    server.crash()
    server.ttl = plant.world.random.choice((5.0, 7.0, 15.0, 30.0))
    plant.world.after(plant.world.random.uniform(0.1, 2), _revive, server, server.life)
    return True


def server_pause(plant: Plant) -> bool:
    server = _server(plant)
    if not server.running or server.paused:
        return False
    server.pause()
    plant.world.after(_for_a_while(plant), server.resume)
    return True


def fragile_server(plant: Plant) -> bool:
    server = _server(plant)
    server.fragile = plant.world.random.choice((0.002, 0.02, 0.1))
    plant.world.after(_for_a_while(plant), lambda: setattr(server, "fragile", 0.0))
    return True


def full_disk(plant: Plant) -> bool:
    server = _server(plant)
    server.disk.full = True

    def free() -> None:
        server.disk.full = False
        if server.listening and not server.paused:
            server.well_since = plant.world.now + 1.1

    plant.world.after(_for_a_while(plant), free)
    return True


def slow_disk(plant: Plant) -> bool:
    server = _server(plant)
    server.disk.sync_time = plant.world.random.choice((0.05, 0.5, 2.0, 6.0))
    server.well_since = float("inf")

    def mend() -> None:
        server.disk.sync_time = USUAL_SYNC
        if server.listening and not server.paused:
            server.well_since = plant.world.now + 6.1

    plant.world.after(_for_a_while(plant), mend)
    return True


def ledger_lost(plant: Plant) -> bool:
    server = _server(plant)
    if not server.running:
        return False
    server.lose_power()
    server.disk.lose_ledger()
    plant.world.after(plant.world.random.choice((0.05, 1, 10)), _revive, server, server.life)
    return True


def ledger_backed_up(plant: Plant) -> bool:
    server = _server(plant)
    server.disk.backup = server.disk.synced
    return server.disk.backup is not None


def ledger_rolled_back(plant: Plant) -> bool:
    server = _server(plant)
    if not server.running or server.disk.backup is None:
        return False
    server.lose_power()
    server.disk.restore()
    plant.world.after(plant.world.random.choice((0.05, 1, 10)), _revive, server, server.life)
    return True


def server_wall_clock(plant: Plant) -> bool:
    server = _server(plant)
    server.clock.ahead += plant.world.random.choice((-1e6, -3600, -60, -5, 5, 60))
    for serial in plant.licenses:
        if plant.licenses[serial].container == server.name and serial in server.disk.licenses:
            server.fit_since[serial] = plant.world.now
    return True


def server_clock_stands_still(plant: Plant) -> bool:
    """The server frees its seats later: no harm but for those that wait."""
    server = _server(plant)
    if server.clock.rate == 0 or not server.running:
        return False
    server.pause()
    server.clock.stand_still(plant.world.now)
    plant.world.after(_for_a_while(plant), _server_goes_on, plant, server)
    return True


def _server_goes_on(plant: Plant, server: Server) -> None:
    if server.clock.rate == 0:
        server.clock.go_on(plant.world.now)
        server.resume()


# licenses


def withdrawal(plant: Plant) -> bool:
    serial = plant.world.random.choice(sorted(plant.licenses))
    server = plant.server_of(serial)
    if serial not in server.disk.licenses:
        return False
    server.remove(serial)
    plant.world.after(_for_a_while(plant), lambda: server.install(plant.licenses[serial]))
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
        server.install(plant.licenses[serial])


# systems and their applications


def application_crash(plant: Plant) -> bool:
    app = _application(plant)
    if not app.running:
        return False
    app.crash()
    plant.world.after(plant.world.random.choice((0.05, 1, 5, 30)), app.revive, app.life)
    return True


def restart(plant: Plant) -> bool:
    app = _application(plant)
    if not app.running:
        return False
    app.enter(app.life, app.stop, ())
    plant.world.after(plant.world.random.choice((1.2, 3, 20)), _start_if_dead, app)
    return True


def system_power_loss(plant: Plant) -> bool:
    app = _application(plant)
    if not app.running:
        return False
    app.crash()
    app.clock.reboot(plant.world.now, plant.world.random.uniform(0, 10))
    plant.world.after(plant.world.random.uniform(1, 40), app.revive, app.life)
    return True


def fragile_application(plant: Plant) -> bool:
    app = _application(plant)
    app.fragile = plant.world.random.choice((0.05, 0.3))
    plant.world.after(_for_a_while(plant), lambda: setattr(app, "fragile", 0.0))
    return True


def suspend(plant: Plant) -> bool:
    """The boot clock goes on, nothing else does; what was sent meanwhile arrives afterwards."""
    app = _application(plant)
    if not app.running or app.paused:
        return False
    app.pause()
    plant.world.after(_for_a_while(plant), _wake, app, plant.world.chance(0.2))
    return True


def _wake(app: Application, jumped: bool) -> None:
    if app.clock.rate == 0:
        return
    app.resume()
    app.heartbeat(jumped=jumped)
    if isinstance(app.truth, Truths):
        app.truth.awake_since = app.world.now


def clock_stands_still(plant: Plant) -> bool:
    """A paused virtual machine: its boot clock does not know. Its wall clock may be set right afterwards (S1)."""
    app = _application(plant)
    if not app.running or app.paused or app.clock.rate == 0:
        return False
    app.pause()
    app.clock.stand_still(plant.world.now)
    plant.world.after(_for_a_while(plant), _go_on, plant, app)
    return True


def _go_on(plant: Plant, app: Application) -> None:
    if app.clock.rate == 0:
        app.clock.go_on(plant.world.now)
        app.errands.mistrusted = app.boot()
        app.believe_anew()
        _wake(app, jumped=plant.world.chance(0.7))


def other_drift(plant: Plant) -> bool:
    """A clock drifts otherwise from now on, within 1000 ppm."""
    rate = 1 + MOST_DRIFT * plant.world.random.uniform(-1, 1)
    app, server = _application(plant), _server(plant)
    if app.clock.rate:
        app.clock.drift(plant.world.now, rate)
        app.believe_anew()
    if server.clock.rate:
        server.clock.drift(plant.world.now, 2 - rate)
    return True


def wall_clock(plant: Plant) -> bool:
    app = _application(plant)
    step = plant.world.random.choice((-1e5, -3600, -2, 2, 3600))
    app.clock.ahead += step
    app.heartbeat(jumped=step > 1)
    return True


def other_list(plant: Plant) -> bool:
    from .plant import draw_list

    app = _application(plant)
    app.relist(draw_list(plant, app.entries.initial))
    return True


def lost_state_folder(plant: Plant) -> bool:
    """Its application is another holder from now on."""
    app = _application(plant)
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
    app = _application(plant)
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


FAULTS: Mapping[str, Fault] = {
    "loss": loss,
    "delay": delay,
    "doubling": doubling,
    "forged answers": forgery,
    "split": split,
    "one-way split": one_way_split,
    "server cut off": server_cut_off,
    "broken connections": broken_connections,
    "server crash": server_crash,
    "server power loss": power_loss,
    "server with another ttl": another_ttl,
    "server pause": server_pause,
    "fragile server": fragile_server,
    "full disk": full_disk,
    "slow disk": slow_disk,
    "ledger lost": ledger_lost,
    "ledger backed up": ledger_backed_up,
    "ledger rolled back": ledger_rolled_back,
    "server wall clock": server_wall_clock,
    "server clock stands still": server_clock_stands_still,
    "license withdrawn": withdrawal,
    "license expired": license_expired,
    "license renewed": renewal,
    "application crash": application_crash,
    "application restart": restart,
    "system power loss": system_power_loss,
    "fragile application": fragile_application,
    "suspend": suspend,
    "clock stands still": clock_stands_still,
    "other drift": other_drift,
    "wall clock": wall_clock,
    "other list": other_list,
    "lost state folder": lost_state_folder,
    "copied state folder": copied_state_folder,
}
TOGETHER = {"ledger rolled back": "ledger backed up"}


def draw_faults(world: World) -> dict[str, float]:
    """Which faults this seed has, and their mean interval in seconds."""
    random = world.random
    share = random.choice((0.0, 0.08, 0.2, 0.4))
    faults: dict[str, float] = {}
    for name in FAULTS:
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
        _server_goes_on(plant, server)
        server.fragile, server.disk.full, server.disk.sync_time = 0.0, False, USUAL_SYNC
        if server.paused:
            server.resume()
        if not server.running:
            _revive(server, server.life)
        for serial, license_ in plant.licenses.items():
            if license_.container == server.name and serial not in server.disk.licenses:
                server.install(license_)
    for app in plant.applications:
        app.fragile = 0.0
        _go_on(plant, app)
        if app.paused:
            _wake(app, jumped=False)
        _start_if_dead(app)


def _for_a_while(plant: Plant) -> float:
    """Mostly seconds, at times minutes."""
    return float(0.2 * 600 ** plant.world.random.random())


def _server(plant: Plant) -> Server:
    return plant.world.random.choice(plant.servers)


def _application(plant: Plant) -> Application:
    return plant.world.random.choice(plant.applications)


def _split(plant: Plant, source: str, target: str, seconds: float) -> None:
    plant.network.split(source, target)
    plant.world.after(seconds, plant.network.heal, source, target)


def _revive(server: Server, life: int) -> None:
    if life == server.life and not server.running:
        server.start() if server.powered else server.boot()


def _start_if_dead(app: Application) -> None:
    if not app.running:
        app.start()


__all__ = ["FAULTS", "calm", "draw_faults", "unleash"]
