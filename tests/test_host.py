"""What the operating system decides."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sparekey import host

HOLDER = """
import sys, pathlib
from sparekey import host
lock = host.Lock(pathlib.Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""
FORKING_HOLDER = """
import os, sys, pathlib
from sparekey import host
lock = host.Lock(pathlib.Path(sys.argv[1]))
lock.acquire()
child = os.fork()
if child == 0:
    lock.release()
    print("forked", lock.held, os.getpid(), flush=True)
sys.stdin.read()
"""
CHAIN = """
import subprocess, sys
from sparekey import host
child = subprocess.Popen(
    [sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()"],
    preexec_fn=host.tied_to_parent(),
)
child.wait()
"""


def started(script: str, *arguments: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_s1_the_clock_is_the_one_that_goes_on_during_suspend() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= host.boot_clock() <= time.clock_gettime(time.CLOCK_BOOTTIME)


def test_s5_a_lock_is_for_one_process(tmp_path: Path) -> None:
    other = started(HOLDER, tmp_path / "lock")
    assert line_of(other) == "held"
    with pytest.raises(host.Locked, match="is locked by a running process"):
        host.Lock(tmp_path / "lock").acquire()
    kill(other)


def test_s5_a_lock_ends_with_its_process_even_by_sigkill(tmp_path: Path) -> None:
    other = started(HOLDER, tmp_path / "lock")
    assert line_of(other) == "held"
    kill(other)
    lock = host.Lock(tmp_path / "lock")
    lock.acquire()
    assert lock.held


def test_s5_a_forked_child_neither_releases_nor_keeps_the_lock(tmp_path: Path) -> None:
    parent = started(FORKING_HOLDER, tmp_path / "lock")
    word, held, child = line_of(parent).split()
    assert (word, held) == ("forked", "False")
    lock = host.Lock(tmp_path / "lock")
    with pytest.raises(host.Locked):
        lock.acquire()
    parent.kill()
    parent.wait()
    os.kill(int(child), 0)  # the child lives
    lock.acquire()
    assert lock.held
    os.kill(int(child), signal.SIGKILL)
    parent.communicate()


def test_s5_two_locks_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    first, second = host.Lock(tmp_path / "lock"), host.Lock(tmp_path / "lock")
    first.acquire()
    for lock in (first, second):
        with pytest.raises(host.Locked):
            lock.acquire()
    first.release()
    second.acquire()
    assert (first.held, second.held) == (False, True)


def test_s5_whether_a_file_is_locked_is_seen_without_a_trace(tmp_path: Path) -> None:
    assert not host.is_locked(tmp_path / "lock")
    assert list(tmp_path.iterdir()) == []
    lock = host.Lock(tmp_path / "lock")
    lock.acquire()
    assert host.is_locked(tmp_path / "lock")
    lock.release()
    assert not host.is_locked(tmp_path / "lock")


def test_a_released_lock_leaves_its_file(tmp_path: Path) -> None:
    lock = host.Lock(tmp_path / "lock")
    lock.acquire()
    lock.release()
    lock.release()
    assert (tmp_path / "lock").exists()


def test_a_lock_that_nobody_refers_to_is_released(tmp_path: Path) -> None:
    lock = host.Lock(tmp_path / "lock")
    lock.acquire()
    del lock
    host.Lock(tmp_path / "lock").acquire()
    assert len(list(tmp_path.iterdir())) == 1


def test_a_child_dies_with_its_parent() -> None:
    parent = started(CHAIN)
    assert line_of(parent) == "up"
    parent.kill()
    assert parent.stdout is not None
    assert parent.stdout.read() == ""  # the end of the pipe that the child had, too: it is gone
    parent.communicate()


def test_a_child_whose_parent_is_gone_already_ends_itself() -> None:
    tie = host.tied_to_parent()
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            tie()  # the parent that was expected is the grandparent
            os._exit(0)
        _, status = os.wait()
        os._exit(os.waitstatus_to_exitcode(status) & 0x7F)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL & 0x7F


def test_an_atomic_write_replaces_the_whole_file_and_sets_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("something longer than what comes")
    host.write_atomically(file, b"new", mode=0o640)
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [file]


def test_an_atomic_write_keeps_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    host.write_atomically(tmp_path / "link", b"new", sync=False)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        host.write_atomically(tmp_path / "folder", b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("name", ["folder", "pipe", "no/file"])
def test_a_write_that_cannot_be_names_the_file_and_leaves_what_is_there(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match=r"; (make it, or )?name a") as failure:
        host.write_atomically(tmp_path / name, b"new")
    assert failure.value.filename == str(tmp_path / name)
    assert (tmp_path / "pipe").is_fifo()
    assert {file.name for file in tmp_path.iterdir()} == {"folder", "pipe"}


def test_of_many_that_make_one_file_exactly_one_does(tmp_path: Path) -> None:
    made: list[bytes] = []
    together = threading.Barrier(8)

    def make(content: bytes) -> None:
        together.wait()
        try:
            host.create_exclusively(tmp_path / "file", content)
        except FileExistsError:
            return
        made.append(content)

    threads = [threading.Thread(target=make, args=(bytes([n]) * 1000,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [(tmp_path / "file").read_bytes()]
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_leftovers_of_killed_writers_are_removed(tmp_path: Path) -> None:
    (tmp_path / ".file.0123.tmp").touch()
    (tmp_path / "file").touch()
    host.remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]
