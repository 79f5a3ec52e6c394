"""The nodes of conditions, as they are browsed: instances of AlarmConditionType, with the fields of their last event.

They are added one by one: asyncua's own instantiation browses the type for each and holds up the loop for 50 ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from asyncua import ua
from asyncua.server.server import Server
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from sparekey.notify.opcua.names import own_node, standard_node

TYPE: Final = standard_node(ObjectIds.AlarmConditionType)
_HAS_COMPONENT: Final = standard_node(ObjectIds.HasComponent)
_HAS_PROPERTY: Final = standard_node(ObjectIds.HasProperty)
_PROPERTY: Final = standard_node(ObjectIds.PropertyType)
_COMPONENTS: Final = {
    **dict.fromkeys(("EnabledState", "ActiveState", "AckedState"), standard_node(ObjectIds.TwoStateVariableType)),
    **dict.fromkeys(("Quality", "LastSeverity", "Comment"), standard_node(ObjectIds.ConditionVariableType)),
}
"""The variables of a condition that are no properties, and their types."""
_METHODS: Final = (
    ObjectIds.AcknowledgeableConditionType_Acknowledge,
    ObjectIds.ConditionType_AddComment,
    ObjectIds.ConditionType_Enable,
    ObjectIds.ConditionType_Disable,
)
"""An instance shares the methods of its type."""


class ConditionNodes:
    """The nodes of the conditions that stand."""

    def __init__(self, server: Server) -> None:
        self._session = server.iserver.isession
        self._nodes = server.iserver.aspace
        self._placed: dict[ua.NodeId, list[ua.NodeId]] = {}

    async def place(
        self, parent: ua.NodeId, condition: ua.NodeId, name: ua.QualifiedName, fields: Mapping[str, ua.Variant]
    ) -> None:
        """Add the condition below its parent, or bring its fields up to date: `ActiveState`, `ActiveState/Id` ..."""
        if condition in self._placed:
            for field, value in fields.items():
                node = _below(condition, field)
                (await self._nodes.write_attribute_value(node, AttributeIds.Value, ua.DataValue(value))).check()
            return
        items = [_object(parent, condition, name), *(_variable(condition, *field) for field in fields.items())]
        _check(result.StatusCode for result in await self._session.add_nodes(items))
        _check(await self._session.add_references([_method(condition, number) for number in _METHODS]))
        self._placed[condition] = [item.RequestedNewNodeId for item in items]

    async def remove(self, parent: ua.NodeId, condition: ua.NodeId) -> None:
        nodes = self._placed.pop(condition, None)
        if nodes is None:
            return
        reference = ua.DeleteReferencesItem(
            SourceNodeId=parent,
            ReferenceTypeId=_HAS_COMPONENT,
            IsForward=True,
            TargetNodeId=condition,
            DeleteBidirectional=False,
        )
        _check(await self._session.delete_references([reference]))
        # asyncua would look for references to each of them in its whole address space
        items = [ua.DeleteNodesItem(node, DeleteTargetReferences=False) for node in nodes]
        _check(await self._session.delete_nodes(ua.DeleteNodesParameters(items)))


def _object(parent: ua.NodeId, condition: ua.NodeId, name: ua.QualifiedName) -> ua.AddNodesItem:
    return ua.AddNodesItem(
        ParentNodeId=parent,
        ReferenceTypeId=_HAS_COMPONENT,
        RequestedNewNodeId=condition,
        BrowseName=name,
        NodeClass=ua.NodeClass.Object,
        NodeAttributes=ua.ObjectAttributes(DisplayName=ua.LocalizedText(name.Name)),
        TypeDefinition=TYPE,
    )


def _variable(condition: ua.NodeId, field: str, value: ua.Variant) -> ua.AddNodesItem:
    of, _, name = field.rpartition("/")
    kind = _COMPONENTS.get(field, _PROPERTY)
    return ua.AddNodesItem(
        ParentNodeId=_below(condition, of) if of else condition,
        ReferenceTypeId=_HAS_PROPERTY if kind == _PROPERTY else _HAS_COMPONENT,
        RequestedNewNodeId=_below(condition, field),
        BrowseName=ua.QualifiedName(name),
        NodeClass=ua.NodeClass.Variable,
        NodeAttributes=ua.VariableAttributes(
            DisplayName=ua.LocalizedText(name),
            Value=value,
            DataType=standard_node(value.VariantType.value),
            ValueRank=ua.ValueRank.Scalar,
            AccessLevel=ua.AccessLevel.CurrentRead.mask,
            UserAccessLevel=ua.AccessLevel.CurrentRead.mask,
        ),
        TypeDefinition=kind,
    )


def _method(condition: ua.NodeId, number: int) -> ua.AddReferencesItem:
    return ua.AddReferencesItem(
        SourceNodeId=condition,
        ReferenceTypeId=_HAS_COMPONENT,
        IsForward=True,
        TargetNodeId=standard_node(number),
        TargetNodeClass=ua.NodeClass.Method,
    )


def _below(condition: ua.NodeId, field: str) -> ua.NodeId:
    return own_node(str(condition.Identifier) + "." + field.replace("/", "."), condition.NamespaceIndex)


def _check(results: Iterable[ua.StatusCode]) -> None:
    for result in results:
        result.check()
