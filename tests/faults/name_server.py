"""A small DNS server (RFC 1035): it answers, changes its answer, or never answers."""

from __future__ import annotations

import ipaddress
import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from faults.hosts import Host

_TYPES = {1: 4, 28: 6}
"""Types of questions, A and AAAA, and the family that they ask for."""
_ANSWER, _NO_SUCH_NAME = 0x8580, 0x8583


class NameServer:
    """Runs on a host. `silent`: it hears questions, and says nothing."""

    def __init__(self, host: Host) -> None:
        self.silent = False
        self.asked = 0
        self._names: dict[str, tuple[str, ...]] = {}
        self._socket = host.opens(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self._socket.bind((host.v4, 53))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def knows(self, name: str, *addresses: str) -> None:
        """From now on it says so."""
        self._names[name] = addresses

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):  # it is not connected, and whoever waits for it wakes up all the same
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                query, sender = self._socket.recvfrom(512)
            except OSError:
                return
            if not query:
                return
            self.asked += 1
            if not self.silent:
                self._socket.sendto(self._answer(query), sender)

    def _answer(self, query: bytes) -> bytes:
        labels, at = list[str](), 12
        while length := query[at]:
            labels.append(query[at + 1 : at + 1 + length].decode())
            at += 1 + length
        question = query[12 : at + 5]
        (asked,) = struct.unpack_from("!H", query, at + 1)
        known = self._names.get(".".join(labels))
        found = [ipaddress.ip_address(address) for address in known or ()]
        packed = [address.packed for address in found if address.version == _TYPES.get(asked)]
        header = query[:2] + struct.pack("!HHHHH", _NO_SUCH_NAME if known is None else _ANSWER, 1, len(packed), 0, 0)
        # 0xC00C points at the name in the question; the class is IN, and nobody may remember it: 0 seconds.
        records = (struct.pack("!HHHIH", 0xC00C, asked, 1, 0, len(data)) + data for data in packed)
        return header + question + b"".join(records)
