"""What tests of connections share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server.clock import Clock


@pytest.fixture
def clock() -> Iterator[Clock]:
    loop = Clock()
    yield loop
    loop.close()
