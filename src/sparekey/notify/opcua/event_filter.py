"""The filter of a client that subscribes to events, put into what asyncua can evaluate."""

from __future__ import annotations

from typing import Final

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from sparekey.notify.opcua.names import standard_node

_ALARM: Final = standard_node(ObjectIds.AlarmConditionType)
_IS_ALARM: Final = (
    _ALARM,
    standard_node(ObjectIds.AcknowledgeableConditionType),
    standard_node(ObjectIds.ConditionType),
    standard_node(ObjectIds.BaseEventType),
)
_REFRESH: Final = (standard_node(ObjectIds.RefreshStartEventType), standard_node(ObjectIds.RefreshEndEventType))


def include_subtypes(where: ua.ContentFilter) -> None:
    """Let `OfType` take subtypes too (OPC 10000-4, 7.7.3), where asyncua takes the type alone.

    It becomes a list of the types of which there are events here. The two that enclose a refresh are always among
    them: no filter holds them back (OPC 10000-9, 5.5.7).
    """
    for element in where.Elements:
        if element.FilterOperator == ua.FilterOperator.OfType and element.FilterOperands:
            types = _types(element.FilterOperands[0])
            element.FilterOperator = ua.FilterOperator.InList
            element.FilterOperands = [_EVENT_TYPE, *(ua.LiteralOperand(ua.Variant(each)) for each in types)]


def _types(wanted: object) -> tuple[ua.NodeId, ...]:
    is_alarm = isinstance(wanted, ua.LiteralOperand) and wanted.Value is not None and wanted.Value.Value in _IS_ALARM
    return (_ALARM, *_REFRESH) if is_alarm else _REFRESH


_EVENT_TYPE: Final = ua.SimpleAttributeOperand(
    TypeDefinitionId=standard_node(ObjectIds.BaseEventType),
    BrowsePath=[ua.QualifiedName("EventType")],
    AttributeId=AttributeIds.Value,
)
