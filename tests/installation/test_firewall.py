"""The line of docs/administrator.md that opens a firewall lets applications through to a license server."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest

from docs.pages import FOLDER
from faults.hosts import Host, network, obstacle
from sparekey.core.entries import DEFAULT_PORT

CLOSED = """
table inet filter {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        iif lo accept
        meta l4proto ipv6-icmp accept
    }
}
"""
"""A firewall as distributions have it."""


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    """A license server's machine with a firewall, and an application's."""
    if reason := obstacle():
        pytest.skip(reason)
    with network() as made:
        server, application = made.host(), made.host()
        server.nft(CLOSED)
        yield server, application


@pytest.mark.plant
def test_the_line_of_the_page_opens_the_port_for_both_families(hosts: tuple[Host, Host]) -> None:
    server, application = hosts
    (line,) = re.findall(r"^nft (.+)$", (FOLDER / "administrator.md").read_text(encoding="utf-8"), re.MULTILINE)
    with server.opens(lambda: socket.create_server(("::", DEFAULT_PORT), family=socket.AF_INET6, dualstack_ipv6=True)):
        assert not _reaches(application, server.v4)
        server.nft(line)
        assert _reaches(application, server.v4)
        assert _reaches(application, server.v6)


def _reaches(host: Host, address: str) -> bool:
    try:
        host.opens(lambda: socket.create_connection((address, DEFAULT_PORT), timeout=2)).close()
    except TimeoutError:
        return False
    return True
