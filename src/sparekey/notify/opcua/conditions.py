"""Alarms as conditions (OPC 10000-9): a node an alarm, and an event each time that it changes.

A condition is one alarm, from its coming to its going: two of one matrix can wait for their acknowledgement at once.
Its node goes with it; the event that says so has Retain false.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import uuid4

from asyncua import ua
from asyncua.common.events import Event
from asyncua.server.server import Server
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from sparekey.core.alarms import Alarm, State
from sparekey.notify.opcua.acknowledgements import Acknowledgements
from sparekey.notify.opcua.address_space import AddressSpace
from sparekey.notify.opcua.condition_nodes import TYPE, ConditionNodes
from sparekey.notify.opcua.names import moment, standard_node, status

_CLASS: Final = standard_node(ObjectIds.SystemConditionClassType)
_SERVER: Final = standard_node(ObjectIds.Server)
_ACTIVE: Final = (State.UNACKNOWLEDGED, State.ACKNOWLEDGED)
_ACKNOWLEDGED: Final = (State.ACKNOWLEDGED, State.NORMAL)


class Conditions:
    """The conditions of one server."""

    def __init__(self, server: Server, space: AddressSpace, acknowledgements: Acknowledgements) -> None:
        self._events = server.iserver.subscription_service
        self._nodes = ConditionNodes(server)
        self._space = space
        self._acknowledgements = acknowledgements

    async def announce(self, alarm: Alarm, now: float) -> None:
        """Emit the event on the object Server, and let the node say the same. `now` is Unix time."""
        condition = self._space.node_id(f"{alarm.name.owner}/[Alarm] {alarm.key}")
        event_id = uuid4().bytes
        self._acknowledgements.tell(condition, alarm, event_id)
        fields = self._fields(alarm, now) | {"EventId": _bytes(event_id)}
        await self._events.trigger_event(_event(condition, fields))
        owner = (await self._space.object_of(alarm.name.owner)).nodeid
        if alarm.is_gone:
            await self._nodes.remove(owner, condition)
        else:
            name = self._space.browse_name(f"{alarm.matrix} {alarm.key}")
            await self._nodes.place(owner, condition, name, fields)

    def _fields(self, alarm: Alarm, now: float) -> dict[str, ua.Variant]:
        seen = alarm.acknowledged
        severity = ua.Variant(alarm.attributes.severity, ua.VariantType.UInt16)
        return {
            "EventType": _node(TYPE),
            "SourceNode": _node(self._space.node_id(str(alarm.name))),
            "SourceName": _string(str(alarm.name)),
            "Time": _time(_latest(alarm)),
            "ReceiveTime": _time(now),
            "Message": _text(alarm.text),
            "Severity": severity,
            "ConditionClassId": _node(_CLASS),
            "ConditionClassName": _text("SystemConditionClass"),
            "ConditionName": _string(alarm.matrix),
            "BranchId": _node(ua.NodeId()),
            "Retain": _truth(not alarm.is_gone),
            "Quality": ua.Variant(status(StatusCodes.Good), ua.VariantType.StatusCode),
            "Quality/SourceTimestamp": _time(alarm.came),
            "LastSeverity": severity,
            "LastSeverity/SourceTimestamp": _time(alarm.came),
            "Comment": _text(seen.comment if seen else ""),
            "Comment/SourceTimestamp": _time(seen.at if seen else alarm.came),
            "ClientUserId": _string(seen.by if seen else ""),
            "SuppressedOrShelved": _truth(alarm.suppressed or alarm.is_shelved(now)),
            "InputNode": _node(self._space.node_id(str(alarm.name))),
            **_state("EnabledState", True, "Enabled", "Disabled"),
            **_state("ActiveState", alarm.state in _ACTIVE, "Active", "Inactive"),
            **_state("AckedState", alarm.state in _ACKNOWLEDGED, "Acknowledged", "Unacknowledged"),
        }


def _event(condition: ua.NodeId, fields: Mapping[str, ua.Variant]) -> Event:
    event = Event(_SERVER)
    # asyncua finds the condition by it, for clients and for ConditionRefresh
    event.add_property("NodeId", condition, ua.VariantType.NodeId)
    for name, field in fields.items():
        event.add_property(name, field.Value, field.VariantType)
    return event


def _latest(alarm: Alarm) -> float:
    """When it became what it is."""
    return max(alarm.came, alarm.went or 0.0, alarm.acknowledged.at if alarm.acknowledged else 0.0)


def _state(name: str, truth: bool, if_true: str, if_false: str) -> Mapping[str, ua.Variant]:
    return {name: _text(if_true if truth else if_false), f"{name}/Id": _truth(truth)}


def _node(node: ua.NodeId) -> ua.Variant:
    return ua.Variant(node, ua.VariantType.NodeId)


def _string(text: str) -> ua.Variant:
    return ua.Variant(text, ua.VariantType.String)


def _text(text: str) -> ua.Variant:
    return ua.Variant(ua.LocalizedText(text, "en"), ua.VariantType.LocalizedText)


def _truth(truth: bool) -> ua.Variant:
    return ua.Variant(truth, ua.VariantType.Boolean)


def _time(time: float) -> ua.Variant:
    return ua.Variant(moment(time), ua.VariantType.DateTime)


def _bytes(data: bytes) -> ua.Variant:
    return ua.Variant(data, ua.VariantType.ByteString)
