"""Make a folder, and a tar file of it, with all that a PC without internet needs: `make wheelhouse DIR=FOLDER`.

It has the wheels of Sparekey and of what it depends on, the pages of docs/, and the units for systemd. The wheels fit
the Python and the kind of machine that made them; README.txt says which.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXTRAS = ("docs", "packaging/systemd", "packaging/sysusers.d", "packaging/prometheus")
HEADLINE = "Sparekey for a PC without internet"
README = """\
{headline}

It needs {needs}.
On Debian and Ubuntu `python3 -m venv` is in the package python3-venv. As root, in this folder:

  python3 -m venv /opt/sparekey
  /opt/sparekey/bin/pip install --no-index --find-links . sparekey
  ln -s /opt/sparekey/bin/sparekey /usr/local/bin/sparekey
  sparekey --version

How to go on, and how to upgrade, is in docs/install.md.
"""


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        return _refuse("name the folder to make: make wheelhouse DIR=FOLDER")
    folder = Path(arguments[0])
    if not _is_free(folder):
        return _refuse(f"{folder} is no wheel house and stays as it is; name another folder with DIR=")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pip = subprocess.run((sys.executable, "-m", "pip", "wheel", "-qq", "--wheel-dir", folder, ROOT), check=False)
    if pip.returncode != 0:
        return _refuse("pip did not get every wheel; it needs the internet here, or a folder with wheels of its own")
    wheels = sorted(wheel.name for wheel in folder.glob("*.whl"))
    for extra in EXTRAS:
        shutil.copytree(ROOT / extra, folder / Path(extra).name)
    (folder / "README.txt").write_text(README.format(headline=HEADLINE, needs=_needs(wheels)), encoding="utf-8")
    archive = folder.with_name(f"{folder.name}.tar")
    with tarfile.open(archive, "w") as tar:
        tar.add(folder, arcname=folder.name)
    print(f"{folder} and {archive}: {len(wheels)} wheels; copy one of them to the PC and follow README.txt in it")
    return 0


def _is_free(folder: Path) -> bool:
    """Whether the folder may be made anew: it is empty, or was made by this."""
    if not folder.exists():
        return True
    readme = folder / "README.txt"
    return not any(folder.iterdir()) or (readme.is_file() and readme.read_text(encoding="utf-8").startswith(HEADLINE))


def _needs(wheels: Iterable[str]) -> str:
    glibc = max((_glibc(wheel) for wheel in wheels), default=0)
    python = ".".join(platform.python_version_tuple()[:2])
    return f"Python {python} on {platform.system()} {platform.machine()}" + (
        f", glibc 2.{glibc} or later" if glibc else ""
    )


def _glibc(wheel: str) -> int:
    """The least minor version of glibc 2 that a wheel asks for; 0 where it asks for none (PEP 600)."""
    return min((int(minor) for minor in re.findall(r"manylinux_2_(\d+)_", wheel)), default=0)


def _refuse(why: str) -> int:
    print(f"error: {why}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
