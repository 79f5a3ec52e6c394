"""The license servers that are watched: asked now and then, each on its own, so that a dead one holds up nobody."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Final

from sparekey.client.connection import Connection, ServerSilent
from sparekey.client.survey import Survey, survey
from sparekey.core.variables import (
    SEATS_FREE,
    SEATS_USED,
    SERVER_ALARM,
    SERVER_DAYS_LEFT,
    SERVER_OWNER,
    Change,
    Name,
    Quality,
    Reading,
    Value,
)
from sparekey.host import boot_clock
from sparekey.journal import Observation
from sparekey.notify.server_settings import Server
from sparekey.wire import LicenseBody

PERIOD: Final = 10.0
"""Seconds between two looks at a license server, give or take a tenth, so that many watchers do not come at once."""
TIMEOUT: Final = 3.0
"""Seconds that it has for each answer."""
LONGEST_ALARM: Final = 500
"""Characters that are shown of what a license server complains of (T6)."""
ASKED: Final = "the license server was asked"
GONE: Final = "not there any more"
UNWATCHED: Final = "not watched any more"


class ServerWatch:
    """What one license server said last, and whether it still says so."""

    def __init__(self, server: Server) -> None:
        self._owner = server.owner
        self._location = server.location
        self._facts: Mapping[str, Value] | None = None
        self._silence = ""

    async def run(self) -> None:
        """Ask until cancelled."""
        connection = Connection(self._location)
        try:
            while True:
                await self._look(connection)
                await asyncio.sleep(PERIOD * random.uniform(0.9, 1.1))  # noqa: S311 - no secret
        finally:
            connection.close()

    def observations(self, latest: Mapping[Name, Change]) -> Iterator[Observation]:
        """What has another value or quality now than the last that is known; nothing until it was asked.

        Of a silent server the values stay, with quality bad.
        """
        known = {name.variable: change.new.value for name, change in latest.items() if name.owner == self._owner}
        for variable, value, quality, reason in self._readings(known):
            yield from _observation(latest, Name(self._owner, variable), value, quality, reason)

    def _readings(self, known: Mapping[str, Value]) -> Iterator[tuple[str, Value, Quality, str]]:
        if self._silence:
            for variable, value in {SERVER_ALARM: None, **known}.items():
                yield variable, value, Quality.BAD, self._silence
        elif self._facts is not None:
            for variable in {**known, **self._facts}:
                reason = ASKED if variable in self._facts else GONE
                yield variable, self._facts.get(variable), Quality.GOOD, reason

    async def _look(self, connection: Connection) -> None:
        try:
            self._facts = facts_of(await survey(connection, TIMEOUT), datetime.now(UTC).date())
            self._silence = ""
        except ServerSilent as silence:
            self._silence = silence.reason


class ServerWatches:
    """All license servers that are watched."""

    def __init__(self, servers: Iterable[Server]) -> None:
        self._watches = {server.owner: ServerWatch(server) for server in servers}

    def start(self) -> list[asyncio.Task[None]]:
        """Begin to ask; what is returned is to be cancelled at the end."""
        return [asyncio.create_task(watch.run()) for watch in self._watches.values()]

    def observations(self, latest: Mapping[Name, Change]) -> Iterator[Observation]:
        """What is new of them; of one that is not watched any more there is no value, so that its alarms are over."""
        for watch in self._watches.values():
            yield from watch.observations(latest)
        for name in latest:
            if _is_of_server(name) and name.owner not in self._watches:
                yield from _observation(latest, name, None, Quality.GOOD, UNWATCHED)


def facts_of(said: Survey, today: date) -> Mapping[str, Value]:
    """The variables of a license server, from what it said."""
    facts: dict[str, Value] = {SERVER_ALARM: said.server.alarm[:LONGEST_ALARM]}
    for license_ in said.licenses:
        serial = license_.serial
        facts[SEATS_USED.format(serial=serial)] = license_.used
        facts[SEATS_FREE.format(serial=serial)] = max(0, license_.seats - license_.used)
        facts[SERVER_DAYS_LEFT.format(serial=serial)] = _days_left(license_, today)
    return facts


def _days_left(license_: LicenseBody, today: date) -> int | None:
    """None where it does not end, or where what it says is no date."""
    with suppress(ValueError):
        return (date.fromisoformat(str(license_.terms.get("valid_until"))) - today).days
    return None


def _is_of_server(name: Name) -> bool:
    """Whether it is a license server's variable, and not that of an application which is called like one."""
    own = ("[Server] ", "[License ")
    return name.owner.startswith(SERVER_OWNER.format(name="")) and name.variable.startswith(own)


def _observation(
    latest: Mapping[Name, Change], name: Name, value: Value, quality: Quality, reason: str
) -> Iterator[Observation]:
    old = latest[name].new if name in latest else None
    if old is None or (old.value, old.quality) != (value, quality):
        yield Observation(name, old, Reading(value, quality, time.time()), reason, boot_clock())
