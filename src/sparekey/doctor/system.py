"""A system, examined: its list, key and state folder, and every license server of the list, all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sparekey.client.check import Check, Checker
from sparekey.client.running import read_status
from sparekey.client.session import cached_license
from sparekey.client.system import StateError, System
from sparekey.config.file import Overview
from sparekey.core.entries import LicenseList, Location
from sparekey.doctor import backups, clock, containers, folder, keys, lists, port, trips
from sparekey.doctor.diagnosis import Diagnosis
from sparekey.doctor.encounter import Met
from sparekey.doctor.visit import visit
from sparekey.trust import TrustError, peek_license

NOBODY = "0" * 32
"""Who asks where the system has no identity yet."""


@dataclass(frozen=True, slots=True)
class Patient:
    """What to examine. `accept`: the containers that are met are those that are expected from now on.

    `options` are those of the command line that a next command needs to look at the same system.
    """

    config: Path
    lists: Overview
    vendor_key: Path
    state: Path
    accept: bool = False
    options: str = ""


async def examine(patient: Patient) -> tuple[Diagnosis, ...]:
    """Everything that can be told of it, within about three seconds; takes no seat."""
    found = patient.lists
    pinned = keys.look(patient.vendor_key)
    system = _existing(patient.state)
    places = _places(found)
    disk, encounters, checks = await asyncio.gather(
        asyncio.to_thread(folder.look, patient.state),
        asyncio.gather(*(visit(location, serials) for location, serials in places.items())),
        asyncio.gather(*(_check(system, app, entries, pinned) for app, entries in found.lists.items())),
    )
    met = [each for each in encounters if isinstance(each, Met)]
    remembered = _remembered(system, places)
    if system:
        _remember(system, containers.newly_met(met, remembered, accept=patient.accept))
    signers = {**_cached_signers(system, found), **{s: key for each in met for s, key in each.signers.items()}}
    return (
        *lists.judge(patient.config, found),
        *keys.judge(pinned, signers),
        *folder.judge(disk),
        *(port.judge(each) for each in encounters),
        *(diagnosis for each in met for diagnosis in (*clock.judge(each), *trips.judge(each))),
        *containers.judge(met, {} if patient.accept else remembered, patient.options),
        *_judge_backups(patient, checks, port.missed_locations(tuple(encounters))),
    )


def _existing(state: Path) -> System | None:
    """The system, where it has an identity; to look at one makes none."""
    with suppress(OSError):  # a folder that cannot be used is told as what it is
        return System.open(state) if (state / "system.json").exists() else None
    return None


def _places(found: Overview) -> dict[Location, set[str]]:
    """The serial numbers of all lists by location, in their order."""
    places: dict[Location, set[str]] = {}
    for entries in found.lists.values():
        for entry in entries.entries:
            places.setdefault(entry.location, set()).add(entry.serial)
    return places


async def _check(system: System | None, app: str, entries: LicenseList, pinned: keys.Pinned) -> Check | None:
    """What each entry is good for; nothing can be told without a vendor key."""
    if not pinned.keys:
        return None
    status = read_status(system, app) if system else None
    running = status if status and status.is_current else None
    known = cached_license(system, entries.initial.serial, pinned.keys) if system else None
    checker = Checker(pinned.keys, system.id if system else NOBODY, app)
    return await checker.check(entries, known.terms if known else None, running)


def _judge_backups(patient: Patient, checks: Sequence[Check | None], unmet: frozenset[str]) -> Iterator[Diagnosis]:
    for (app, entries), check in zip(patient.lists.lists.items(), checks, strict=True):
        if check:
            yield from backups.judge(app, entries, check, unmet, patient.options)


def _cached_signers(system: System | None, found: Overview) -> Mapping[str, str]:
    """Who signed the listed licenses as they were seen last: it holds while their servers are down."""
    signers: dict[str, str] = {}
    for entries in found.lists.values() if system else ():
        for entry in entries.entries:
            token = system.cached_license(entry.serial) if system else None
            with suppress(TrustError):
                signers |= {entry.serial: peek_license(token).vendor} if token else {}
    return signers


def _remembered(system: System | None, places: Mapping[Location, object]) -> dict[Location, str]:
    known = {location: system.met_container(location) for location in places} if system else {}
    return {location: container for location, container in known.items() if container is not None}


def _remember(system: System, met: Mapping[Location, str]) -> None:
    with suppress(StateError):  # told as what it is: a folder that cannot be written
        for location, container in met.items():
            system.remember_container(location, container)
