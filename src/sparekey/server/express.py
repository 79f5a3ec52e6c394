"""HTTP/1.1 as uvicorn speaks it, and a shorter way for the calls on leases: ASGI would cost as much as they do."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from sparekey.server.hot import Call, HotCalls, InvalidError, Request, headers_of
from sparekey.server.replies import Reply
from sparekey.wire import LARGEST_REQUEST


class _Nobody:
    """The event of a request that nobody awaits piece by piece."""

    def set(self) -> None:
        """It is looked at when it is whole."""


class Exchange:
    """A call on leases and its answer. To uvicorn it is a request under way, as a RequestResponseCycle is."""

    __slots__ = ("body", "call", "disconnected", "headers", "keep_alive", "more_body", "response_complete")

    message_event = _Nobody()

    def __init__(self, call: Call, headers: Mapping[bytes, bytes]) -> None:
        self.call = call
        self.headers = headers
        self.body = b""
        self.more_body = True
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False


class ExpressProtocol(HttpToolsProtocol):
    """Answers the calls on leases as soon as they are read, without a task and a scope for each.

    What is unusual goes by ASGI like everything else: a request sent before the last one was answered, one that ends
    the connection or waits to be told to go on, a body in chunks or too large, HEAD, a client that does not read.
    """

    _exchange: Exchange | None = None
    """The call on leases that is being read."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        exchange = self._exchange
        if exchange and not exchange.more_body:
            self._exchange = None
            self._answer(exchange)

    def on_headers_complete(self) -> None:
        headers = dict(self.headers)
        call = self._find() if self._is_usual(headers) else None
        if call:
            self._exchange = Exchange(call, headers)
            self.cycle = cast("RequestResponseCycle", self._exchange)
        else:
            super().on_headers_complete()

    def _find(self) -> Call | None:
        method = self.parser.get_method().decode()
        calls = cast("HotCalls", self.app)
        return calls.find(method, self.url.decode("latin-1")) if method != "HEAD" else None

    def _is_usual(self, headers: Mapping[bytes, bytes]) -> bool:
        parser = self.parser
        return (
            (self.cycle is None or self.cycle.response_complete)
            and not (self.flow.write_paused or self.expect_100_continue or parser.should_upgrade())
            and b"transfer-encoding" not in headers
            and int(headers.get(b"content-length", b"0")) <= LARGEST_REQUEST
            and parser.should_keep_alive()
            and parser.get_http_version() == "1.1"
        )

    def _answer(self, exchange: Exchange) -> None:
        """At once, or when it is written."""
        host = self.client[0] if self.client else ""
        try:
            answer = exchange.call(Request(exchange.headers, exchange.body, host))
        except InvalidError as error:
            answer = error.reply
        if isinstance(answer, Reply):
            self._send(exchange, answer)
        else:
            task = self.loop.create_task(self._answer_later(exchange, answer))
            self.tasks.add(task)  # the end of the server waits for it
            task.add_done_callback(self.tasks.discard)

    async def _answer_later(self, exchange: Exchange, answer: Coroutine[Any, Any, Reply]) -> None:
        try:
            self._send(exchange, await answer)
        finally:
            if not exchange.response_complete:
                self.transport.close()

    def _send(self, exchange: Exchange, reply: Reply) -> None:
        exchange.response_complete = True
        if exchange.disconnected or self.transport.is_closing():
            return
        headers = [*self.server_state.default_headers, *headers_of(reply)]
        if not exchange.keep_alive:
            headers.append((b"connection", b"close"))
        head = b"".join([b"%s: %s\r\n" % header for header in headers])
        self.transport.write(b"%s%s\r\n%s" % (STATUS_LINE[reply.status], head, reply.body))
        if not exchange.keep_alive:
            self.transport.close()
        self.on_response_complete()
