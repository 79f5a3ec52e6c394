"""The MQTT outlet before a real broker (Eclipse Mosquitto), as a client sees it that is none of ours (paho)."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from notify.kept import Desk
from notify.mosquitto import Listener, mosquitto, needs_mosquitto
from notify.mqtt_access import authority, password_file
from sparekey.core.variables import SEATS_USED, SERIAL_NUMBER, STATE, Name, Quality
from sparekey.notify.mqtt.outlet import MqttOutlet
from sparekey.notify.outlet_settings import Mqtt

pytestmark = [needs_mosquitto, pytest.mark.plant]

SERIAL = Name("Runtime", SERIAL_NUMBER)
PLACE = "sparekey/line-3"
TOPIC = f"{PLACE}/Runtime/project-summary-serial-number"
ONLINE, MESSAGES, ALARM = f"{PLACE}/online", f"{PLACE}/alarms", f"{PLACE}/alarms/7"


LATER = 4.0
"""Seconds until the outlet tries again, where the listener is to be back before it."""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path / "state")
    desk.read(SERIAL, "5-1042", at=1_700_000_000.25)
    return desk


def outlet(location: str, *, login: str = "", scheme: str = "mqtt", ca: Path | None = None) -> MqttOutlet:
    return MqttOutlet(Mqtt("mqtt", f"{scheme}://{login}{location}", "sparekey", str(ca) if ca else None))


async def test_a_client_that_joins_late_sees_values_with_time_and_quality_and_who_is_online(
    desk: Desk, tmp_path: Path
) -> None:
    with mosquitto(tmp_path) as broker:
        async with desk.keep(outlet(broker.location)), Listener(broker) as first:
            await first.until(lambda: first.now.get(ONLINE) == b"true")
            desk.read(SERIAL, "5-1043", Quality.BAD, at=1_700_000_001)
            await first.until(lambda: first.said(TOPIC)["value"] == "5-1043")
            async with Listener(broker) as late:
                await late.until(lambda: TOPIC in late.now and ONLINE in late.now)
                assert late.said(TOPIC) == {
                    "value": "5-1043",
                    "time": "2023-11-14T22:13:21.000Z",
                    "quality": "bad",
                    "app": "Runtime",
                    "name": "[Project summary] Serial number",
                }
                assert late.said(f"{PLACE}/system") == {"id": "4f5a9c0b", "name": "line-3"}


async def test_who_ends_in_order_says_that_it_is_offline(desk: Desk, tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        async with Listener(broker) as listener:
            async with desk.keep(outlet(broker.location)):
                await listener.until(lambda: listener.now.get(ONLINE) == b"true")
                before = [topic for topic, _ in listener.heard]
                assert before.index(TOPIC) < before.index(ONLINE), "nobody believes in what was kept from before"
            await listener.until(lambda: listener.now.get(ONLINE) == b"false")


async def test_an_alarm_is_retained_as_long_as_it_stands(desk: Desk, tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        async with desk.keep(outlet(broker.location)), Listener(broker) as listener:
            desk.alarm(7)
            await listener.until(lambda: listener.now.get(ALARM))
            async with Listener(broker) as late:
                await late.until(lambda: late.now.get(ALARM))
                said = late.said(ALARM)
            assert (said["id"], said["app"], said["severity"], said["priority"]) == (7, "Runtime", 700, "high")
            assert (said["state"], said["matrix"]) == ("unacknowledged", "serial-number")
            desk.feed.acknowledge(7, "anna", "cable of server-a")
            await listener.until(lambda: (listener.said(ALARM) or {}).get("by") == "anna")
            desk.go(7)
            await listener.until(lambda: listener.now[ALARM] == b"")
            async with Listener(broker) as late:
                await late.until(lambda: TOPIC in late.now)
                assert ALARM not in late.now


async def test_an_alarm_that_went_while_nobody_could_tell_is_retained_no_more(desk: Desk, tmp_path: Path) -> None:
    desk.read(Name("alarms", STATE), "hold")
    with mosquitto(tmp_path) as broker:
        async with Listener(broker) as listener:
            desk.alarm(7)
            desk.alarm(8)
            async with desk.keep(outlet(broker.location)):
                await listener.until(lambda: listener.now.get(ALARM) and listener.now.get(f"{PLACE}/alarms/8"))
            desk.feed.acknowledge(7, "anna", "")
            desk.go(7)
            async with desk.keep(outlet(broker.location)):
                await listener.until(lambda: listener.now[ALARM] == b"")
                await listener.until(lambda: listener.now[ONLINE] == b"true")
                assert b"" not in (payload for topic, payload in listener.heard if topic != ALARM)


async def test_each_message_is_sent_and_then_gone_from_the_outbox(desk: Desk, tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        async with Listener(broker) as listener, desk.keep(outlet(broker.location)) as keeper:
            await listener.until(lambda: listener.now.get(ONLINE) == b"true")
            for change in range(1, 31):
                desk.notify(f"text {change}", keeper, change)
            await listener.until(lambda: len(listener.messages(MESSAGES)) == 30)
            await desk.until(desk.has_sent_all)
            told = listener.messages(MESSAGES)
            assert [each["change"] for each in told] == list(range(1, 31))
            assert len({each["message"] for each in told}) == 30
            assert {key: told[0][key] for key in ("alarm", "text", "severity", "priority", "occasion", "app")} == {
                "alarm": 7,
                "text": "text 1",
                "severity": 700,
                "priority": "high",
                "occasion": "alarm",
                "app": "Runtime",
            }


async def test_a_broker_that_restarts_with_an_empty_store_has_everything_again(desk: Desk, tmp_path: Path) -> None:
    desk.alarm(7)
    with mosquitto(tmp_path) as broker:
        async with desk.keep(outlet(broker.location), LATER) as keeper, Listener(broker) as listener:
            await listener.until(lambda: listener.now.get(ONLINE) == b"true")
            broker.kill()
            await desk.until(lambda: len(desk.events()) == 1)
            desk.notify("sent while it was dead", keeper)
            listener.forget()
            broker.start()
            await listener.until(lambda: listener.now.get(ONLINE) == b"true" and listener.messages(MESSAGES))
            async with Listener(broker) as late:
                await late.until(lambda: late.now.keys() >= {TOPIC, ALARM, ONLINE, f"{PLACE}/system"})
            await desk.until(lambda: len(desk.events()) == 2)
            assert desk.events()[0].startswith(f"outlet mqtt: {broker.location}: ")
            assert desk.events()[1] == "outlet mqtt: it works again"


async def test_a_broker_that_hangs_holds_up_nobody_and_gets_everything_when_it_is_back(
    desk: Desk, tmp_path: Path
) -> None:
    with mosquitto(tmp_path) as broker:
        async with desk.keep(outlet(broker.location)) as keeper, Listener(broker) as listener:
            await listener.until(lambda: listener.now.get(ONLINE) == b"true")
            broker.pause()
            desk.notify("sent while it hung", keeper)
            desk.read(SERIAL, "5-1043")
            await desk.until(desk.events)
            broker.resume()
            await listener.until(lambda: listener.said(TOPIC)["value"] == "5-1043" and listener.messages(MESSAGES))
            await desk.until(lambda: desk.events()[-1].endswith("it works again") and desk.has_sent_all())
            await listener.until(lambda: listener.now[ONLINE] == b"true")


async def test_a_login_that_nobody_answers_leaves_no_connection_behind(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mute.settimeout(0)
        location = f"127.0.0.1:{mute.getsockname()[1]}"
        async with desk.keep(outlet(location)):
            await desk.until(desk.events)
            assert desk.events() == [f"outlet mqtt: {location}: no answer within 10 s"]
            first, _ = mute.accept()
            with first:
                first.settimeout(30)
                while first.recv(1000):
                    pass


@pytest.mark.parametrize("login", ["", "line-3:wrong@", "line-3@"])
async def test_t4_a_refused_login_is_told_without_its_password(desk: Desk, tmp_path: Path, login: str) -> None:
    with mosquitto(tmp_path, password_file(tmp_path, "line-3", "p@ss:w/#rd")) as broker:
        async with desk.keep(outlet(broker.location, login=login)):
            await desk.until(desk.events)
            assert desk.events() == [f"outlet mqtt: {broker.location}: Not authorized"]


async def test_user_and_password_are_percent_decoded(desk: Desk, tmp_path: Path) -> None:
    with mosquitto(tmp_path, password_file(tmp_path, "line 3", "p@ss:w/#rd")) as broker:
        login = ("line 3", "p@ss:w/#rd")
        async with (
            desk.keep(outlet(broker.location, login="line%203:p%40ss%3Aw%2F%23rd@")),
            Listener(broker, login=login) as listener,
        ):
            await listener.until(lambda: listener.now.get(ONLINE) == b"true")
            assert desk.events() == []


async def test_tls_trusts_the_authority_that_is_named_and_no_stranger(desk: Desk, tmp_path: Path) -> None:
    ca = authority(tmp_path)
    with mosquitto(tmp_path, *ca.options) as broker:
        async with (
            desk.keep(outlet(broker.location, scheme="mqtts", ca=ca.file)),
            Listener(broker, ca=ca.file) as heard,
        ):
            await heard.until(lambda: heard.now.get(ONLINE) == b"true")
            assert desk.events() == []
        async with desk.keep(outlet(broker.location, scheme="mqtts")):
            await desk.until(desk.events)
            assert "certificate verify failed" in desk.events()[0]


async def test_tls_asks_for_the_name_of_the_broker(desk: Desk, tmp_path: Path) -> None:
    ca = authority(tmp_path, address="127.0.0.2")
    with mosquitto(tmp_path, *ca.options) as broker:
        async with desk.keep(outlet(broker.location, scheme="mqtts", ca=ca.file)):
            await desk.until(desk.events)
            assert "IP address mismatch" in desk.events()[0]


async def test_an_authority_that_cannot_be_read_is_named(desk: Desk, tmp_path: Path) -> None:
    async with desk.keep(outlet("127.0.0.1:1", scheme="mqtts", ca=tmp_path / "none.pem")):
        await desk.until(desk.events)
        assert desk.events() == [
            f"outlet mqtt: the authority {tmp_path / 'none.pem'} cannot be read: No such file or directory"
        ]


async def test_names_that_would_share_a_topic_have_their_own(desk: Desk, tmp_path: Path) -> None:
    names = [Name(app, SERIAL_NUMBER) for app in ("Line 1", "Line/1", "+", "#", "alarms", "online", "Runtime/x")]
    names += [Name("server hall", SEATS_USED.format(serial=serial)) for serial in ("A.1", "A-1", "a-1")]
    with mosquitto(tmp_path) as broker:
        for number, name in enumerate(names):
            desk.read(name, number)
        async with desk.keep(outlet(broker.location)), Listener(broker) as listener:
            await listener.until(lambda: listener.now.get(ONLINE) == b"true")
            values = [topic for topic in listener.now if topic.count("/") == 3]
            said = [listener.said(topic) for topic in values]
            told = {(each["app"], each["name"]): each["value"] for each in said}
            expected = {(name.owner, name.variable): number for number, name in enumerate(names)}
            assert told == {("Runtime", SERIAL_NUMBER): "5-1042", **expected}
            assert listener.said(f"{PLACE}/Line-1/project-summary-serial-number")["app"] == "Line 1"


async def test_two_systems_of_one_name_stand_at_two_places(desk: Desk, tmp_path: Path) -> None:
    other = Desk(tmp_path / "other", system="77aa88bb99cc")
    other.read(SERIAL, "5-2000")
    with mosquitto(tmp_path) as broker:
        async with Listener(broker) as listener:
            async with desk.keep(outlet(broker.location)):
                await listener.until(lambda: listener.now.get(ONLINE) == b"true")
                async with other.keep(outlet(broker.location)):
                    await listener.until(lambda: listener.now.get(f"{PLACE}-77aa88bb/online") == b"true")
                    topic = f"{PLACE}-77aa88bb/Runtime/project-summary-serial-number"
                    assert (listener.said(TOPIC)["value"], listener.said(topic)["value"]) == ("5-1042", "5-2000")
            assert [payload for at, payload in listener.heard if at == ONLINE] == [b"true"]
            await listener.until(lambda: listener.now.get(ONLINE) == b"false")
            async with other.keep(outlet(broker.location)):
                await listener.until(lambda: listener.said(TOPIC)["value"] == "5-2000")


def test_the_library_that_is_missing_is_named_with_the_cure() -> None:
    program = """
import asyncio, sys
sys.modules["aiomqtt"] = None
from sparekey.notify.feed import Feed, Home
from sparekey.notify.mqtt.outlet import MqttOutlet
from sparekey.notify.outlet_settings import Mqtt
asyncio.run(MqttOutlet(Mqtt("mqtt", "mqtt://h", "sparekey")).run(Feed(Home("id", "pc"), print), None, print))
"""
    ended = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=False)
    assert ended.stderr.splitlines()[-1] == (
        "sparekey.notify.outlet.OutletFault: aiomqtt is not installed; install it with: pip install sparekey[mqtt]"
    )
