"""The port of a license server: bound at once after a restart, and where it is taken, said by whom."""

from __future__ import annotations

import http.server
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from plant import Client, Seeker, Server, plant, sparekey
from sparekey.core.entries import Location
from sparekey.server.neighbours import has_open, who_has

pytestmark = pytest.mark.plant


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Server]:
    """Another license server, not started."""
    with plant(tmp_path / "other", "second") as (server,):
        yield server


def connected(server: Server) -> socket.socket:
    """A connection over which the server has answered, so that it is kept."""
    connection = socket.create_connection((server.address, server.port))
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    return connection


def test_a_restart_binds_at_once_while_connections_of_the_killed_one_are_open(server: Server) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(connected(server))
        port = server.port
        server.kill()
        assert server.start().port == port


def test_a_restart_binds_at_once_while_connections_wait_for_their_end(server: Server) -> None:
    """The server closes first and its clients never do: its side is in FIN_WAIT, or in TIME_WAIT where they did."""
    with ExitStack() as stack:
        kept = [stack.enter_context(connected(server)) for _ in range(20)]
        for each in kept[:10]:
            each.shutdown(socket.SHUT_WR)
        port = server.port
        assert server.stop() == 0
        kept[10].close()
        assert server.start().port == port


def test_a_port_that_another_license_server_has_is_said_with_its_name_and_process(
    server: Server, second: Server
) -> None:
    refused = sparekey("server", "run", str(second.state), "--listen", server.location)
    assert refused.returncode == 1
    assert server.process
    assert refused.stderr == (
        f"error: cannot listen on {server.location}: it is in use by the license server 'server' (container"
        f" {server.container.id}), process {comm(server.process.pid)} (pid {server.process.pid});"
        " stop that, or choose another port with --listen HOST:PORT\n"
    )


def test_a_port_on_one_address_is_in_the_way_of_all_addresses(server: Server, second: Server) -> None:
    refused = sparekey("server", "run", str(second.state), "--listen", f"0.0.0.0:{server.port}")
    assert refused.returncode == 1
    assert f"in use by the license server 'server' (container {server.container.id}), process" in refused.stderr


def test_a_port_that_another_program_has_is_said_with_its_process(second: Server) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        refused = sparekey("server", "run", str(second.state), "--listen", f"127.0.0.1:{other.server_port}")
        other.shutdown()
    assert refused.returncode == 1
    assert f"it is in use by process {comm(os.getpid())} (pid {os.getpid()}); stop that" in refused.stderr


def test_a_program_that_never_answers_is_no_reason_to_wait(second: Server) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as mute:
        port = mute.getsockname()[1]
        refused = sparekey("server", "run", str(second.state), "--listen", f"[::1]:{port}")
    assert refused.returncode == 1
    assert f"cannot listen on [::1]:{port}: it is in use by process" in refused.stderr


def test_nobody_has_a_free_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert who_has(Location("127.0.0.1", port)) == ""


def test_which_process_has_a_state_folder_open(server: Server) -> None:
    assert server.process
    assert has_open(server.process.pid, server.container.folder.lock)
    assert not has_open(os.getpid(), server.container.folder.lock)
    assert not has_open(2**22 + 1, server.container.folder.lock)


def test_holders_go_on_over_a_restart_on_the_same_port(server: Server) -> None:
    with Client(server.location) as client:
        seeker = Seeker()
        seeker.take(client)
    server.kill()
    server.start()
    with Client(server.location) as client:
        assert seeker.renew(client).status == 200


def comm(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()
