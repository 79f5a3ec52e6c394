"""The pages name nothing that is not there: files, headings, commands, options, targets, numbers, places of rules."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from docs.pages import FOLDER, PAGES, ROOT, table, title
from sparekey.cli import main
from sparekey.core import timing

LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"\bsparekey ((?:[a-z][a-z-]* ?)+)((?:[^`|\n]*))")
TTLS = (5.0, 30.0, 60.0, 3600.0)

every_page = pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=title)


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_file(), f"{page.name}: there is no {link}"
        assert not heading or heading in _headings(target), f"{page.name}: {target.name} has no heading #{heading}"


@every_page
def test_every_command_is_there(page: Path) -> None:
    for code in _code(page):
        for words, rest in COMMAND.findall(code):
            _check_command(page, words.split(), re.split(r" -- |[;#&>]", rest)[0])


@every_page
def test_every_make_target_is_there(page: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for code in _code(page):
        for named in re.findall(r"^(?:\$ )?make ([a-z]+)", code, re.MULTILINE):
            assert named in targets, f"{page.name}: there is no `make {named}`"


def test_the_numbers_of_a_switch_are_those_of_the_core() -> None:
    rows = table(FOLDER / "concepts.md", "ttl 5")
    expected = [
        [timing.renewal(ttl, 0.0) for ttl in TTLS],
        [timing.first_renewal(ttl, 0.0) for ttl in TTLS],
        [timing.attempt(ttl) for ttl in TTLS],
        [timing.RETRY for _ in TTLS],
        [timing.SEARCH_SPREAD for _ in TTLS],
        [timing.switch(0.0, 0.0, ttl) for ttl in TTLS],
        [timing.switch(0.0, ttl, ttl) - ttl for ttl in TTLS],
        [timing.grace(ttl, None) for ttl in TTLS],
        [timing.belief(ttl) for ttl in TTLS],
        [*TTLS],
    ]
    assert [[float(cell) for cell in row[2:]] for row in rows] == [[round(n, 2) for n in row] for row in expected]


def test_the_picture_of_a_switch_shows_true_times() -> None:
    picture = (FOLDER / "switch.svg").read_text(encoding="utf-8")
    ttl, suspect = 30.0, 3.0
    for time in (timing.switch(0.0, suspect, ttl), timing.belief(ttl), timing.RETRY, timing.SEARCH_SPREAD, ttl / 4):
        assert f" {time:g} s" in picture or f">{time:g} s" in picture, f"the picture does not show {time:g} s"


def test_every_rule_stands_where_the_page_says() -> None:
    for rule, places, *_ in table(FOLDER / "contributing.md", "place"):
        files = re.findall(r"`([^`]+)`", places)
        for file in files:
            text = (ROOT / "src" / "sparekey" / file).read_text(encoding="utf-8")
            assert re.search(rf"\b{rule}\b", text), f"{file} does not name {rule}"


def _check_command(page: Path, words: list[str], rest: str) -> None:
    command: click.Command = main
    context = click.Context(main)
    for word in words:
        if not isinstance(command, click.Group):
            break
        found = command.get_command(context, word)
        assert found, f"{page.name}: there is no command `sparekey {' '.join(words)}`"
        command = _loaded(found)
    known = {name for parameter in command.params for name in parameter.opts} | {"--help", "--version"}
    for option in re.findall(r"(?<![\w'])--[a-z][a-z-]*", rest):
        assert option in known, f"{page.name}: `sparekey {' '.join(words)}` has no {option}"


def _loaded(command: click.Command) -> click.Command:
    """The command itself, where it is imported only when it is called."""
    if isinstance(command, click.Group) or command.params:
        return command
    return command.make_context(str(command.name), ["--help"], resilient_parsing=True).command


def _code(page: Path) -> list[str]:
    """What stands as code on the page: in fences, and in words."""
    text = page.read_text(encoding="utf-8")
    fenced = re.findall(r"^```.*?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [*fenced, *re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))]


def _headings(page: Path) -> set[str]:
    """The anchors that GitHub makes of the page's headings."""
    lines = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}
