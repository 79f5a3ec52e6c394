"""The plant on a terminal: a row for each system, redrawn at each look, and the latest events below."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sparekey.demo.n_plus_one.scene import PlantScene, View
from sparekey.demo.timeline import draw_events

BESIDE = 13
"""Lines of the screen that are neither for systems nor for events."""


class PlantTable:
    """Draws each scene over the last one, in one thread. Use it as `with table.live:`."""

    def __init__(self, console: Console) -> None:
        self.live = Live(console=console, auto_refresh=False)
        self._console = console

    def show(self, scene: PlantScene) -> None:
        room = self._console.height - BESIDE - len(scene.views)
        self.live.update(draw(scene, max(3, room)), refresh=True)


def draw(scene: PlantScene, events: int) -> RenderableType:
    """The scene, with so many of its latest events."""
    heading = scene.heading
    colour = "red" if heading.alert else "green"
    body = Group(
        Text(heading.what, style=f"bold {colour}"),
        Text(heading.why, style="dim"),
        Text(),
        _systems(scene),
        Text(),
        draw_events(scene.happenings, events),
    )
    title = f"sparekey demo --plant {len(scene.views)}  {scene.at:.1f} s"
    return Panel(body, title=title, border_style=colour, padding=(0, 1))


def _systems(scene: PlantScene) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("system", "own license", "its server", "application", "license in use", "lease", "spare", "alarms"):
        table.add_column(column)
    for view in scene.views:
        table.add_row(*_row(view))
    holder = scene.backup_held_by
    state = Text(f"held by {holder}", "bold yellow") if holder else Text("free", "green")
    table.add_row(Text("backup", "bold"), scene.backup, _up(scene.backup_shared), state if scene.backup_shared else "")
    return table


def _row(view: View) -> tuple[RenderableType, ...]:
    station, status = view.station, view.status
    alarms = Text(str(view.alarms), "bold magenta") if view.alarms else Text("")
    if status is None:
        return station.name, station.home, _up(view.shares), Text("off", "dim"), "", "", "", alarms
    in_use = Text(view.serial or "NONE", _style(view))
    return (
        station.name,
        station.home,
        _up(view.shares),
        Text(status.state, "green" if status.state == "hold" else "bold yellow"),
        in_use,
        Text(f"{view.lease_left:.1f} s", in_use.style),
        Text(view.spare, "cyan"),
        alarms,
    )


def _style(view: View) -> str:
    if not view.serial:
        return "bold red"
    return "green" if view.serial == view.station.home else "bold yellow"


def _up(shared: bool) -> Text:
    return Text("up", "green") if shared else Text("down", "bold red")
