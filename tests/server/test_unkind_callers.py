"""Who is silent is given up, and who asks much at once keeps nobody else waiting (T6)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import cast

import pytest
import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from server.clock import Clock
from sparekey.server.connection import Connection
from sparekey.server.messages import Request
from sparekey.server.patience import PATIENCE
from sparekey.server.replies import Reply
from sparekey.server.service import Respond

KEPT = 70
LARGE = b"x" * 1_000_000
NEVER, LARGELY, LAST, SHORTLY, NEXT = (
    b"GET /%s HTTP/1.1\r\n\r\n" % word for word in (b"never", b"largely", b"last", b"shortly", b"next")
)


class Answerer:
    """Answers as it is asked to."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def answer(self, request: Request, respond: Respond) -> None:
        self.asked.append(request.target)
        if request.target in ("/shortly", "/next"):
            respond(Reply(200))
        elif request.target != "/never":
            request.last = request.target == "/last"
            respond(Reply(200, LARGE))


@pytest.fixture
def state() -> ServerState:
    """Knows the connections that there are."""
    return ServerState()


@pytest.fixture
def answerer() -> Answerer:
    return Answerer()


@pytest.fixture
def connect(clock: Clock, state: ServerState, answerer: Answerer) -> Iterator[Callable[[], socket.socket]]:
    """Gives the other end of a new connection."""
    config = uvicorn.Config(cast("ASGIApp", None), timeout_keep_alive=KEPT)
    config.loaded_app = answerer
    with ExitStack() as ends:

        def connect() -> socket.socket:
            ours, caller = socket.socketpair()
            accepted = clock.connect_accepted_socket(lambda: Connection(config, state, {}), ours)
            transport, _ = clock.run_until_complete(accepted)
            ends.callback(clock.settle)
            ends.callback(transport.abort)
            return ends.enter_context(caller)

        yield connect


@pytest.fixture
def caller(connect: Callable[[], socket.socket]) -> socket.socket:
    return connect()


def assert_given_up_when_kept(clock: Clock, state: ServerState) -> None:
    for _ in range(KEPT // 10 - 1):
        clock.move(10)
    assert state.connections
    clock.move(10)
    assert not state.connections


def test_t6_line_ends_are_no_request(clock: Clock, state: ServerState, caller: socket.socket) -> None:
    clock.move(PATIENCE - 1)
    caller.sendall(b"\r\n")
    clock.settle()
    assert state.connections
    clock.move(1)
    assert not state.connections


@pytest.mark.parametrize("asked", [LARGELY, LARGELY * 9, LAST], ids=["once", "often", "for good"])
def test_t6_a_caller_that_does_not_read_is_given_up(
    clock: Clock, state: ServerState, caller: socket.socket, asked: bytes
) -> None:
    caller.sendall(asked)
    clock.settle()
    assert_given_up_when_kept(clock, state)


def test_t6_a_caller_that_reads_slowly_is_not(clock: Clock, state: ServerState, caller: socket.socket) -> None:
    """As long as it takes one answer after the other."""
    caller.sendall(LARGELY * 9)
    for _ in range(9):
        clock.move(KEPT - 1)
        read = 0
        while read < len(LARGE):
            clock.settle()
            read += len(caller.recv(len(LARGE) - read))
    assert state.connections


def test_t6_a_call_that_is_never_answered_is_given_up(clock: Clock, state: ServerState, caller: socket.socket) -> None:
    caller.sendall(NEVER)
    clock.settle()
    assert_given_up_when_kept(clock, state)


def test_t6_a_caller_that_says_no_more_is_waited_for_no_longer(
    clock: Clock, state: ServerState, caller: socket.socket
) -> None:
    caller.sendall(NEVER)
    caller.shutdown(socket.SHUT_WR)
    clock.settle()
    assert state.connections
    clock.move(PATIENCE)
    assert not state.connections


def test_t6_a_caller_that_asks_much_at_once_keeps_nobody_else_waiting(
    clock: Clock, answerer: Answerer, connect: Callable[[], socket.socket]
) -> None:
    greedy, modest = connect(), connect()
    greedy.sendall(SHORTLY * 1000)
    modest.sendall(NEXT)
    clock.settle()
    assert "/next" in answerer.asked
    assert len(answerer.asked) < 100
    while len(answerer.asked) < 1001:
        clock.settle()
    assert answerer.asked.count("/shortly") == 1000
