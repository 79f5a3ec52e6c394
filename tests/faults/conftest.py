"""What all stories of faults share: a stage, its history, and the judge of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from faults import privileges
from faults.chronicle import Chronicle
from faults.diary import Diary
from faults.hosts import remove_leftovers
from faults.site import Site
from history.judge import Judge
from history.records import encode
from stories.stage import Stage

HERE = Path(__file__).parent
STORY_ENDS_WITHIN = 300
"""Seconds: some start their servers again and again, on a machine that has other work too."""
MARKS = (
    "needs(*privileges): what a story needs of the machine; it is skipped where that is not to be had",
    'long: told by `make faults` only, or with -m "long or not long"',
)


def pytest_configure(config: pytest.Config) -> None:
    for mark in MARKS:
        config.addinivalue_line("markers", mark)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Stories may take their time. The long ones are left out unless it is said which are wanted."""
    stories = [item for item in items if HERE in item.path.parents]
    for story in stories:
        if not story.get_closest_marker("timeout"):
            story.add_marker(pytest.mark.timeout(STORY_ENDS_WITHIN))
    if "long" in str(config.getoption("markexpr")):
        return
    left_out = [story for story in stories if story.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_runtest_setup(item: pytest.Item) -> None:
    needs = privileges.needed(item)
    item.user_properties.append(("needs", needs))
    if reason := privileges.missing(needs):
        pytest.skip(reason)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A vendor, license servers and systems of this machine."""
    with ExitStack() as stack:
        yield Stage(tmp_path, stack)


@pytest.fixture(scope="session")
def no_leftovers() -> None:
    remove_leftovers()


@pytest.fixture
def site(tmp_path: Path, no_leftovers: None) -> Iterator[Site]:
    """The same in a network; its story needs "net"."""
    with ExitStack() as stack:
        yield Site(tmp_path, stack)


@pytest.fixture(autouse=True)
def chronicle(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chronicle]:
    """Takes down the history of every story, and has it judged."""
    scene = next((name for name in ("site", "stage") if name in request.fixturenames), None)
    assert scene, "a story has a `stage` or a `site`, since its history is judged"
    chronicle = Chronicle(request.getfixturevalue(scene))
    yield chronicle
    history = chronicle.close()
    file = tmp_path / "history.jsonl"
    file.write_bytes(b"".join(encode(record) + b"\n" for record in history))
    judge = Judge()
    for record in history:
        judge.hear(record)
    assert not judge.breaches, "\n".join(map(str, (file, *judge.breaches)))


@pytest.fixture
def diary(chronicle: Chronicle) -> Diary:
    """The part of the history that holders of the story's own write."""
    return Diary(chronicle.told)
