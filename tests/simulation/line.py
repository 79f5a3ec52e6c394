"""The calls of an application to its servers, over connections that are kept, end, and are made again.

One connection a server is kept while it is idle; a request whose kept connection turns out dead is sent again, once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from .messages import Answer, Request, Silence
from .network import Network
from .process import Process
from .server import Server

Heard: TypeAlias = Callable[[Answer | Silence], None]


@dataclass(slots=True, eq=False)
class Call:
    """A request under way. `sent`: it may have reached the server; `life`: to which life of it it is connected."""

    server: Server
    request: Request | None
    heard: Heard
    sent: bool = False
    fresh: bool = False
    over: bool = False
    life: int = -1


class Line:
    """The connections of one process."""

    def __init__(self, process: Process, network: Network) -> None:
        self._process = process
        self._network = network
        self._kept: dict[str, int] = {}
        self._calls: list[Call] = []
        self.on_end: Callable[[Server], None] = lambda _: None
        """Told when the other side ends an idle connection."""

    def call(self, server: Server, request: Request | None, timeout: float, heard: Heard) -> None:
        """Ask; no request only connects. `heard` is told once: an answer, or silence."""
        call = Call(server, request, heard)
        self._calls.append(call)
        self._process.post(timeout, self._time_out, call, timeout)
        kept = self._kept.pop(server.name, None)
        if kept is None:
            self._dial(call)
        elif request is None:
            self._connected(call, kept)
        else:
            call.sent = True
            self._transmit(call, kept)

    def forget(self) -> None:
        """The process is dead."""
        self._kept.clear()
        for call in self._calls:
            call.over = True
        self._calls.clear()

    def hung_up(self, server: Server, life: int) -> None:
        """The server's side ended the connections of this life of it."""
        for call in [call for call in self._calls if call.server is server and call.life == life]:
            self._reset(call, life)
        if self._kept.get(server.name) == life:
            del self._kept[server.name]
            self.on_end(server)

    def _send(self, server: Server, act: Callable[[Call, int], None], call: Call, life: int) -> None:
        self._network.send(self._process.name, server.name, act, call, life)

    def _back(self, server: Server, act: Callable[[Call, int], None], call: Call, life: int) -> None:
        self._network.send(server.name, self._process.name, self._process.enter, self._process.life, act, (call, life))

    def _dial(self, call: Call) -> None:
        call.fresh = True
        self._send(call.server, self._at_door, call, 0)

    def _at_door(self, call: Call, _: int) -> None:
        """At the server: its operating system answers, whatever its process does."""
        server = call.server
        if server.powered:
            if server.listening:
                self._back(server, self._connected, call, server.life)
            else:
                self._back(server, self._refused, call, 0)

    def _refused(self, call: Call, _: int) -> None:
        self._end(call, Silence("refused the connection", call.sent))

    def _connected(self, call: Call, life: int) -> None:
        if call.over:
            return
        if call.request is None:
            self._end(call, Silence("connected"), life)
        else:
            call.sent = True
            self._transmit(call, life)

    def _transmit(self, call: Call, life: int) -> None:
        call.life = life
        if answer := self._network.intercept(call.request):
            self._network.harm(self._process.name, call.server.name)
            self._answer(call, self._process.life, answer)
            return
        self._send(call.server, self._arrive, call, life)

    def _arrive(self, call: Call, life: int) -> None:
        server = call.server
        if not server.powered:
            return
        if not server.listening or server.life != life:
            self._back(server, self._reset, call, life)
        elif call.request is not None:
            server.enter(life, self._deliver, (call, self._process.life))

    def _deliver(self, call: Call, caller: int) -> None:
        """In the server's process."""
        if call.request is None:
            return
        network = self._network

        def reply(answer: Answer) -> None:
            if network.forging and network.world.chance(network.forging):
                network.harm(call.server.name, self._process.name)
                network.forge(answer, lambda forged: self._answer(call, caller, forged))
            network.overhear(answer)
            self._answer(call, caller, answer)

        call.server.hear(call.request, reply)

    def _answer(self, call: Call, caller: int, answer: Answer) -> None:
        process = self._process
        self._network.send(call.server.name, process.name, process.enter, caller, self._answered, (call, answer))

    def _answered(self, call: Call, answer: Answer) -> None:
        self._end(call, answer, call.life)

    def _reset(self, call: Call, life: int) -> None:
        """The connection under a request has ended."""
        if call.over or call.life != life:
            return
        if call.fresh:
            self._end(call, Silence("ended the connection"))
        else:
            self._dial(call)

    def _time_out(self, call: Call, timeout: float) -> None:
        self._end(call, Silence(f"no answer within {timeout:.2f} s", call.sent))

    def _end(self, call: Call, heard: Answer | Silence, life: int = -1) -> None:
        if call.over:
            return
        call.over = True
        self._calls.remove(call)
        if life >= 0:
            self._kept.setdefault(call.server.name, life)
        call.heard(heard)
