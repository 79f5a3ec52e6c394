"""Node ids, status codes and times of OPC UA, made of what Python has."""

from __future__ import annotations

from datetime import UTC

from asyncua import ua


def standard_node(number: int) -> ua.NodeId:
    """A node of the standard, such as ObjectIds.Server."""
    return ua.NodeId(ua.Int32(number))


def own_node(text: str, namespace: int) -> ua.NodeId:
    """A node of ours, by its text."""
    return ua.NodeId(ua.String(text), ua.Int16(namespace))


def status(code: int) -> ua.StatusCode:
    """One of StatusCodes."""
    return ua.StatusCode(ua.UInt32(code))


def moment(time: float) -> ua.DateTime:
    """Unix time, as UTC."""
    return ua.DateTime.fromtimestamp(time, UTC)
