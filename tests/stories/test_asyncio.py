"""`acquire_async`: the same in the caller's loop."""

from __future__ import annotations

import asyncio

import pytest

import sparekey
from stories.stage import BACKUP, HOME, Stage, holders

pytestmark = pytest.mark.plant


async def test_r7_a_license_is_kept_and_switched_in_the_callers_loop(stage: Stage) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    changes: asyncio.Queue[sparekey.Change] = asyncio.Queue()
    held = sparekey.acquire_async("Runtime", config=system.config, vendor_key=system.vendor_key, state=system.state)
    async with held as license_:
        license_.on_change(changes.put_nowait)
        assert (license_.serial_number, license_.entry) == (HOME, 0)
        assert license_.terms.limits["tags"] == 1500
        primary.kill()
        change = await asyncio.wait_for(changes.get(), 20)
        assert (change.old, change.new) == (HOME, BACKUP)
        assert license_.is_valid()
    assert not license_.is_valid()
    assert holders(backup, BACKUP) == []


async def test_nothing_to_be_had_is_said_of_each_entry(stage: Stage) -> None:
    down = stage.stopped_server(HOME)
    system = stage.system((HOME, down), INITIAL_WAIT=0.5)
    held = sparekey.acquire_async("Runtime", config=system.config, vendor_key=system.vendor_key, state=system.state)
    with pytest.raises(sparekey.NoLicense) as refused:
        await held.__aenter__()
    assert refused.value.candidates == [(0, f"{down.location} refused the connection")]
