"""`sparekey server drain` as people type it."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from plant import Client, Seeker, Server, plant, sparekey, start_sparekey, terms, until

pytestmark = pytest.mark.plant


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with plant(tmp_path, "server") as (server,):
        server.install(terms(seats=2))
        yield server.start()


def waiting_for(server: Server) -> subprocess.Popen[str]:
    """The command, which has begun to wait for the end of the server's leases."""
    draining = start_sparekey("server", "drain", str(server.state))
    assert draining.stdout
    draining.stdout.readline()
    return draining


def test_an_empty_server_is_empty_at_once(server: Server) -> None:
    done = sparekey("server", "drain", str(server.state))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "server is being emptied: 0 leases in force\n"
        "server is empty\n"
        f"when the work is done: sparekey server drain {server.state} --off\n"
    )


def test_it_ends_when_the_last_has_left_and_says_who_leaves_and_who_cannot(server: Server) -> None:
    with Client(server.location) as client:
        leaver, stayer = Seeker(), Seeker(application="Second")
        leaver.take(client)
        stayer.take(client)
        draining = start_sparekey("server", "drain", str(server.state))
        assert draining.stdout
        assert draining.stdout.readline() == "server is being emptied: 2 leases in force\n"
        leaver.release(client)
        assert draining.stdout.readline() == "5-1042, Runtime on pc-1 has left\n"
        body = {"nonce": "n" * 22, "stays": "b:6350 is silent"}
        client.call("POST", f"/v1/leases/{stayer.lease}/renew", body, secret=stayer.secret)
        assert draining.stdout.readline() == "5-1042, Second on pc-1 cannot leave yet: b:6350 is silent\n"
        stayer.release(client)
        rest, errors = draining.communicate(timeout=30)
        assert rest.startswith("5-1042, Second on pc-1 has left\nserver is empty\n")
        assert (draining.returncode, errors) == (0, "")


def test_a_timeout_names_who_is_left_and_the_server_goes_on_being_emptied(server: Server) -> None:
    with Client(server.location) as client:
        Seeker().take(client)
        over = sparekey("server", "drain", str(server.state), "--timeout", "2", "--json")
        assert over.returncode == 1
        assert "not empty after 2 s: 1 lease in force" in over.stderr
        assert "5-1042, Runtime on pc-1: has not renewed since" in over.stderr
        facts = json.loads(over.stdout)
        assert (facts["empty"], facts["leases"], facts["holders"][0]["told"]) == (False, 1, False)
        assert Seeker().take(client).problem == "draining"


def test_ctrl_c_ends_the_waiting_only(server: Server) -> None:
    with Client(server.location) as client:
        Seeker().take(client)
        draining = waiting_for(server)
        draining.send_signal(signal.SIGINT)
        _, errors = draining.communicate(timeout=30)
        assert draining.returncode == 1
        assert errors.startswith("error: not empty yet: 1 lease in force\n")
        for _ in until(10):
            if client.get("/v1/server").body["draining"]:
                break


def test_off_puts_it_into_service_again(server: Server) -> None:
    sparekey("server", "drain", str(server.state))
    again = sparekey("server", "drain", str(server.state), "--off")
    assert (again.returncode, again.stdout) == (0, "server is in service\n")
    with Client(server.location) as client:
        for _ in until(10):
            if Seeker().take(client).status == 201:
                break
    assert sparekey("server", "drain", str(server.state), "--off").stdout == "server is in service, and was before\n"


def test_stop_ends_the_server_when_it_is_empty(server: Server) -> None:
    done = sparekey("server", "drain", str(server.state), "--stop")
    assert (done.returncode, done.stderr) == (0, "")
    assert "server has ended\n" in done.stdout
    assert server.wait() == 0


def test_a_server_that_does_not_run_is_marked_all_the_same(server: Server) -> None:
    server.kill()
    done = sparekey("server", "drain", str(server.state), "--stop", "--json")
    assert (done.returncode, json.loads(done.stdout)["empty"]) == (0, True)
    assert "no license server runs" in done.stderr
    with Client(server.start().location) as client:
        assert Seeker().take(client).problem == "draining"


def test_a_server_that_ends_before_it_is_empty_is_a_failure(server: Server) -> None:
    with Client(server.location) as client:
        Seeker().take(client)
    draining = waiting_for(server)
    server.kill()
    _, errors = draining.communicate(timeout=30)
    assert draining.returncode == 1
    assert errors.startswith("error: the license server has ended before it was empty: 1 lease in force\n")


def test_leases_of_a_license_that_was_removed_count_too(server: Server) -> None:
    with Client(server.location) as client:
        seeker = Seeker()
        seeker.take(client)
        server.remove("5-1042")
        for _ in until(10):
            if not client.get("/v1/licenses").body["licenses"]:
                break
        over = sparekey("server", "drain", str(server.state), "--timeout", "0")
        assert over.returncode == 1
        assert "1 lease in force\n  and 1 more\n" in over.stderr


@pytest.mark.parametrize("options", [("--off", "--stop"), ("--off", "--timeout", "1")])
def test_off_goes_with_nothing_else(server: Server, options: tuple[str, ...]) -> None:
    assert sparekey("server", "drain", str(server.state), *options).returncode == 2


def test_a_folder_without_a_container_is_said(tmp_path: Path) -> None:
    refused = sparekey("server", "drain", str(tmp_path))
    assert refused.returncode == 1
    assert "has no container" in refused.stderr
