"""Only what is equal to or better than the initial license serves as a backup: R3."""

from __future__ import annotations

from typing import Any

import pytest

from plant import terms
from stories.stage import HOME, Stage

pytestmark = pytest.mark.plant

WORSE: dict[str, tuple[dict[str, Any], str]] = {
    "5-2001": ({"limits": {"tags": 500}}, "tags 500 < 1500"),
    "5-2002": ({"limits": {}}, "tags 0 < 1500"),
    "5-2003": ({"modules": frozenset()}, "module history is missing"),
    "5-2004": ({"version": "13.9"}, "version 13.9 < 14.0"),
    "5-2005": ({"product": "another"}, "product another is not scada-runtime"),
}
"""Serial numbers of licenses that are worse, in what, and what is said of them."""


def test_r3_worse_backups_are_passed_over_for_a_better_one(stage: Stage) -> None:
    primary = stage.server(HOME)
    better = terms("5-3000", version="14.0.1", limits={"tags": -1}, modules=frozenset({"history", "energy"}))
    backup = stage.server(*(terms(serial, **changes) for serial, (changes, _) in WORSE.items()), better)
    system = stage.system((HOME, primary), *((serial, backup) for serial in (*WORSE, "5-3000")))
    application = system.start()
    primary.kill()
    application.until("change")
    seen = application.look()
    assert (seen["serial"], seen["entry"]) == ("5-3000", 6)
    assert application.never_invalid


def test_r3_each_worse_backup_is_explained_while_the_initial_licenses_server_is_down(stage: Stage) -> None:
    primary = stage.server(HOME)
    backup = stage.server(*(terms(serial, **changes) for serial, (changes, _) in WORSE.items()))
    system = stage.system((HOME, primary), *((serial, backup) for serial in WORSE), INITIAL_WAIT=0.5)
    system.start().close()
    primary.kill()
    reasons = system.application().refused()
    del reasons[0]
    assert list(reasons.values()) == [said for _, said in WORSE.values()]


def test_r3_without_the_initial_licenses_terms_no_backup_is_taken(stage: Stage) -> None:
    down, backup = stage.stopped_server(HOME), stage.server("5-3000")
    system = stage.system((HOME, down), ("5-3000", backup), INITIAL_WAIT=0.5)
    reason = system.application().refused()[1]
    assert "the terms of 5-1042 are not known on this system" in reason
    assert "start once while its server runs" in reason
