"""The license servers that reactions.toml has watched: a table `[server.NAME]` for each."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from sparekey.core.entries import EntryError, Location
from sparekey.core.variables import SERVER_OWNER
from sparekey.notify.findings import Findings

MOST_SERVERS = 100


@dataclass(frozen=True, slots=True)
class Server:
    """A license server, under the name by which its variables are known."""

    name: str
    location: Location

    @property
    def owner(self) -> str:
        """Whose its variables are."""
        return SERVER_OWNER.format(name=self.name)


class _ServerTable(Struct):
    location: str


def read_servers(tables: object, found: Findings) -> tuple[Server, ...]:
    """The license servers; what is wrong with the others is among the findings."""
    if not isinstance(tables, dict):
        found.fault(("server",), "a license server is a table with its name, such as [server.line-3]")
        return ()
    if len(tables) > MOST_SERVERS:
        found.fault(
            ("server", list(tables)[MOST_SERVERS]),
            f"{MOST_SERVERS} license servers can be watched, and here are {len(tables)}",
        )
        return ()
    for name in tables:
        if not name.strip() or "/" in name or not name.isprintable():
            found.fault(("server", name), "a license server's name is of printable characters other than '/'")
    servers = [_server(name, table, found) for name, table in tables.items()]
    return tuple(server for server in servers if server)


def _server(name: str, table: object, found: Findings) -> Server | None:
    settings = found.shaped(("server", name), table, _ServerTable)
    if settings is None:
        return None
    return found.attempt(("server", name, "location"), lambda: Server(name, _location(settings.location)))


def _location(text: str) -> Location:
    try:
        return Location.parse(text)
    except EntryError as error:
        raise EntryError(f"location: {error}") from None
