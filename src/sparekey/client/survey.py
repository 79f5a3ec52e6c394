"""What a license server says of itself and of all its licenses; nobody signed that, and nobody takes a seat by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlencode

from sparekey.client.calls import decode
from sparekey.client.connection import Connection, ServerSilent
from sparekey.wire import LicenseBody, LicensesBody, ServerBody

MOST_LICENSES: Final = 1000
"""Of a server that has more, those with the first serial numbers are told (T6)."""

_Body = TypeVar("_Body", ServerBody, LicensesBody)


@dataclass(frozen=True, slots=True)
class Survey:
    """One server and its licenses, without their holders."""

    server: ServerBody
    licenses: tuple[LicenseBody, ...]


async def survey(connection: Connection, timeout: float) -> Survey:
    """Ask, one page after the other, each within `timeout` seconds; raise ServerSilent."""
    server = await _ask(connection, "/v1/server", ServerBody, timeout)
    licenses: list[LicenseBody] = []
    after: str | None = ""
    while after is not None and len(licenses) < MOST_LICENSES:
        query = urlencode({"holders": 0, "after": after})
        page = await _ask(connection, f"/v1/licenses?{query}", LicensesBody, timeout)
        licenses += page.licenses
        after = page.next if page.licenses else None
    return Survey(server, tuple(licenses[:MOST_LICENSES]))


async def _ask(connection: Connection, path: str, kind: type[_Body], timeout: float) -> _Body:
    response = await connection.request("GET", path, timeout=timeout)
    if response.status != 200:
        raise ServerSilent(connection.location, f"{connection.location} answered {response.status} to a question")
    return decode(response, kind, connection.location)
