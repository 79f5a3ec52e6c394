"""The OPC UA outlet, with the client of its own library: faults, types, and clients among each other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from asyncua import ua
from asyncua.client.client import Client
from asyncua.common.node import Node
from asyncua.common.ua_utils import get_node_supertypes
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.uaerrors import UaStatusCodeError

from notify.opcua_plant import NAMESPACE, Technicians, free_endpoint, run, serving
from sparekey.core.variables import Name, Quality, Value
from sparekey.notify.opcua.names import own_node, standard_node
from sparekey.notify.outlet import OutletFault

ALARM = standard_node(ObjectIds.AlarmConditionType)
MANDATORY = standard_node(ObjectIds.ModellingRule_Mandatory)
BACKUP = Name("Runtime", "[License] Backup 1 days left")


@asynccontextmanager
async def anybody(endpoint: str) -> AsyncIterator[Client]:
    """A client that is connected without security."""
    async with Client(endpoint, timeout=60) as client:
        yield client


async def read(client: Client, name: Name) -> ua.DataValue:
    namespace = await client.get_namespace_index(NAMESPACE)
    return await client.get_node(own_node(str(name), namespace)).read_data_value(raise_on_bad_status=False)


async def test_a_variable_takes_the_type_of_its_value(tmp_path: Path) -> None:
    technicians, endpoint = Technicians(), free_endpoint()
    values: list[tuple[Value, ua.VariantType]] = [
        (None, ua.VariantType.Null),
        (30, ua.VariantType.Int64),
        (29.5, ua.VariantType.Double),
        (None, ua.VariantType.Null),
        (True, ua.VariantType.Boolean),
        ("none", ua.VariantType.String),
    ]
    async with serving(technicians, tmp_path, endpoint), anybody(endpoint) as client:
        for value, kind in values:
            technicians.read(BACKUP, value)
            shown = await read(client, BACKUP)
            assert shown.Value is not None
            assert (shown.Value.Value, shown.Value.VariantType) == (value, kind)
            assert shown.StatusCode is not None
            assert shown.StatusCode.is_good()


async def test_a_bad_value_comes_back_with_its_type(tmp_path: Path) -> None:
    technicians, endpoint = Technicians(), free_endpoint()
    async with serving(technicians, tmp_path, endpoint), anybody(endpoint) as client:
        technicians.read(BACKUP, 30)
        technicians.read(BACKUP, 30, Quality.BAD)
        gone = await read(client, BACKUP)
        assert gone.StatusCode is not None
        assert gone.StatusCode.name == "BadNoCommunication"
        technicians.read(BACKUP, 29)
        back = await read(client, BACKUP)
        assert back.Value is not None
        assert back.Value.Value == 29


async def test_an_alarm_is_browsed_as_a_condition_as_long_as_it_stands(tmp_path: Path) -> None:
    technicians, endpoint = Technicians(), free_endpoint()
    technicians.alarm(1)
    technicians.alarm(2)
    async with serving(technicians, tmp_path, endpoint), anybody(endpoint) as client:
        namespace = await client.get_namespace_index(NAMESPACE)
        runtime = client.get_node(own_node("Runtime", namespace))
        condition = await runtime.get_child(f"{namespace}:serial-number 1")
        assert await condition.read_type_definition() == ALARM
        assert await mandatory(client.get_node(ALARM)) <= set(await names(condition))

        active = await condition.get_child(["0:ActiveState", "0:Id"])
        assert await active.read_value() is True
        technicians.go(1)
        assert await active.read_value() is False
        technicians.feed.acknowledge(1, "anna", "")
        assert await names(runtime) == ["serial-number 2"]


async def names(node: Node) -> list[str]:
    """Of what lies below it."""
    return [each.BrowseName.Name or "" for each in await node.get_children_descriptions()]


async def mandatory(kind: Node) -> set[str]:
    """What an instance of this type has to have."""
    found = set()
    for each in await get_node_supertypes(kind, includeitself=True):
        for child in await each.get_children():
            if MANDATORY in [rule.nodeid for rule in await child.get_referenced_nodes(ObjectIds.HasModellingRule)]:
                found.add((await child.read_browse_name()).Name or "")
    return found


async def test_no_client_ends_the_subscription_of_another(tmp_path: Path) -> None:
    technicians, endpoint = Technicians(), free_endpoint()
    async with serving(technicians, tmp_path, endpoint), anybody(endpoint) as one, anybody(endpoint) as two:
        subscription = await one.create_subscription(100, None)
        assert subscription.subscription_id is not None
        with pytest.raises(UaStatusCodeError, match="BadSubscriptionIdInvalid"):
            await two.uaclient.delete_subscriptions([subscription.subscription_id])
        await subscription.delete()


async def test_a_port_that_is_taken_is_a_fault_and_the_next_run_serves(tmp_path: Path) -> None:
    technicians, endpoint = Technicians(), free_endpoint()
    async with serving(technicians, tmp_path / "first", endpoint):
        with pytest.raises(OutletFault, match=r"cannot listen at .*: another program listens there; end it, or"):
            await run(technicians, tmp_path, endpoint, lambda: None)
    async with serving(technicians, tmp_path, endpoint), anybody(endpoint) as client:
        assert NAMESPACE in await client.get_namespace_array()


@pytest.mark.parametrize(
    ("endpoint", "text"),
    [
        ("opc.tcp://", "cannot be read; it is written opc.tcp://HOST:PORT"),
        ("opc.tcp://127.0.0.1:99999", "cannot be read; it is written opc.tcp://HOST:PORT"),
        ("opc.tcp://192.0.2.1:4840", "this machine has no such address"),
        ("opc.tcp://no-such-host.invalid:4840", "cannot listen at .*; correct the endpoint"),
    ],
)
async def test_an_endpoint_that_is_none_is_a_fault(tmp_path: Path, endpoint: str, text: str) -> None:
    with pytest.raises(OutletFault, match=text):
        await run(Technicians(), tmp_path, endpoint, lambda: pytest.fail("it does not work"))


async def test_a_folder_that_is_none_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "opcua").write_text("")
    with pytest.raises(OutletFault, match=r"the folder for certificates cannot be used: .*opcua"):
        await run(Technicians(), tmp_path, free_endpoint(), lambda: None)


WITHOUT_LIBRARY = """
import asyncio, pathlib, sys
from sparekey.notify.feed import Feed, Home
from sparekey.notify.opcua.outlet import OpcUaOutlet
from sparekey.notify.outlet_settings import OpcUa
assert "asyncua" not in sys.modules
sys.modules["asyncua"] = None
feed = Feed(Home("4f5a9c", "line-3"), lambda *_: None)
asyncio.run(OpcUaOutlet(OpcUa("opcua", "opc.tcp://127.0.0.1:4840"), pathlib.Path("unused")).run(feed, None, print))
"""


def test_a_missing_library_is_a_fault_that_says_how_to_install_it() -> None:
    ended = subprocess.run((sys.executable, "-c", WITHOUT_LIBRARY), capture_output=True, text=True, check=False)
    last = ended.stderr.splitlines()[-1]
    assert last.endswith("OutletFault: asyncua is not installed; install it with: pip install sparekey[opcua]")
