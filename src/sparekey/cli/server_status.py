"""What a running license server says of itself, as `sparekey server status` shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from typing import ClassVar, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import ProxyHandler, build_opener

import click
import msgspec

from sparekey.cli import options
from sparekey.cli.output import Failure, print_json, print_table
from sparekey.json import UNREADABLE
from sparekey.wire import HolderBody, LicenseBody, LicensesBody, ServerBody

TIMEOUT = 5.0
LARGEST_ANSWER = 64 * 1024 * 1024

T = TypeVar("T")

_opener = build_opener(ProxyHandler({}))
"""A site's proxies are not for license traffic."""


@dataclass(frozen=True, slots=True)
class Status:
    """One server and its licenses."""

    COLUMNS: ClassVar = ("license", "product", "seats", "used", "validity", "holder", "application", "since")

    server: ServerBody
    licenses: tuple[LicenseBody, ...]

    @property
    def headline(self) -> str:
        server = self.server
        drained = ", being emptied" if server.draining else ""
        return (
            f"{server.name}, container {server.container}, Sparekey {server.version}, up {server.uptime:.0f} s{drained}"
        )

    @property
    def facts(self) -> object:
        return {"server": msgspec.to_builtins(self.server), "licenses": msgspec.to_builtins(self.licenses)}

    def rows(self) -> Iterator[tuple[object, ...]]:
        for shown in self.licenses:
            first = (shown.serial, shown.product, shown.seats, shown.used, shown.validity)
            holders = [_holder(holder) for holder in shown.holders] or [("", "", "")]
            yield *first, *holders[0]
            for holder in holders[1:]:
                yield "", "", "", "", "", *holder


@click.command()
@click.argument("url", default="http://127.0.0.1:6350")
@options.as_json
def status(url: str, as_json: bool) -> None:
    """Show the licenses of a running server, their seats, and who holds them since when.

    \b
    Example:
      sparekey server status
      sparekey server status server-a:6350 --json
    """
    found = fetch(url)
    if as_json:
        print_json(found.facts)
        return
    click.echo(found.headline)
    print_table(Status.COLUMNS, found.rows())


def fetch(url: str) -> Status:
    """Ask the server at `url`, also HOST:PORT; raise Failure where it does not answer."""
    base = (url if "://" in url else f"http://{url}").rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise Failure(f"{url} is no address of a license server: write http://HOST:PORT or HOST:PORT")
    server = _get(f"{base}/v1/server", ServerBody)
    licenses: list[LicenseBody] = []
    after: str | None = ""
    while after is not None:
        page = _get(f"{base}/v1/licenses?after={quote(after, safe='')}", LicensesBody)
        licenses += page.licenses
        after = page.next if page.licenses else None
    return Status(server, tuple(licenses))


def _get(url: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(_fetch(url), type=kind)
    except UNREADABLE:
        raise Failure(f"{url} is no license server: its answer is not the expected one") from None


def _fetch(url: str) -> bytes:
    try:
        with _opener.open(url, timeout=TIMEOUT) as answer:
            return bytes(answer.read(LARGEST_ANSWER))
    except HTTPError as error:
        raise Failure(f"{url} answers {error.code} {error.reason}: is this a license server?") from None
    except URLError as error:
        raise Failure(f"{url} does not answer: {error.reason}; is the license server running?") from None
    except (OSError, HTTPException, ValueError) as error:
        raise Failure(f"{url} does not answer as a license server does: {error}") from None


def _holder(holder: HolderBody) -> tuple[str, str, str]:
    name = f"{holder.system_name} ({holder.system})" if holder.system_name else holder.system
    return name, holder.application + (" (spare)" if holder.spare else ""), holder.since
