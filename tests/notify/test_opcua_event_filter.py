"""What a client's filter of events lets through."""

from __future__ import annotations

import pytest
from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from sparekey.notify.opcua.event_filter import include_subtypes
from sparekey.notify.opcua.names import standard_node

REFRESH = {standard_node(ObjectIds.RefreshStartEventType), standard_node(ObjectIds.RefreshEndEventType)}
ALARM = {standard_node(ObjectIds.AlarmConditionType)}


def let_through(wanted: int) -> set[object]:
    """The types in the list that `OfType` becomes."""
    operand = ua.LiteralOperand(ua.Variant(standard_node(wanted), ua.VariantType.NodeId))
    element = ua.ContentFilterElement(FilterOperator=ua.FilterOperator.OfType, FilterOperands=[operand])
    include_subtypes(ua.ContentFilter([element]))
    assert element.FilterOperator is ua.FilterOperator.InList
    listed = [each for each in element.FilterOperands if isinstance(each, ua.LiteralOperand)]
    return {each.Value.Value for each in listed if each.Value is not None}


@pytest.mark.parametrize(
    "wanted",
    [
        ObjectIds.AlarmConditionType,
        ObjectIds.AcknowledgeableConditionType,
        ObjectIds.ConditionType,
        ObjectIds.BaseEventType,
    ],
)
def test_an_alarm_is_of_its_type_and_of_those_above(wanted: int) -> None:
    assert let_through(wanted) == ALARM | REFRESH


@pytest.mark.parametrize("wanted", [ObjectIds.LimitAlarmType, ObjectIds.AuditEventType])
def test_an_alarm_is_of_no_other_type_and_a_refresh_is_shown_to_all(wanted: int) -> None:
    assert let_through(wanted) == REFRESH


def test_the_rest_of_a_filter_stays() -> None:
    severe = ua.ContentFilterElement(FilterOperator=ua.FilterOperator.GreaterThan)
    include_subtypes(ua.ContentFilter([severe]))
    assert severe == ua.ContentFilterElement(FilterOperator=ua.FilterOperator.GreaterThan)
