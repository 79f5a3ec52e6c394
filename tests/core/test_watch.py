"""Redundancy that is gone is seen before it is needed (R13)."""

from __future__ import annotations

import pytest

from scripted import World, entry, listed, terms
from sparekey.core.decisions import Ask, Take
from sparekey.core.entries import Entry, LicenseList
from sparekey.core.findings import Finding, State
from sparekey.core.watch import Watch

B, C = entry(1, "B"), entry(2, "C")
READY = Finding(State.READY, "B", "free")
SILENT = Finding(State.SILENT, "B", "silent")


def watch(min_backups: int = 1) -> Watch:
    return Watch(60.0, min_backups, lambda: 0.5)


def rounds(watch: Watch, *findings: Finding) -> list[str | None]:
    """One backup's findings, a round each."""
    alarms = []
    for finding in findings:
        watch.ask([B], 0.0)
        alarms.append(watch.found(B, finding))
    return alarms


@pytest.mark.parametrize(("draw", "seconds"), [(0.0, 48.0), (0.5, 60.0), (1.0, 72.0)])
def test_r13_a_round_comes_each_check_seconds_more_or_less_a_fifth(draw: float, seconds: float) -> None:
    watch = Watch(60.0, 1, lambda: draw)
    watch.ask([B], 100.0)
    assert watch.next_timer == pytest.approx(100.0 + seconds)


def test_r13_three_rounds_in_a_row_with_too_few_are_one_alarm() -> None:
    assert rounds(watch(), SILENT, SILENT, SILENT, SILENT) == [
        None,
        None,
        "redundancy is gone: 0 backups could be taken, 1 are wanted",
        None,
    ]


def test_r13_a_round_with_enough_begins_the_count_anew() -> None:
    assert rounds(watch(), SILENT, SILENT, READY, SILENT, SILENT) == [None] * 5


def test_r13_an_alarm_is_raised_again_after_redundancy_was_back() -> None:
    alarms = rounds(watch(), *[SILENT] * 3, READY, *[SILENT] * 3)
    assert [number for number, alarm in enumerate(alarms) if alarm] == [2, 6]


def test_r13_a_round_is_over_when_all_have_answered() -> None:
    one = watch()
    one.ask([B, C], 0.0)
    one.found(B, READY)
    assert one.available is None
    one.found(C, SILENT)
    assert one.available == 1


def test_r13_what_nobody_asked_for_counts_nothing() -> None:
    one = watch()
    assert one.found(B, SILENT) is None
    assert one.available is None


def test_r13_where_no_backup_is_wanted_there_is_no_alarm() -> None:
    assert rounds(watch(min_backups=0), *[SILENT] * 5) == [None] * 5


def test_r13_a_license_that_two_entries_name_is_one_backup() -> None:
    one = watch()
    one.ask([B, C], 0.0)
    one.found(B, READY)
    one.found(C, READY)
    assert one.available == 1


def test_r13_every_license_that_a_star_finds_free_is_a_backup_but_the_one_in_use() -> None:
    one = watch()
    one.ask([B, entry(2, "*")], 0.0, in_use="A")
    one.found(B, READY)
    one.found(entry(2, "*"), Finding(State.READY, "A", "its own seat", also=("B", "D")))
    assert one.available == 2


# in a running system


def alarms(world: World) -> list[str]:
    return [line.split(maxsplit=1)[1] for line in world.told if " alarm " in line]


def test_r13_a_running_system_asks_its_backups_and_takes_none() -> None:
    world = World("A", "B", "C").run(300)
    asked = [d.entry.serial for _, d in world.all(Ask) if isinstance(d, Ask)]
    assert asked == ["B", "C"] * (len(asked) // 2)
    assert 5 <= len(asked) // 2 <= 8
    assert len(world.all(Take)) == 1
    assert world.core.at.watch.available == 2


def test_r13_a_system_whose_backups_are_gone_raises_one_alarm() -> None:
    world = World("A", "B", min_backups=1)
    world.servers["B"].dead = True
    world.run(600)
    assert alarms(world) == ["alarm A"]


def test_r13_a_list_without_any_backup_counts_as_none_available() -> None:
    world = World("A", min_backups=1).run(100)
    assert (world.core.at.watch.available, world.core.at.watch.missing) == (0, 0), "not three times in a row yet"
    world.run(600)
    assert world.core.at.watch.missing == 1
    assert alarms(world) == ["alarm A"]


def test_r13_the_initial_license_counts_while_a_backup_is_in_use() -> None:
    world = World("A", "B", min_backups=1).run(10)
    world.servers["A"].kill()
    world.run(60)
    world.servers["A"].revive()
    world.run(600)
    assert world.in_use == "B"
    assert alarms(world) == []


def test_r13_full_worse_and_down_are_different_findings() -> None:
    world = World("A", "B", "C", "D")
    world.servers["B"].occupy("B")
    world.servers["C"].dead = True
    world.servers["D"].licenses["D"] = terms("D", tags=1)
    world.run(10)
    states = {entry.serial: finding.state for entry, finding in world.core.at.findings.items()}
    assert states == {"B": State.FULL, "C": State.SILENT, "D": State.WORSE}


def test_r13_r5_the_number_of_backups_wanted_follows_the_list() -> None:
    world = World("A").run(10)
    world.relist(listed("A", min_backups=1))
    world.run(600)
    assert alarms(world) == ["alarm A"]


def test_r13_r5_findings_of_entries_that_are_no_longer_listed_are_dropped() -> None:
    world = World("A", "B").run(10)
    world.relist(listed("A"))
    world.run(100)
    assert world.core.at.findings == {}


def test_r13_the_license_in_use_by_another_address_is_no_backup() -> None:
    world = World("A", "A2", min_backups=1)
    world.servers["A2"].licenses = {"A": world.servers["A"].licenses["A"]}
    world.relist(LicenseList((entry(0, "A"), Entry(1, "A", entry(1, "A2").location)), min_backups=1))
    world.run(600)
    assert world.core.at.watch.available == 0
    assert alarms(world) == ["alarm A"]
