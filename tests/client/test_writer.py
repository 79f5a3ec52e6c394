"""Files are written behind an event loop."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sparekey.client.writer import Writer


def writers() -> int:
    return sum(thread.name == "sparekey-writer" for thread in threading.enumerate())


def test_of_each_file_the_last_content_wins(tmp_path: Path) -> None:
    writer = Writer()
    for number in range(100):
        writer.put(tmp_path / f"{number % 2}", b"%d" % number, sync=False)
    assert writer.flush()
    assert [(tmp_path / name).read_bytes() for name in "01"] == [b"98", b"99"]
    writer.close()


def test_what_waits_is_written_at_the_end(tmp_path: Path) -> None:
    writer = Writer()
    writer.put(tmp_path / "file", b"content")
    writer.close()
    assert (tmp_path / "file").read_bytes() == b"content"


def test_the_thread_ends_with_the_writer() -> None:
    before = writers()
    writer = Writer()
    assert writers() == before + 1
    writer.close()
    assert writers() == before


def test_a_file_that_cannot_be_written_is_warned_of_once_and_tried_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    writer, file = Writer(), tmp_path / "folder" / "file"
    for _ in range(2):
        writer.put(file, b"content")
        assert writer.flush()
    assert len(caplog.records) == 1
    assert str(file) in caplog.text
    file.parent.mkdir()
    writer.put(file, b"content")
    writer.close()
    assert file.read_bytes() == b"content"
