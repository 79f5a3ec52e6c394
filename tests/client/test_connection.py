"""A few calls over a watched connection, against servers that do what they should not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from sparekey.client.connection import Connection, Connections, ServerSilent
from sparekey.client.names import Address, Names
from sparekey.core.entries import Location

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Name: Value\r\n\r\nok"


@asynccontextmanager
async def serving(behaviour: Behaviour, host: str = "127.0.0.1") -> AsyncIterator[Location]:
    """A server that treats each connection so, and then closes it."""
    tasks: set[asyncio.Task[None]] = set()

    async def treat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await behaviour(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(treat, host, 0)
    try:
        yield Location(host, server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def head_of(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


def answering(*answers: bytes) -> Behaviour:
    """Answers one after the other on one connection, then its end."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await head_of(reader)
            writer.write(answer)
            await writer.drain()

    return behave


async def keeping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers for ever, with how many were answered on this connection before."""
    for number in range(1000):
        await head_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % number)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    await asyncio.Event().wait()


async def ask(connection: Connection, timeout: float = 5.0) -> bytes:
    return (await connection.request("GET", "/", timeout=timeout)).body


async def reason_of(location: Location, timeout: float = 5.0) -> str:
    with pytest.raises(ServerSilent) as silence:
        await ask(Connection(location), timeout)
    assert silence.value.location == location
    return silence.value.reason


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_an_answer_has_status_headers_and_body() -> None:
    async with serving(answering(OK)) as location:
        answer = await Connection(location).request("GET", "/", timeout=5)
    assert (answer.status, answer.headers["x-name"], answer.body) == (200, "Value", b"ok")


async def test_a_request_says_all_that_a_server_needs() -> None:
    heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set_result(await head_of(reader) + await reader.readexactly(2))
        writer.write(OK)

    async with serving(listen) as location:
        await Connection(location).request(
            "POST", "/v1/leases", body=b"{}", headers={"Authorization": "Bearer x"}, timeout=5
        )
    head, _, body = (await heard).partition(b"\r\n\r\n")
    assert body == b"{}"
    assert head.splitlines()[0] == b"POST /v1/leases HTTP/1.1"
    assert {f"Host: {location}".encode(), b"Content-Length: 2", b"Content-Type: application/json"} <= set(
        head.splitlines()
    )
    assert b"Authorization: Bearer x" in head.splitlines()


async def test_a_connection_is_kept() -> None:
    async with serving(keeping) as location:
        connection = Connection(location)
        assert [await ask(connection) for _ in range(3)] == [b"0", b"1", b"2"]
        assert connection.connected
        connection.close()
        assert await ask(connection) == b"0"
        connection.close()


async def test_a_request_beside_another_has_a_connection_for_itself() -> None:
    async with serving(keeping) as location:
        connection = Connection(location)
        assert set(await asyncio.gather(ask(connection), ask(connection))) == {b"0"}
        assert await ask(connection) == b"1"
        connection.close()


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    async with serving(answering(OK)) as location:
        assert await ask(Connection(location)) == b"ok"


async def test_the_end_of_a_kept_connection_is_an_event_at_once() -> None:
    end, lost = asyncio.Event(), asyncio.Event()

    async def until_told(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answering(OK)(reader, writer)
        await end.wait()

    async with serving(until_told) as location:
        connection = Connection(location)
        connection.watch(lost.set)
        await ask(connection)
        assert not lost.is_set()
        end.set()
        await asyncio.wait_for(lost.wait(), 5)
        assert not connection.connected


async def test_a_watch_can_be_ended_and_our_own_end_is_no_loss() -> None:
    lost: list[str] = []
    async with serving(keeping) as location:
        connection = Connection(location)
        stop = connection.watch(lambda: lost.append("watched"))
        await connection.connect(timeout=5)
        connection.close()
        stop()
        await ask(connection)
        connection.close()
    assert lost == []


async def test_an_end_that_the_server_announced_is_no_loss() -> None:
    lost: list[str] = []
    async with serving(answering(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")) as location:
        connection = Connection(location)
        connection.watch(lambda: lost.append("lost"))
        assert await ask(connection) == b""
        assert not connection.connected
        assert await ask(connection) == b""
    assert lost == []


async def test_s6_a_request_on_a_dead_connection_is_sent_again_once() -> None:
    async def one_answer_then_reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answering(OK)(reader, writer)
        await head_of(reader)  # the second request arrives, and is dropped

    async with serving(one_answer_then_reset) as location:
        connection = Connection(location)
        assert [await ask(connection) for _ in range(3)] == [b"ok"] * 3
        connection.close()


async def test_nothing_stays_open_whenever_a_request_is_cancelled() -> None:
    """Cancelled after any number of steps of the loop, it leaves at most the one kept connection."""
    opened = 0

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        try:
            await keeping(reader, writer)
        finally:
            opened -= 1
            ended.set()

    ended = asyncio.Event()
    async with serving(count) as location:
        connection = Connection(location)
        for steps in range(25):
            request = asyncio.create_task(ask(connection))
            for _ in range(steps):
                await asyncio.sleep(0)
            request.cancel()
            await asyncio.gather(request, return_exceptions=True)
        assert await ask(connection)
        async with asyncio.timeout(5):
            while opened > 1:
                ended.clear()
                await ended.wait()
            connection.close()
            while opened:
                ended.clear()
                await ended.wait()
    assert opened == 0


async def test_refused() -> None:
    location = Location("127.0.0.1", free_port())
    assert await reason_of(location) == f"{location} refused the connection"


async def test_a_name_that_does_not_resolve() -> None:
    assert (await reason_of(Location("server-a.invalid"))).startswith("the name server-a.invalid does not resolve")


async def test_no_answer_in_time() -> None:
    async with serving(silent) as location:
        assert await reason_of(location, 0.05) == f"{location} gave no answer within 0.1 s"


async def test_an_answer_that_comes_late_is_never_taken_for_the_next_one() -> None:
    late = asyncio.Event()
    connections = 0

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await head_of(reader)
        if connections == 1:
            await late.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % connections)
        await writer.drain()
        await reader.read()

    async with serving(behave) as location:
        connection = Connection(location)
        with pytest.raises(ServerSilent):
            await ask(connection, 0.05)
        late.set()
        assert await ask(connection) == b"2"
        connection.close()


async def test_a_cancelled_request_drops_its_connection() -> None:
    asked = asyncio.Event()

    async def first_hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        if not asked.is_set():
            asked.set()
            assert await reader.read() == b""
            closed.set()
        writer.write(OK)

    closed = asyncio.Event()
    async with serving(first_hangs) as location:
        connection = Connection(location)
        request = asyncio.create_task(ask(connection))
        await asked.wait()
        request.cancel()
        await asyncio.wait_for(closed.wait(), 5)
        assert await ask(connection) == b"ok"
        connection.close()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok", "closed the connection within its answer"),
        (b"HTTP/1.1 200 OK\r\n\r\nno framing", "closed the connection within its answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "does not answer as a license server does"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "does not answer as a license server does"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "does not answer as a license server does"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok",
            "does not answer as a license server does",
        ),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, "does not answer as a license server does"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2097152\r\n\r\n" + bytes(2_097_152), "more than 1048576 bytes"),
    ],
    ids=["nothing", "cut", "unframed", "ssh", "negative", "bad-chunk", "two-lengths", "long-head", "long-body"],
)
async def test_t6_what_is_no_answer_is_silence(answer: bytes, reason: str) -> None:
    async with serving(answering(answer)) as location:
        assert reason in await reason_of(location)


async def test_t6_what_comes_behind_an_answer_is_not_taken_for_the_next_one() -> None:
    async with serving(answering(OK + OK.replace(b"ok", b"no"))) as location:
        connection = Connection(location)
        assert [await ask(connection) for _ in range(2)] == [b"ok", b"ok"]
        assert not connection.connected


async def test_t6_a_server_that_speaks_unasked_is_left() -> None:
    lost, speak = asyncio.Event(), asyncio.Event()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answering(OK)(reader, writer)
        await speak.wait()
        writer.write(OK)
        await reader.read()

    async with serving(behave) as location:
        connection = Connection(location)
        connection.watch(lost.set)
        await ask(connection)
        speak.set()
        await asyncio.wait_for(lost.wait(), 5)
        assert not connection.connected


async def test_a_dead_address_before_a_good_one_costs_little() -> None:
    with socket.create_server(("127.0.0.2", 0), backlog=0) as full:
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:  # from now on it takes no connection, and refuses none
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.2", port))
        server = await asyncio.start_server(keeping, "127.0.0.1", port)
        dead, alive = (Address(socket.AF_INET, (host, port)) for host in ("127.0.0.2", "127.0.0.1"))
        names = Names(lambda _: [dead, alive])
        location = Location("server-a", port)
        connection = Connection(location, names)
        assert await ask(connection) == b"0"
        assert names.last(location) == alive
        connection.close()
        names.worked(location, dead)  # what worked last is tried first, and does not eat the time either
        assert await ask(connection) == b"0"
        assert names.last(location) == alive
        connection.close()
        server.close()
        for filler in fillers:
            filler.close()


async def test_a_renewal_uses_the_last_address_while_names_do_not_resolve() -> None:
    asked: list[Location] = []

    def look_up(location: Location) -> list[Address]:
        asked.append(location)
        if len(asked) > 1:
            raise OSError("no name server")
        return [Address(socket.AF_INET, ("127.0.0.1", location.port))]

    async with serving(keeping) as at:
        connection = Connection(Location("server-a", at.port), Names(look_up))
        for _ in range(2):
            assert await ask(connection) == b"0"
            connection.close()
    assert len(asked) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_localhost_is_found_in_both_families(host: str) -> None:
    try:
        socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError:
        pytest.skip("this machine has no such family")
    async with serving(keeping, host) as at:
        both = [
            Address(socket.AF_INET6, ("::1", at.port, 0, 0)),
            Address(socket.AF_INET, ("127.0.0.1", at.port)),
        ]
        connection = Connection(Location("localhost", at.port), Names(lambda _: both))
        assert await ask(connection) == b"0"
        connection.close()


async def test_connections_keep_one_a_location() -> None:
    async with serving(keeping) as location, Connections() as connections:
        connection = connections.get(location)
        assert connections.get(Location(location.host, location.port)) is connection
        assert [await ask(connection) for _ in range(2)] == [b"0", b"1"]
    assert not connection.connected
