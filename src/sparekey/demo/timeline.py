"""The demo on a terminal: servers, system, lease and events, redrawn at each look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sparekey.core.timing import belief
from sparekey.demo.plant import SYSTEM, TTL
from sparekey.demo.scene import Happening, Moment, Scene

COLUMNS = 54
"""Width of the lanes."""
SECONDS = 0.4
"""What one column of a lane stands for, as long as the story fits; then it is more."""
BESIDE = 19
"""Lines of the screen that are not for events."""
STYLES = {
    "killed": "bold red",
    "suspect": "yellow",
    "secured": "cyan",
    "switched": "bold green",
    "alarm": "bold magenta",
    "lost": "bold red",
    "acquired": "green",
    "returned": "green",
}


class Timeline:
    """Draws each scene over the last one, in one thread. Use it as `with timeline.live:`."""

    def __init__(self, console: Console) -> None:
        self.live = Live(console=console, auto_refresh=False)
        self._console = console

    def show(self, scene: Scene) -> None:
        self.live.update(draw(scene, max(3, self._console.height - BESIDE)), refresh=True)


def draw(scene: Scene, events: int) -> RenderableType:
    """The scene, with so many of its latest events."""
    heading = scene.heading
    colour = "red" if heading.alert else "green"
    body = Group(
        Text(heading.what, style=f"bold {colour}"),
        Text(heading.why, style="dim"),
        Text(),
        _lanes(scene),
        Text(),
        _application(scene),
        Text(),
        draw_events(scene.happenings, events),
    )
    return Panel(body, title=f"sparekey demo  {scene.now.at:.1f} s", border_style=colour, padding=(0, 1))


def _lanes(scene: Scene) -> Table:
    """A lane for each server, whether it is up, and one for each license, whether it is in use or a spare."""
    table = Table.grid(padding=(0, 1))
    for server in scene.servers:
        up = server.name in scene.now.up
        name = Text(server.name, style="green" if up else "bold red")
        table.add_row(name, _lane(scene.past, _up_or_down(server.name)), Text("up" if up else "down", name.style))
    for server in scene.servers:
        role = _role(server.serial)(scene.now)
        table.add_row(Text(server.serial, "bold" if role else "dim"), _lane(scene.past, _role(server.serial)), role)
    return table


MARKS = {
    "up": ("─", "green"),
    "down": ("×", "bold red"),
    "in use": ("█", "green"),
    "spare": ("▒", "cyan"),
    "": (" ", ""),
}
"""How a lane shows what was."""


def _up_or_down(server: str) -> Callable[[Moment], str]:
    return lambda moment: "up" if server in moment.up else "down"


def _role(serial: str) -> Callable[[Moment], str]:
    return lambda moment: "in use" if moment.in_use == serial else "spare" if moment.spare == serial else ""


def _lane(past: Sequence[Moment], seen: Callable[[Moment], str]) -> Text:
    """What was seen from the beginning until now, from left to right."""
    width = max(SECONDS, past[-1].at / COLUMNS)
    columns = ((int(moment.at / width), seen(moment)) for moment in past)
    lane = Text()
    for _, moments in groupby(columns, key=lambda column: column[0]):
        mark, style = MARKS[list(moments)[-1][1]]
        lane.append(mark, style)
    lane.pad_right(max(0, COLUMNS - len(lane)))
    return lane


def _application(scene: Scene) -> RenderableType:
    """The system, what it holds, and the time left of its lease."""
    table = Table.grid(padding=(0, 2))
    status = scene.status
    if status is None:
        table.add_row(Text("system"), Text(f"{SYSTEM}: the application is not running", "dim"))
        table.add_row(Text("lease"), Text("none", "dim"))
        return table
    serial = Text(status.serial or "none", "bold green" if status.at_home else "bold yellow")
    spare = Text(status.spare.serial, "cyan") if status.spare else Text("none", "dim")
    facts = Text.assemble(f"{SYSTEM}   serial number ", serial, f"   state {status.state}   spare ", spare)
    table.add_row(Text("system"), facts)
    table.add_row(Text("lease"), _bar(scene.lease_left))
    return table


def _bar(left: float) -> RenderableType:
    share = min(1.0, left / belief(TTL))
    style = "green" if share > 0.6 else "yellow" if share > 0.3 else "red"
    row = Table.grid(padding=(0, 2))
    row.add_row(
        ProgressBar(1.0, share, width=48, complete_style=style, finished_style=style), Text(f"{left:.1f} s left", style)
    )
    return row


def draw_events(happenings: Sequence[Happening], most: int) -> RenderableType:
    """The latest happenings, so many at most."""
    table = Table.grid(padding=(0, 2))
    for happening in happenings[-most:]:
        table.add_row(Text(f"{happening.at:5.2f} s", "dim"), Text(happening.text, STYLES.get(happening.what, "")))
    return table
