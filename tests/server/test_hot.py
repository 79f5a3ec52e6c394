"""Who counts as this machine (R4)."""

from __future__ import annotations

import pytest

from sparekey.server.hot import is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_r4_the_loopback_is_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "::", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0", "", "localhost"]
)
def test_r4_any_other_address_is_not(host: str) -> None:
    assert not is_loopback(host)
