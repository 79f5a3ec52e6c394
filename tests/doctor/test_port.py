"""A license server that is not where the list says: each way of not being there is told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from doctor.clinic import look_at
from doctor.strangers import FullQueue, Greeter, Https, Stranger
from faults.name_server import NameServer
from faults.site import Site
from stories.stage import BACKUP, HOME, Stage

pytestmark = pytest.mark.plant


def test_a_server_that_answers_is_named(stage: Stage) -> None:
    server, other = stage.server(HOME), stage.server(BACKUP)
    report = look_at(stage.system((HOME, server), (BACKUP, other)))
    assert report.is_well, report
    assert f"{server.location}: server-1, container {server.container.id}, lease time 5 s" in report.of("ok")


def test_a_name_without_address_is_a_matter_of_the_name_service(stage: Stage) -> None:
    report = look_at(stage.system((HOME, "server-a.invalid")))
    assert report.fault("server-a.invalid:6350", "does not resolve").startswith("getent hosts server-a.invalid")


def test_a_name_that_hangs_in_the_resolver_is_told_in_time(site: Site) -> None:
    system = site.system((HOME, "server-a.example"))
    where = site.host()
    with NameServer(where) as names:
        names.silent = True
        site.host_of(system).asks(where.v4)
        report = look_at(system)
        assert "the name service is silent" in report.faults[0]
        assert report.fault("the name server-a.example does not resolve within").startswith("getent hosts")


def test_nobody_listens(stage: Stage) -> None:
    report = look_at(stage.system((HOME, stage.stopped_server(HOME))))
    assert "sparekey server run" in report.fault("refused the connection: the machine is up, nothing listens")


def test_a_name_that_leads_astray_is_told_with_its_address(site: Site) -> None:
    wrong = site.host()
    system = site.system((HOME, "server-a"))
    site.host_of(system).knows({"server-a": (wrong.v4,)})
    report = look_at(system)
    assert report.fault("server-a:6350: refused the connection", wrong.v4)


def test_a_firewall_that_is_silent(site: Site) -> None:
    server = site.server(HOME)
    site.host_of(server).drops("input")
    report = look_at(site.system((HOME, server)))
    assert "firewall" in report.fault(f"{server.location}: took no connection within", "a firewall is silent")


def test_a_port_that_drops_who_comes(stage: Stage) -> None:
    with FullQueue() as full:
        report = look_at(stage.system((HOME, full)))
    assert report.fault("took no connection within").startswith("ping -c 3 127.0.0.1")


def test_an_address_to_which_there_is_no_way(site: Site) -> None:
    report = look_at(site.system((HOME, "198.51.100.7")))
    assert report.fault("198.51.100.7:6350: cannot be reached", "unreachable") == "ip route get 198.51.100.7"


def test_a_port_that_takes_connections_and_says_nothing(stage: Stage) -> None:
    report = look_at(stage.system((HOME, stage.mute())))
    assert report.fault("took the connection and said nothing within", "it hangs").startswith("here: ss -ltnp")


def test_a_server_that_hangs(stage: Stage) -> None:
    server = stage.server(HOME)
    server.pause()
    assert look_at(stage.system((HOME, server))).fault(server.location, "said nothing within")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "an SSH server (SSH-2.0-OpenSSH_9.6)"),
        (b"220 mail.example ESMTP ready\r\n", "something that says '220 mail.example ESMTP ready'"),
        (b"HTTP/1.1 400 Bad Request\r\nServer: nginx/1.24.0\r\n\r\n", "a web server (HTTP/1.1 400 Bad Request, nginx"),
        (b"\x00\xff\x1b[2J" * 500, "something that says '???[2J"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"{" * 4000, "a web server"),
        (b"", "something that closes the connection without a word"),
    ],
    ids=["ssh", "mail", "nginx", "noise", "cut short", "nothing"],
)
def test_a_stranger_at_the_port_is_told_by_its_first_words(stage: Stage, words: bytes, said: str) -> None:
    with Stranger(words) as stranger:
        report = look_at(stage.system((HOME, stranger)))
    assert "ss -ltnp" in report.fault(f"{stranger.location}: is no license server", said)


def test_a_stranger_that_greets_and_waits_has_said_something(stage: Stage) -> None:
    with Greeter(b"220 mail.example ESMTP ready\r\n") as stranger:
        report = look_at(stage.system((HOME, stranger)))
    assert report.fault(f"{stranger.location}: is no license server", "something that says '220 mail.example")


@pytest.mark.parametrize(
    "body", [b"\xff", b'{"name":"\xff"}', b'{"x":' + b"[" * 5000], ids=["noise", "no UTF-8", "deep"]
)
def test_what_is_no_json_at_the_port(stage: Stage, body: bytes) -> None:
    with Stranger(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)) as stranger:
        report = look_at(stage.system((HOME, stranger)))
    assert report.fault(f"{stranger.location}: is no license server", "a web server")


@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_web_server_at_the_port(stage: Stage, status: int) -> None:
    foreign = stage.foreign(status)
    report = look_at(stage.system((HOME, foreign)))
    assert report.fault("is no license server: it is a web server", f"HTTP/1.1 {status}", "BaseHTTP")


def test_a_server_with_tls_at_the_port(stage: Stage, tmp_path: Path) -> None:
    with Https(tmp_path) as https:
        report = look_at(stage.system((HOME, https)))
    assert report.fault("is no license server: it is a server with TLS")


def test_s4_a_server_that_recovers_grants_nothing_new(stage: Stage) -> None:
    server = stage.server(HOME, ttl=600)
    server.stop()
    server.container.folder.ledger.unlink()
    server.start()
    report = look_at(stage.system((HOME, server)))
    assert "sparekey doctor --server STATE" in report.fault(f"{server.location}: server-1 grants nothing new now")


def test_ten_silent_servers_are_asked_at_once(stage: Stage) -> None:
    with FullQueue() as full:
        places = [f"127.0.0.{number}:{full.port}" for number in range(1, 12)]
        system = stage.system(*((f"5-{number}", place) for number, place in enumerate(places)))
        report = look_at(system, timeout=20.0)
    for place in places:
        assert report.fault(f"{place}: took no connection within")
