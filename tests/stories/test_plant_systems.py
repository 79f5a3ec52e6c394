"""From a server's death to the systems of a plant: the notifier, an MQTT broker and a scrape by Prometheus."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from notify.mosquitto import Listener, mosquitto, needs_mosquitto
from plant import SPAREKEY, until
from stories.stage import BACKUP, HOME, Stage
from systems import PATIENCE, Program, System

pytestmark = [pytest.mark.plant, needs_mosquitto]

PLACE = "sparekey/line-3"
SERIAL = f"{PLACE}/Runtime/project-summary-serial-number"


def notifier(system: System) -> Program:
    """The notifier as a service, of a system called line 3."""
    command = (*SPAREKEY, "notify", "run", "--state", str(system.state))
    program = Program(*command, "--reactions", str(system.folder / "reactions.toml"), env={"SPAREKEY_SYSTEM": "line 3"})
    system.programs.append(program)
    return program


def serial_numbers(port: int) -> set[str]:
    """Those in use, as Prometheus is told."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    return {sample.labels["serial"] for sample in families["sparekey_serial_number_info"].samples}


async def test_the_alarm_of_a_switch_and_the_serial_number_reach_the_broker_and_prometheus(
    stage: Stage, tmp_path: Path
) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with mosquitto(tmp_path) as broker:
        (system.folder / "reactions.toml").write_text(
            f'[outlet.mqtt]\nurl = "mqtt://{broker.location}"\n[outlet.metrics]\nlisten = "127.0.0.1:{port}"\n'
        )
        async with Listener(broker) as listener:
            application = system.start()
            service = notifier(system)
            await listener.until(lambda: (listener.said(SERIAL) or {}).get("value") == HOME)
            await listener.until(lambda: listener.now.get(f"{PLACE}/online") == b"true")
            assert serial_numbers(port) == {HOME}
            primary.kill()
            application.until("change")
            await listener.until(lambda: listener.said(SERIAL)["value"] == BACKUP)
            await listener.until(lambda: listener.messages(f"{PLACE}/alarms"))
            told = listener.messages(f"{PLACE}/alarms")[0]
            assert told["text"].startswith(f"Runtime: license changed from {HOME} to {BACKUP} (")
            await listener.until(lambda: listener.now.get(f"{PLACE}/alarms/{told['alarm']}"))
            for _ in until(PATIENCE):
                if serial_numbers(port) == {BACKUP}:
                    break
            service.kill()
            await listener.until(lambda: listener.now[f"{PLACE}/online"] == b"false")
            notifier(system)
            await listener.until(lambda: listener.now[f"{PLACE}/online"] == b"true")
            assert listener.said(f"{PLACE}/alarms/{told['alarm']}")["state"] == "unacknowledged"
            again = {each["message"] for each in listener.messages(f"{PLACE}/alarms") if each["alarm"] == told["alarm"]}
            assert again == {told["message"]}, "what comes twice is known by its number"
