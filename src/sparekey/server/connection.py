"""One connection: what is asked is answered, in order, and what does not end in time is given up (T6)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
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

    A call on leases that waits for nothing is answered in the step in which it is read, without the task, the scope and
    the messages of ASGI, which would cost as much as the call. Everything else goes by ASGI.
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
        self._answers = False
        """Whether an answer is being made that takes its time."""
        self._writable = True
        self._hears = True
        self._ending = False

    # What the loop calls (asyncio.Protocol)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self._reader = Reader(str(peer[0]) if peer else "")
        self._patience = Patience(self._loop, transport.close)
        self._patience.begin()
        self._server.connections.add(self)  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        was_within = self._reader.within
        read = self._reader.feed(data)
        if self._reader.is_awaited and not self._answers:
            self._transport.write(CONTINUE)
        if read or not was_within:
            self._waiting += read
            self._go_on()

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
        if not self._answers:
            self._transport.close()

    # Answers

    def _go_on(self) -> None:
        """Answer what waits, as far as that is possible now; then wait for more."""
        while self._waiting and self._writable and not self._answers and not self._transport.is_closing():
            self._answer(self._waiting.popleft())
        if self._answers or self._waiting:
            self._patience.end()
        elif self._reader.within:
            self._patience.begin()
        else:
            self._patience.begin(self._kept)
        self._hear(not self._waiting)

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
        """At once, or in a task where the answer takes its time."""
        if isinstance(asked, Reply):
            self._send(_UNREAD, asked)
            return
        try:
            answer = self._calls.answer(asked)
        except InvalidError as error:
            answer = error.reply
        if isinstance(answer, Reply):
            self._send(asked, answer)
        else:
            self._answers = True
            task = self._loop.create_task(self._answer_later(asked, answer))
            self._server.tasks.add(task)  # the end of the server waits for it
            task.add_done_callback(self._server.tasks.discard)

    async def _answer_later(self, request: Request, answer: Coroutine[Any, Any, Reply]) -> None:
        try:
            self._send(request, await answer)
            self._answers = False
        finally:
            if self._answers:  # there is none
                self._transport.close()
        self._go_on()

    def _send(self, request: Request, reply: Reply) -> None:
        if self._transport.is_closing():
            return
        last = request.last or self._ending
        general = self._server.default_headers
        self._transport.write(response(reply, general, last=last, bodiless=request.method == "HEAD"))
        if last:
            self._transport.close()
