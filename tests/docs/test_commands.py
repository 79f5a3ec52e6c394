"""Every command of the README and of docs/ is run: each page is one story, in a folder of its own.

A `console` block has commands, which begin with "$ ", and what they print; `...` stands for what varies, and blanks
count as one. A block with a name behind its language, such as "toml order.toml", is written to that file. A page that
says `<!-- after: vendor.md -->` goes on where that page ended. The ports 6350 and 6351 are replaced by free ones, and
the places of an installation by folders of the reader's own.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from docs.pages import FOLDER, PAGES, Block, blocks, title

LOOKS = (
    "sparekey status",
    "sparekey server status",
    "sparekey config check",
    "sparekey doctor",
    "sparekey alarms list",
    "cat ",
    "curl -s localhost",
)
"""Commands that only look. Where they do not show yet what the page says, a reader looks again."""
PATIENCE = 60.0
PORTS = ("6350", "6351")
PLACES = re.compile(r"/(?:var/lib|etc)/sparekey")
AFTER = re.compile(r"<!-- after: (\S+) -->")
NOTICE = re.compile(r"^.*line \d+: +\d+ (Killed|Terminated)\b.*\n", re.MULTILINE)
"""What bash says of a process in the background that was killed."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a page, and what the page says that it prints: nothing where nothing is said."""

    where: str
    command: str
    output: str

    @property
    def in_background(self) -> bool:
        return self.command.endswith("&")

    @property
    def may_fail(self) -> bool:
        return re.search(r"^error: ", self.output, re.IGNORECASE | re.MULTILINE) is not None

    def is_shown(self, printed: str) -> bool:
        """Whether the output is the one on the page."""
        lines = (_squeezed(line) for line in self.output.splitlines())
        pattern = "".join(r"(?:.*\n)*" if line == "..." else f"{_any(line)}\n" for line in lines if line)
        shown = "".join(f"{_squeezed(line)}\n" for line in printed.splitlines() if line.strip())
        return not self.output.strip() or re.fullmatch(pattern, shown) is not None


class Reader:
    """Follows a page in one shell, as a reader would; `close` ends all that it started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        self._root = folder / "root"
        self._outputs = folder / "outputs"
        self._outputs.mkdir()
        self._reserved = {port: _reserve_port() for port in PORTS}
        self._ports = {port: str(held.getsockname()[1]) for port, held in self._reserved.items()}
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("SPAREKEY_", "XDG_"))}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._bash = subprocess.Popen(
            ("bash", "--norc"),
            cwd=self.folder,
            env={**clean, "PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def write(self, block: Block) -> None:
        """Make the file that a block is."""
        file = self.folder / self._here(block.name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self._here(block.text), encoding="utf-8")

    def follow(self, step: Step) -> None:
        """Run a command, and see that it does what the page says."""
        code, output = self._run(step.command)
        for _ in _until(PATIENCE):
            printed = self._as_on_the_page(output)
            if step.is_shown(printed):
                break
            if step.command.startswith(LOOKS):
                code, output = self._run(step.command)
            elif not step.in_background:
                break
        assert step.is_shown(printed), f"{step.where}: {step.command}\nprints\n{printed}\nand not\n{step.output}"
        assert step.may_fail or code == 0, f"{step.where}: {step.command}\nends with {code}:\n{printed}"

    def close(self) -> None:
        os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.communicate()
        for held in self._reserved.values():
            held.close()

    def _run(self, command: str) -> tuple[int, Path]:
        """Its exit code, which stays in `$?`, and the file with what it prints: later, too, in the background."""
        assert self._bash.stdin
        assert self._bash.stdout
        output = self._outputs / str(len(list(self._outputs.iterdir())))
        group = f"{{ {self._here(command)}\n}} >{output} 2>&1 </dev/null"
        self._bash.stdin.write(f"(exit ${{code:-0}}); {group}; code=$?; echo $code\n")
        self._bash.stdin.flush()
        return int(self._bash.stdout.readline()), output

    def _here(self, text: str) -> str:
        """What the page says, with the reader's own ports and places."""
        ports = re.sub("|".join(PORTS), lambda port: self._ports[port[0]], text)
        return PLACES.sub(lambda place: f"{self._root}{place[0]}", ports)

    def _as_on_the_page(self, output: Path) -> str:
        printed = NOTICE.sub("", output.read_text(encoding="utf-8")).replace(str(self._root), "")
        for port, free in self._ports.items():
            printed = printed.replace(free, port)
        return printed


def _stories() -> list[list[Path]]:
    """What a reader may read from its beginning to its end, each page in one of them at least."""
    stories = [_story(page) for page in PAGES if blocks(page)]
    begun = {page for story in stories for page in story[:-1]}
    return [story for story in stories if story[-1] not in begun]


def _story(page: Path) -> list[Path]:
    """The pages to follow, this one last."""
    before = AFTER.search(page.read_text(encoding="utf-8"))
    return [*(_story(FOLDER / before[1]) if before else []), page]


@pytest.mark.plant
@pytest.mark.timeout(600)
@pytest.mark.parametrize("story", _stories(), ids=lambda story: "-".join(map(title, story)))
def test_a_page_does_what_it_says(story: list[Path], tmp_path: Path) -> None:
    if not shutil.which("curl") and any("$ curl" in page.read_text() for page in story):
        pytest.skip("curl is not installed")
    with closing(Reader(tmp_path)) as reader:
        for page in story:
            _follow(page, reader)


def _follow(page: Path, reader: Reader) -> None:
    for block in blocks(page):
        if block.name:
            reader.write(block)
        elif block.language == "python":
            compile(block.text, block.where, "exec")
        elif block.language == "console":
            for step in _steps(block):
                reader.follow(step)


def _steps(block: Block) -> Iterator[Step]:
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield Step(block.where, command.strip(), output)


def _squeezed(line: str) -> str:
    return " ".join(line.split())


def _any(line: str) -> str:
    return re.escape(line).replace(r"\.\.\.", ".*")


def _until(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.05)


def _reserve_port() -> socket.socket:
    """Hold a port, below those of outgoing connections; a license server may listen there all the same."""
    for port in random.sample(range(2_000, 10_000), 8_000):
        holder = socket.socket()
        try:
            holder.bind(("127.0.0.1", port))
        except OSError:
            holder.close()
            continue
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return holder
    raise AssertionError("no port is free")
