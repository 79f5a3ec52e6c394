"""The OPC UA outlet, as an independent client sees it (node-opcua)."""

from __future__ import annotations

from pathlib import Path

import pytest

from notify.node_opcua import RefusedByServer, needs_node_opcua, next_of, node_client
from notify.opcua_identity import ClientIdentity
from notify.opcua_plant import SERIAL, Technicians, free_endpoint, serving
from sparekey.core.alarms import State
from sparekey.core.variables import DEMO_SECONDS_LEFT, ENTRY, VALID_UNTIL, Name, Quality

pytestmark = [needs_node_opcua, pytest.mark.plant, pytest.mark.timeout(300)]

NODE = f"ns=2;s={SERIAL}"


def trusted(folder: Path) -> ClientIdentity:
    """An operator station whose certificate the administrator has put into `trusted`."""
    station = ClientIdentity.make(folder / "station", "Operator station 3")
    place = folder / "opcua" / "trusted"
    place.mkdir(parents=True)
    (place / "station.pem").write_bytes(station.certificate.read_bytes())
    return station


async def test_values_are_browsed_read_and_subscribed_to_by_anybody(tmp_path: Path) -> None:
    technicians, endpoint = Technicians(), free_endpoint()
    technicians.read(SERIAL, "5-1042", at=1_700_000_000.25)
    technicians.read(Name("Runtime", ENTRY), 0)
    technicians.read(Name("Runtime", VALID_UNTIL), "2036-12-31T23:59:59Z")
    technicians.read(Name("Runtime", DEMO_SECONDS_LEFT), None)
    technicians.read(Name("server hall", "[License 5-1042] Seats free"), 3)
    async with serving(technicians, tmp_path, endpoint), node_client(endpoint, tmp_path) as client:
        sparekey = (await client.browse("ObjectsFolder"))["Sparekey"]
        owners = await client.browse(sparekey)
        variables = await client.browse(owners["Runtime"])
        serial = await client.read(NODE)
        entry = await client.read(variables["[License] Entry"])
        until = await client.read(variables["[License] Valid until"])
        demo = await client.read(variables["[License] Demo seconds left"])
        seats = await client.read("ns=2;s=server hall/[License 5-1042] Seats free")

        assert variables["[Project summary] Serial number"] == NODE
        assert serial == {"value": "5-1042", "type": "String", "status": "Good", "time": "2023-11-14T22:13:20.250Z"}
        assert (entry["value"], entry["type"]) == (0, "Int64")
        assert (until["value"], until["type"]) == ("2036-12-31T23:59:59.000Z", "DateTime")
        assert (demo["value"], demo["status"]) == (None, "Good")
        assert seats["value"] == 3

        await client.ask("subscribe", node=NODE)
        assert (await next_of(client.changes))["value"] == "5-1042"
        technicians.read(SERIAL, "5-1043")
        assert (await next_of(client.changes))["value"] == "5-1043"
        technicians.read(SERIAL, "5-1043", Quality.BAD)
        assert (await next_of(client.changes))["status"] == "BadNoCommunication"
        technicians.read(SERIAL, "5-1042")
        again = await next_of(client.changes)
        assert (again["value"], again["status"]) == ("5-1042", "Good")

        technicians.read(Name("Archive", ENTRY), 1)
        assert "Archive" in await client.browse(sparekey)
        assert await client.ask("write", node=NODE, value="5-9999") == "BadUserAccessDenied"


async def test_an_alarm_is_acknowledged_once_by_a_trusted_client(tmp_path: Path) -> None:
    technicians, endpoint, station = Technicians(), free_endpoint(), trusted(tmp_path)
    technicians.read(SERIAL, "5-1042")
    async with serving(technicians, tmp_path, endpoint), node_client(endpoint, tmp_path, station) as client:
        await client.ask("events", type="AcknowledgeableConditionType")
        technicians.alarm(17)
        come = await next_of(client.events)
        assert come["Message"] == "Runtime: license changed from 5-1042 to 5-1043"
        assert (come["Severity"], come["ConditionName"], come["SourceName"]) == (700, "serial-number", str(SERIAL))
        assert (come["SourceNode"], come["Retain"]) == (NODE, True)
        assert (come["ActiveState.Id"], come["AckedState.Id"]) == (True, False)
        assert (come["ActiveState"], come["AckedState"]) == ("Active", "Unacknowledged")

        parts = await client.browse(str(come["ConditionId"]))
        assert (await client.read(parts["EventId"]))["value"] == come["EventId"]
        assert "serial-number 17" in await client.browse("ns=2;s=Runtime")

        assert await client.acknowledge(come, event="00" * 16) == "BadEventIdUnknown"
        assert await client.acknowledge(come, "on my way") == "Good"
        seen = await next_of(client.events)
        assert (seen["AckedState.Id"], seen["ActiveState.Id"], seen["Retain"]) == (True, True, True)
        assert (seen["Comment"], seen["ClientUserId"]) == ("on my way", "Operator station 3")
        assert technicians.feed.alarms[17].state is State.ACKNOWLEDGED
        assert await client.acknowledge(seen) == "BadConditionBranchAlreadyAcked"

        technicians.go(17)
        gone = await next_of(client.events)
        assert (gone["ActiveState.Id"], gone["Retain"]) == (False, False)
        assert await client.acknowledge(gone) == "BadConditionBranchAlreadyAcked"
        assert "serial-number 17" not in await client.browse("ns=2;s=Runtime")


async def test_who_joins_late_refreshes_and_sees_what_stands(tmp_path: Path) -> None:
    technicians, endpoint = Technicians(), free_endpoint()
    technicians.alarm(1, returns=False)
    technicians.alarm(2)
    technicians.alarm(3)
    technicians.go(3)
    async with serving(technicians, tmp_path, endpoint), node_client(endpoint, tmp_path) as client:
        await client.ask("events", type="AcknowledgeableConditionType")
        assert await client.ask("refresh") == "Good"
        events = [await next_of(client.events) for _ in range(5)]
        start, *retained, end = events
        assert start["EventType"] == "ns=0;i=2787"
        assert [each["ActiveState"] for each in retained] == ["Active", "Active", "Inactive"]
        assert end["EventType"] == "ns=0;i=2788"


async def test_anybody_else_sees_alarms_and_cannot_acknowledge(tmp_path: Path) -> None:
    technicians, endpoint = Technicians(), free_endpoint()
    async with serving(technicians, tmp_path, endpoint), node_client(endpoint, tmp_path) as client:
        await client.ask("events")
        technicians.alarm(17)
        come = await next_of(client.events)
        assert await client.acknowledge(come, "I was here") == "BadUserAccessDenied"
        assert technicians.feed.alarms[17].state is State.UNACKNOWLEDGED


async def test_a_client_is_trusted_once_its_certificate_was_moved_there(tmp_path: Path) -> None:
    technicians, endpoint = Technicians(), free_endpoint()
    station = ClientIdentity.make(tmp_path / "station", "Operator station 3")
    rejected, accepted = tmp_path / "opcua" / "rejected", tmp_path / "opcua" / "trusted"
    async with serving(technicians, tmp_path, endpoint):
        with pytest.raises(RefusedByServer, match="BadCertificateUntrusted"):
            async with node_client(endpoint, tmp_path, station):
                pytest.fail("a stranger was let in")
        (shown,) = rejected.iterdir()
        assert shown.name.startswith("Operator station 3 [")
        shown.rename(accepted / shown.name)
        async with node_client(endpoint, tmp_path, station) as client:
            assert "Sparekey" in await client.browse("ObjectsFolder")
