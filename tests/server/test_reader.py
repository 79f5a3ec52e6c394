"""Whatever way bytes are cut, the same requests come out, and none is larger than it may be (T6)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.server.messages import Request
from sparekey.server.reader import LARGEST_HEAD, LARGEST_READ, Reader
from sparekey.server.replies import Reply
from sparekey.wire import LARGEST_REQUEST

RENEWAL = b"POST /v1/leases/x/renew HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer s\r\nContent-Length: 2\r\n\r\n{}"
IN_CHUNKS = b"POST /v1/leases HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
QUESTION = b"GET /v1/licenses?serial=5-1042 HTTP/1.1\r\nConnection: close\r\n\r\n"
ALL = RENEWAL + IN_CHUNKS + QUESTION
HOST = "192.0.2.1"


def read(*pieces: bytes) -> list[Request | Reply]:
    reader = Reader(HOST)
    return [found for piece in pieces for found in reader.feed(piece)]


def refused(found: list[Request | Reply]) -> list[int]:
    return [each.status for each in found if isinstance(each, Reply)]


@given(st.lists(st.integers(0, len(ALL)), max_size=10))
def test_requests_come_out_whole_however_they_are_cut(cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), len(ALL)]
    renewal = {b"host": b"x", b"authorization": b"Bearer s", b"content-length": b"2"}
    assert read(*(ALL[a:b] for a, b in pairwise(ends))) == [
        Request("POST", "/v1/leases/x/renew", renewal, b"{}", HOST),
        Request("POST", "/v1/leases", {b"transfer-encoding": b"chunked"}, b"abcde", HOST),
        Request("GET", "/v1/licenses?serial=5-1042", {b"connection": b"close"}, b"", HOST, last=True),
    ]


def test_a_request_is_begun_and_not_whole_until_its_last_byte() -> None:
    reader = Reader(HOST)
    assert not reader.within
    assert reader.feed(RENEWAL[:-1]) == []
    assert reader.within
    reader.feed(RENEWAL[-1:])
    assert not reader.within


def test_what_is_no_http_is_refused_after_what_was() -> None:
    found = read(RENEWAL + b"\0\0\0\0\r\n\r\n")
    assert isinstance(found[0], Request)
    assert refused(found[1:]) == [400]


@pytest.mark.parametrize("part", [b"GET /%s HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nA: %s\r\n\r\n"])
def test_t6_a_head_is_bounded(part: bytes) -> None:
    assert refused(read(part % (b"a" * (LARGEST_HEAD + 1)))) == [400]
    assert refused(read(part % (b"a" * (LARGEST_HEAD - 100)))) == []


def test_t6_a_head_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    reader = Reader(HOST)
    reader.feed(b"GET / HTTP/1.1\r\nA: ")
    fed = next(count for count in range(100) if reader.feed(b"a" * LARGEST_HEAD))
    assert fed * LARGEST_HEAD <= LARGEST_HEAD + LARGEST_READ


def test_t6_headers_after_a_body_in_chunks_are_bounded() -> None:
    reader = Reader(HOST)
    reader.feed(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nA: ")
    fed = next(count for count in range(100) if reader.feed(b"a" * LARGEST_HEAD))
    assert fed * LARGEST_HEAD <= LARGEST_HEAD + LARGEST_READ


def test_t6_a_body_is_bounded_whatever_its_head_says() -> None:
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert refused(read(head, b"%x\r\n" % (LARGEST_REQUEST + 1), b"a" * (LARGEST_REQUEST + 1))) == [413]
    assert (
        refused(read(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % LARGEST_REQUEST, b"a" * LARGEST_REQUEST)) == []
    )


@pytest.mark.parametrize("cut", [20, 150, -1])
def test_a_wish_to_speak_something_else_is_ignored(cut: int) -> None:
    """Java's client asks for HTTP/2 with every first request (RFC 9110, section 7.8)."""
    asking = RENEWAL.replace(b"Host: x", b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x")
    (found,) = read(asking[:cut], asking[cut:])
    assert isinstance(found, Request)
    assert (found.method, found.target, found.body, found.last) == ("POST", "/v1/leases/x/renew", b"{}", True)
    assert found.headers[b"authorization"] == b"Bearer s"


@pytest.mark.parametrize(("version", "awaited"), [(b"1.1", True), (b"1.0", False)])
def test_only_a_caller_of_http_1_1_waits_to_be_told_to_go_on(version: bytes, awaited: bool) -> None:
    """RFC 9110, section 10.1.1."""
    reader = Reader(HOST)
    reader.feed(b"POST / HTTP/%s\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n" % version)
    assert reader.is_awaited is awaited
