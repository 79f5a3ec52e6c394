"""Objects and variables: under Objects/Sparekey an object an owner, with its variables, which nobody can write."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, TypeAlias

from asyncua import ua
from asyncua.common.node import Node
from asyncua.server.server import Server
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from sparekey.core.variables import VALID_UNTIL, Name, Quality, Reading, Value
from sparekey.notify.opcua.names import moment, own_node, standard_node, status

NAMESPACE: Final = "urn:sparekey"
FOLDER: Final = "Sparekey"

_Typed: TypeAlias = Value | datetime
_STATUS: Final = {
    Quality.GOOD: status(StatusCodes.Good),
    Quality.BAD: status(StatusCodes.BadNoCommunication),
}


class AddressSpace:
    """What can be browsed, in the namespace `urn:sparekey`."""

    def __init__(self, server: Server, folder: Node) -> None:
        self._nodes = server.iserver.aspace
        self._folder = folder
        self._objects: dict[str, Node] = {}
        self._variables: dict[str, Node] = {}
        self._types: dict[str, ua.VariantType] = {}

    @classmethod
    async def create(cls, server: Server) -> AddressSpace:
        namespace = await server.register_namespace(NAMESPACE)
        name = ua.QualifiedName(FOLDER, namespace)
        return cls(server, await server.nodes.objects.add_folder(own_node(FOLDER, namespace), name))

    def node_id(self, text: str) -> ua.NodeId:
        """The node of an owner (`APP`), of a variable (`APP/NAME`)."""
        return own_node(text, self._namespace)

    def browse_name(self, text: str) -> ua.QualifiedName:
        return ua.QualifiedName(text, self._namespace)

    async def object_of(self, owner: str) -> Node:
        """The object of an application or of a license server."""
        if owner not in self._objects:
            self._objects[owner] = await self._folder.add_object(self.node_id(owner), self.browse_name(owner))
        return self._objects[owner]

    async def show(self, name: Name, reading: Reading) -> None:
        """A bad value is not shown: the standard has clients ignore it (OPC 10000-4, 7.11), asyncua leaves it out."""
        node = await self._variable(name)
        value = _typed(name, reading.value)
        kind = _kind(value)
        if kind not in (ua.VariantType.Null, self._types[str(name)]):
            await self._declare(node, kind)
            self._types[str(name)] = kind
        shown = ua.DataValue(
            Value=ua.Variant(value, kind),
            StatusCode=_STATUS[reading.quality],
            SourceTimestamp=moment(reading.time),
            ServerTimestamp=ua.DateTime.now(UTC),
        )
        # without the old value asyncua compares no types, and the variable can be without a value again
        self._nodes[node.nodeid].attributes[AttributeIds.Value].value = None
        (await self._nodes.write_attribute_value(node.nodeid, AttributeIds.Value, shown)).check()

    @property
    def _namespace(self) -> int:
        return self._folder.nodeid.NamespaceIndex

    async def _variable(self, name: Name) -> Node:
        text = str(name)
        if text not in self._variables:
            owner = await self.object_of(name.owner)
            self._variables[text] = await owner.add_variable(
                self.node_id(text),
                self.browse_name(name.variable),
                None,
                datatype=standard_node(ObjectIds.BaseDataType),
            )
            self._types[text] = ua.VariantType.Null
        return self._variables[text]

    async def _declare(self, node: Node, kind: ua.VariantType) -> None:
        data_type = ua.Variant(standard_node(kind.value), ua.VariantType.NodeId)
        await node.write_attribute(AttributeIds.DataType, ua.DataValue(data_type))


def _typed(name: Name, value: Value) -> _Typed:
    if name.variable != VALID_UNTIL or not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _kind(value: _Typed) -> ua.VariantType:
    match value:
        case bool():
            return ua.VariantType.Boolean
        case int():
            return ua.VariantType.Int64
        case float():
            return ua.VariantType.Double
        case str():
            return ua.VariantType.String
        case datetime():
            return ua.VariantType.DateTime
        case None:
            return ua.VariantType.Null
