"""Files that people carry: licenses, requests, keys, orders, and the vendor's own list of what was issued."""

from __future__ import annotations

import msgspec

from fuzz.target import Target, told, written
from plant import terms
from sparekey.trust import (
    PrivateKey,
    TrustError,
    issue_license,
    make_request,
    peek_license_file,
    read_license,
    read_license_file,
    read_request,
    vendor_keys,
    write_license_file,
)
from sparekey.trust.jws import LARGEST_TOKEN
from sparekey.vendor.issued import Issued, IssuedError, append_issued, read_issued
from sparekey.vendor.orders import Order, OrderError, read_orders

VENDOR, CONTAINER = PrivateKey.generate(), PrivateKey.generate()
ISSUED = tuple(issue_license(VENDOR, terms(serial), CONTAINER.public) for serial in ("5-1", "5-2"))
LICENSE_FILE = "\n".join(("# a plant", *ISSUED, "")).encode()
REQUEST = make_request(CONTAINER, "server-a", 1_800_000_000).encode()
PUBLIC, PRIVATE = (msgspec.json.encode(key.to_jwk()) for key in (VENDOR.public, VENDOR))
ORDER = b"""# sold
[[license]]
serial = "5-1042"
product = "scada-runtime"
version = "14.0"
seats = 2
limits = { tags = 1500, "a.b" = -1 }
modules = ["history", 'energy']
valid_from = 2026-01-01
valid_until = 2036-12-31
shared = false
[[license]]
product = "p"
version = "1"
demo_seconds = 1800
"""
RECORDS = b"".join(
    b'{"serial":"%s","issued":1,"product":"p","container":%s}\n' % each
    for each in ((b"1-0001", b'"c"'), (b"1-2", b"null"))
)


def license_file(data: bytes) -> None:
    path = written(data)
    try:
        for peeked in peek_license_file(path):
            assert peeked.terms.serial
        licenses = read_license_file(path, (VENDOR.public,))
    except TrustError:
        return
    tokens = [license_.token for license_ in licenses]
    assert set(tokens) <= set(ISSUED)
    write_license_file(path, tokens, "again")
    assert read_license_file(path, (VENDOR.public,)) == licenses


def request(data: bytes) -> None:
    try:
        found = read_request(written(data))
    except TrustError:
        return
    assert (found.name, found.container) == ("server-a", CONTAINER.public)


def keys(data: bytes) -> None:
    path = written(data)
    for source in (path, data):
        try:
            found = vendor_keys(source)
        except TrustError:
            continue
        assert vendor_keys([key.to_jwk() for key in found]) == found
    try:
        key = PrivateKey.load(path)
    except TrustError as error:
        reason = told(error)
    else:
        reason = ""
        assert PrivateKey.from_jwk(key.to_jwk()).thumbprint == key.thumbprint
    assert VENDOR.to_jwk()["d"] not in reason  # T4


def orders(data: bytes) -> None:
    try:
        found = read_orders(written(data))
    except OrderError:
        return
    for order in found:
        _issued_as_ordered(order)


def _issued_as_ordered(order: Order) -> None:
    ordered = order.terms(order.serial or "1-0001", 7)
    try:
        token = issue_license(VENDOR, ordered, CONTAINER.public if order.demo_seconds is None else None)
    except TrustError:
        assert len(str(ordered)) > LARGEST_TOKEN / 2
        return
    assert read_license(token, (VENDOR.public,)).terms == ordered


def issued(data: bytes) -> None:
    path = written(data)
    try:
        found = read_issued(path)
    except IssuedError:
        return
    more = Issued("1-9", 9, "p", None)
    append_issued(path, [more])
    assert read_issued(path) == (*found, more)


TARGETS = (
    Target(
        "license file",
        license_file,
        (LICENSE_FILE, LICENSE_FILE.decode().encode("utf-16")),
        (*map(str.encode, ISSUED),),
    ),
    Target("activation request", request, (REQUEST, REQUEST.decode().encode("utf-16"))),
    Target("key", keys, (PUBLIC, PRIVATE, b'{"keys":[%s,%s]}' % (PUBLIC, PUBLIC), b"[%s]" % PUBLIC), (PUBLIC, PRIVATE)),
    Target(
        "order",
        orders,
        (ORDER,),
        (b"[[license]]\n", b'product = "p"\nversion = "1"\n', b"a.b", b"=", b"'''", b'"""', b"2026-01-01", b"0x", b"_"),
    ),
    Target("issued.jsonl", issued, (RECORDS,), (RECORDS,)),
)
