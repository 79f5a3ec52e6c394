"""Which container is met where: another one than last time, or one at two addresses (S5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from sparekey.core.entries import Location
from sparekey.doctor.diagnosis import Diagnosis
from sparekey.doctor.encounter import Met

SAME_START = 1.0
"""Seconds: two starts that are as near as this are one."""


def judge(met: Sequence[Met], remembered: Mapping[Location, str], options: str = "") -> Iterator[Diagnosis]:
    """`remembered` is the container's id of the last meeting, by location; `options` as in `backups.judge`."""
    for each in met:
        before = remembered.get(each.location, each.container)
        if before != each.container:
            yield Diagnosis.fault(
                each.location,
                f"another container than last time: it was {before}, and is {each.container};"
                " licenses of the old one are of no use there",
                f"if the server was replaced on purpose: sparekey doctor --accept{options}; if not, mend the location",
            )
    for container, group in groupby(sorted(met, key=_container), _container):
        yield from _twice(container, sorted(group, key=lambda each: each.started), options)


def _container(met: Met) -> str:
    return met.container


def _twice(container: str, met: Sequence[Met], options: str) -> Iterator[Diagnosis]:
    if len(met) < 2:
        return
    where = " and ".join(str(each.location) for each in met)
    if met[-1].started - met[0].started <= SAME_START:
        yield Diagnosis.warning(
            where,
            f"one license server under {len(met)} names: when it dies, all of these entries die",
            "list a license of another server: "
            f"sparekey config add{options} --app APP --serial SERIAL --server HOST:PORT",
        )
    else:
        yield Diagnosis.fault(
            where,
            f"container {container} runs {len(met)} times: a copy grants the seats of the original a second time",
            f"stop the copy at once; it is the one at {met[-1].location}, if the later start tells",
        )


def newly_met(met: Iterable[Met], remembered: Mapping[Location, str], *, accept: bool) -> dict[Location, str]:
    """What to remember from now on: who was not known yet, and who was not expected where that is accepted."""
    return {
        each.location: each.container
        for each in met
        if (each.location not in remembered or accept) and remembered.get(each.location) != each.container
    }
