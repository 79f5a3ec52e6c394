"""One connection: what is asked is answered, in order, and what does not end in time is given up (T6)."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final, cast

import uvicorn
from uvicorn.server import ServerState

from sparekey.server.hot import HotCalls, InvalidError
from sparekey.server.messages import CONTINUE, Request, response
from sparekey.server.patience import Patience
from sparekey.server.reader import Reader
from sparekey.server.replies import Reply

_UNREAD: Final = Request("", "", {}, b"", last=True)
"""Stands for a request that cannot be read."""


class Connection(asyncio.Protocol):
    """What uvicorn makes of each connection that it accepts.

    A call on leases that waits for nothing is answered in the step in which it is read: a task and the messages of ASGI
    would cost as much as the call.
    """

    _transport: asyncio.Transport
    _reader: Reader
    _patience: Patience

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # noqa: ARG002 - uvicorn's signature
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._calls = cast("HotCalls", config.loaded_app)
        self._kept = config.timeout_keep_alive
        self._server = server_state
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Request | Reply] = deque()
        self._asked: Request | None = None
        """What is being answered."""
        self._goes_on = False
        self._writable = True
        self._hears = True
        self._ending = False

    # What the loop calls (asyncio.Protocol)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self._reader = Reader(str(peer[0]) if peer else "")
        self._patience = Patience(self._loop, self._transport.abort)  # to close would wait for who does not read
        self._patience.begin()
        self._server.connections.add(self)  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        reader = self._reader
        was_within = reader.within
        read = reader.feed(data)
        if read or reader.within is not was_within or reader.is_awaited:
            self._waiting += read
            self._go_on()

    def eof_received(self) -> bool:
        """Who says no more still hears the answer to what was asked; whether one is to come."""
        if self._asked is None:
            return False
        self._asked.last = True
        self._patience.begin()
        return True

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._waiting.clear()
        self._patience.end()
        self._server.connections.discard(self)

    # What uvicorn calls

    def shutdown(self) -> None:
        """End with the answer that is being made, or now."""
        self._ending = True
        if not self._asked:
            self._transport.close()

    # Answers

    def _go_on(self) -> None:
        """Answer what is next, if that is possible now, and wait. Each of many answers leaves room for others (T6)."""
        self._goes_on = True
        if self._waiting and self._writable and not self._asked and not self._transport.is_closing():
            self._answer(self._waiting.popleft())
        self._goes_on = False
        if self._transport.is_closing():
            return
        self._wait()
        if self._waiting and self._writable and not self._asked:
            self._loop.call_soon(self._go_on)

    def _wait(self) -> None:
        """For the rest of a request, or longer: for a next one, an answer of ours, or the caller to read."""
        if self._reader.within and not (self._asked or self._waiting):
            self._patience.begin()
            self._let_go_on()
        else:
            self._patience.begin(self._kept)
        self._hear(not self._waiting)

    def _let_go_on(self) -> None:
        """A caller that waits to be told to go on is told so once, and after all earlier answers."""
        if self._reader.is_awaited:
            self._reader.is_awaited = False
            self._transport.write(CONTINUE)

    def _hear(self, hears: bool) -> None:
        """Read on, or leave it to the caller's kernel to wait."""
        if hears is self._hears:
            return
        self._hears = hears
        if hears:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _answer(self, asked: Request | Reply) -> None:
        if isinstance(asked, Reply):
            self._send(_UNREAD, asked)
            return
        self._asked = asked
        try:
            self._calls.answer(asked, self._respond)
        except InvalidError as error:
            self._respond(error.reply)

    def _respond(self, reply: Reply) -> None:
        """Take the answer to what is asked: at once, or later."""
        assert self._asked  # noqa: S101 - each request is answered once
        asked, self._asked = self._asked, None
        self._send(asked, reply)
        if not self._goes_on:
            self._go_on()

    def _send(self, request: Request, reply: Reply) -> None:
        if self._transport.is_closing():
            return
        last = request.last or self._ending
        general = self._server.default_headers
        self._transport.write(response(reply, general, last=last, bodiless=request.method == "HEAD"))
        if last:
            self._patience.begin(self._kept)
            self._transport.close()
