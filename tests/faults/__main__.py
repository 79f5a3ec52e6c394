"""python -m faults [--times N], with PYTHONPATH=tests: every story of faults, again and again; exit 1 where one fails.

For each story a line: how often it passed, how long it took, and what it needed of the machine. A story that cannot be
told here is said to be skipped, and why.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import click
import pytest
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent


@dataclass(slots=True)
class Story:
    """How it went so far. `needs` are privileges; `skipped` says why it could not be told."""

    needs: str = "none"
    seconds: list[float] = field(default_factory=list)
    failures: int = 0
    skipped: str = ""

    @property
    def passed(self) -> int:
        return len(self.seconds)

    @property
    def told(self) -> int:
        return self.passed + self.failures


class Tally:
    """A plugin for pytest that counts how stories go; what goes wrong before or after one is a failure of it."""

    def __init__(self) -> None:
        self.stories: dict[str, Story] = {}
        self._took: dict[str, float] = {}
        self._failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        story = self.stories.setdefault(_name(report.nodeid), Story())
        needs = dict(report.user_properties).get("needs")
        if isinstance(needs, Sequence) and needs:
            story.needs = ", ".join(map(str, needs))
        if report.skipped:
            story.skipped = _reason(report)
        if report.failed:
            self._failed.add(report.nodeid)
        if report.when == "call":
            self._took[report.nodeid] = report.duration
        if report.when == "teardown":
            self._conclude(story, report.nodeid)

    def _conclude(self, story: Story, nodeid: str) -> None:
        took = self._took.pop(nodeid, None)
        if nodeid in self._failed:
            self._failed.remove(nodeid)
            story.failures += 1
        elif took is not None and not story.skipped:
            story.seconds.append(took)


@click.command()
@click.option("--times", type=click.IntRange(1), default=1, show_default=True, help="So many times in a row.")
@click.argument("options", nargs=-1)
def main(times: int, options: tuple[str, ...]) -> None:
    """Tell all stories of faults; OPTIONS, after --, are pytest's."""
    tally = Tally()
    told = ("-n", "2", "--dist", "worksteal", "-m", "long or not long", *options)
    ends = [pytest.main([str(HERE), *told], plugins=[tally]) for _ in range(times)]
    show(tally.stories)
    sys.exit(1 if any(ends) else 0)


def show(stories: dict[str, Story]) -> None:
    table = Table("story", "passed", "median s", "needs")
    for name, story in sorted(stories.items()):
        if story.told:
            took = f"{median(story.seconds):.1f}" if story.seconds else ""
            table.add_row(name, f"{story.passed}/{story.told}", took, story.needs)
        else:
            table.add_row(name, "skipped", "", f"{story.needs}: {story.skipped}")
    Console(width=None if sys.stdout.isatty() else 160, markup=False).print(table)


def _name(nodeid: str) -> str:
    """Without the folder, which all have."""
    return nodeid.rpartition("tests/faults/")[2].removeprefix("test_").replace(".py::test_", ": ").replace("_", " ")


def _reason(report: pytest.TestReport) -> str:
    return str(report.longrepr[2]).removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""


if __name__ == "__main__":
    main()
