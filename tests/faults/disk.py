"""A small disk of one's own under a folder, that can be filled up; and one that takes its time."""

from __future__ import annotations

import errno
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

_CHUNK = 4096
_SLOW_SYNC = Path(__file__).with_name("slow_sync.c")


class SmallDisk:
    """A tmpfs under a folder, mounted by `small_disk`."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Not a byte is left."""
        with self._filler.open("ab", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(_CHUNK))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def clear(self) -> None:
        """There is room again."""
        self._filler.unlink()


class SlowDisk:
    """A disk that takes its time to sync, for processes that live by `env`; its speed can be set while they run."""

    def __init__(self, folder: Path) -> None:
        """Skip the test where there is no C compiler."""
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            pytest.skip("a C compiler is not installed (package gcc)")
        library, self._seconds = folder / "slow_sync.so", folder / "slow_sync.txt"
        subprocess.run((compiler, "-shared", "-fPIC", "-o", library, _SLOW_SYNC, "-ldl"), check=True)
        self.env = {"LD_PRELOAD": str(library), "SLOW_SYNC": str(self._seconds)}
        self.takes(0.0)

    def takes(self, seconds: float) -> None:
        """From now on a sync takes so long."""
        fresh = self._seconds.with_suffix(".new")
        fresh.write_text(f"{seconds}\n")
        fresh.replace(self._seconds)


@contextmanager
def small_disk(folder: Path, size: int = 1_048_576) -> Iterator[SmallDisk]:
    """Put a folder, made where missing, with what it has on a disk of so many bytes. It takes the right to mount."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder.with_name(f"{folder.name}.kept")
    shutil.copytree(folder, kept)
    mode = f"{folder.stat().st_mode & 0o777:o}"
    options = ("-t", "tmpfs", "-o", f"size={size},mode={mode}")
    subprocess.run(("mount", *options, "tmpfs", folder), check=True, capture_output=True)
    try:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        yield SmallDisk(folder)
    finally:
        subprocess.run(("umount", "--lazy", folder), check=True)


@cache
def obstacle() -> str:
    """Why no disk can be mounted; empty where one can."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with small_disk(Path(folder) / "disk"):
                return ""
        except (OSError, subprocess.CalledProcessError) as error:
            return f"no right to mount a disk (CAP_SYS_ADMIN): {error}"


def skip_where_none_can_be_mounted() -> None:
    """For tests that are no stories of faults, which say so by their mark."""
    if reason := obstacle():
        pytest.skip(reason)
