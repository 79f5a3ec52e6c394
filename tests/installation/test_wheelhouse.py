"""The wheel house: made by one command, it installs Sparekey where there is no network, as docs/install.md says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.pages import FOLDER, blocks
from installation.units import ROOT

PAGE = FOLDER / "install.md"
PLACES = ("/media/stick", "/opt", "/usr/local/bin", "/etc/systemd/system", "/etc/sysusers.d")
UNREACHABLE = re.compile(r"No matching distribution|Failed to establish a new connection|Name or service not known")
NOT_RUN = re.compile(r"^(?:systemd-sysusers|systemctl .*)$", re.MULTILINE)
"""What is of the machine itself."""
LIMIT = 300


class Machine:
    """A PC as the page means it: its places are folders of the test's own, and it has no network."""

    def __init__(self, folder: Path) -> None:
        self._root = folder
        for place in PLACES:
            self.place(place).mkdir(parents=True)

    def place(self, path: str) -> Path:
        return self._root / path.lstrip("/")

    def run(self, script: str, *, network: bool = False) -> subprocess.CompletedProcess[str]:
        """Run what the page says, line by line, until one fails."""
        here = re.sub("|".join(map(re.escape, PLACES)), lambda place: str(self.place(place[0])), script)
        path = f"{self.place('/usr/local/bin')}{os.pathsep}{os.environ['PATH']}"
        cut_off = ("unshare", "--net") if not network and os.geteuid() == 0 and shutil.which("unshare") else ()
        command = (*cut_off, "sh", "-e", "-c", NOT_RUN.sub("", here))
        environment = {**os.environ, "PATH": path}
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=LIMIT
        )


def _scripts() -> Iterator[str]:
    """The blocks of the page that only this test runs, in their order."""
    return (block.text for block in blocks(PAGE) if block.language == "sh" and not block.name)


@pytest.mark.timeout(4 * LIMIT)
def test_the_page_installs_and_upgrades_sparekey_on_a_machine_without_a_network(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    make, install, units, upgrade = _scripts()
    made = machine.run(make, network=True)
    if UNREACHABLE.search(made.stderr):
        pytest.skip("there is no place to get the wheels from")
    assert made.returncode == 0, made.stderr
    assert machine.place("/media/stick/sparekey.tar").is_file()
    for script in (install, f"cd /media/stick/sparekey\n{units}", upgrade):
        done = machine.run(script)
        assert done.returncode == 0, f"{script}\n{done.stderr}"
    assert re.search(r"^sparekey, version \S+$", done.stdout, re.MULTILINE)
    assert machine.place("/etc/systemd/system/sparekey-server@.service").is_file()
    assert machine.place("/etc/sysusers.d/sparekey.conf").is_file()


def test_the_readme_says_what_the_page_says() -> None:
    _, install, *_ = _scripts()
    said = re.findall(r"^  (\S.*)$", (ROOT / "packaging" / "wheelhouse.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert said == install.splitlines()[1:]


def test_a_folder_with_other_things_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").touch()
    refused = Machine(tmp_path / "machine").run(f"make --silent wheelhouse DIR={tmp_path}")
    assert refused.returncode != 0
    assert f"error: {tmp_path} is no wheel house" in refused.stderr
    assert (tmp_path / "photo.jpg").exists()
