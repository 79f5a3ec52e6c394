"""In which state an application may practise."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sparekey.client.application import ApplicationState
from sparekey.client.running import ApplicationStatus
from sparekey.client.system import System
from sparekey.core.states import State
from sparekey.drill.plan import DrillRefused, find_application, objection_to


def status(state: State, serial: str = "5-1042", trouble: str = "") -> ApplicationStatus:
    now = datetime.now(UTC)
    server = "server-a:6350" if serial not in ("", "DEMO") else None
    return ApplicationStatus(
        "Runtime", "f00d", "pc-1", 1, now, now, str(state), serial, 0, server, at_home=True, reason="", trouble=trouble
    )


def test_one_that_holds_a_license_may() -> None:
    assert objection_to(status(State.HOLD)) == ""


@pytest.mark.parametrize("state", [State.SUSPECT, State.SECURED, State.LEAVING, State.REGAIN])
def test_one_whose_license_is_in_doubt_may_not(state: State) -> None:
    objection = objection_to(status(state, trouble="fire drill"))
    assert objection == f"is in trouble, or in a drill, already: its state is {state} (fire drill)"


@pytest.mark.parametrize("state", [State.START, State.SEEK])
def test_one_without_a_license_may_not(state: State) -> None:
    assert objection_to(status(state, "")) == f"holds no license: its state is {state}"


def test_one_on_the_demo_license_may_not() -> None:
    assert objection_to(status(State.DEMO, "DEMO")).startswith("runs on the demo license")


def test_an_application_is_found_in_whatever_case(tmp_path: Path) -> None:
    with ApplicationState(System.open(tmp_path / "state"), "Runtime"):
        system, app = find_application(tmp_path / "state", "RUNTIME")
    assert (system.folder, app) == (tmp_path / "state", "Runtime")


def test_an_application_that_never_ran_is_named_with_those_that_did(tmp_path: Path) -> None:
    with ApplicationState(System.open(tmp_path / "state"), "Runtime"), pytest.raises(DrillRefused) as refused:
        find_application(tmp_path / "state", "Historian")
    folder = tmp_path / "state"
    assert str(refused.value) == f"no application Historian has run with the state folder {folder}; Runtime did"


def test_looking_for_it_makes_no_state_folder(tmp_path: Path) -> None:
    with pytest.raises(DrillRefused, match=r"no application Runtime has run with the state folder .*/state$"):
        find_application(tmp_path / "state", "Runtime")
    assert list(tmp_path.iterdir()) == []
