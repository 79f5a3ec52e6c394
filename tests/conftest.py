"""Fixtures for tests with real license servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plant import Server, plant, terms


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running license server with one license, 5-1042, of one seat."""
    with plant(tmp_path, "server") as (only,):
        only.install(terms())
        yield only.start()
