"""Another host name and machine id under the same state folders: an image restored, a disk moved. S6."""

from __future__ import annotations

from pathlib import Path

import pytest

from plant import Client
from stories.stage import HOME, Stage
from systems import Reachable

pytestmark = [pytest.mark.plant, pytest.mark.needs("mount")]

NAME, MACHINE = "another-pc", "0123456789abcdef0123456789abcdef"


def another_machine(folder: Path) -> tuple[str, ...]:
    """A command that starts another one where the host name and /etc/machine-id are not this machine's."""
    machine_id = folder / "machine-id"
    machine_id.write_text(f"{MACHINE}\n")
    rename = f"echo {NAME} > /proc/sys/kernel/hostname"
    identify = f"if test -e /etc/machine-id; then mount --bind {machine_id} /etc/machine-id; fi"
    return ("unshare", "--uts", "--mount", "sh", "-c", f'{rename} && {identify} && exec "$@"', "sh")


def shown(server: Reachable) -> list[tuple[str, str]]:
    """The id and the name of each system that holds a seat."""
    with Client(server.location) as client:
        (license_,) = client.get(f"/v1/licenses?serial={HOME}").body["licenses"]
    return [(holder["system"], holder["system_name"]) for holder in license_["holders"]]


def test_s6_a_system_is_the_same_one_and_gets_its_own_seat_at_once(stage: Stage, tmp_path: Path) -> None:
    server = stage.server(HOME, ttl=60)
    system = stage.system((HOME, server))
    earlier = system.start()
    ((identity, name),) = shown(server)
    system.until_status(lambda status: status["serial"] == HOME)
    earlier.kill()
    system.through = another_machine(tmp_path)
    assert system.start().acquired["serial"] == HOME
    assert shown(server) == [(identity, NAME)]
    assert name != NAME


@pytest.mark.long
def test_s2_a_server_is_the_same_one_and_keeps_its_leases(stage: Stage, tmp_path: Path) -> None:
    server = stage.server(HOME, ttl=20)
    system = stage.system((HOME, server))
    application = system.start()
    system.until_renewed()
    server.kill()
    server.through = another_machine(tmp_path)
    server.start()
    system.until_renewed()
    assert (application.changes, application.never_invalid) == ([], True)
