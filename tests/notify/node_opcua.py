"""node-opcua, an OPC UA client that is independent of our server's library, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import msgspec
import pytest

from notify.opcua_identity import ClientIdentity

FOLDER = Path(__file__).parent / "opcua_client"
PATIENCE = 90.0
"""Seconds; a loaded machine starts node slowly."""

Fields: TypeAlias = dict[str, bool | int | float | str | None]
"""A value with its type, status and time; or the fields of an event."""

needs_node_opcua = pytest.mark.skipif(
    not (shutil.which("node") and (FOLDER / "node_modules" / "node-opcua-client").is_dir()),
    reason="node-opcua is not installed: it takes node, npm and a run of tests/needs.py",
)


class RefusedByServer(Exception):
    """The client's own words of why a command did not work."""


class NodeClient:
    """One client. `changes` and `events` are what it was notified of, in order."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._answers: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        self.changes: asyncio.Queue[Fields] = asyncio.Queue()
        self.events: asyncio.Queue[Fields] = asyncio.Queue()

    async def browse(self, node: str) -> dict[str, str]:
        """The nodes below this one, by their browse names."""
        found = msgspec.convert(await self.ask("browse", node=node), list[dict[str, str]])
        return {each["name"]: each["node"] for each in found}

    async def read(self, node: str) -> Fields:
        return msgspec.convert(await self.ask("read", node=node), Fields)

    async def acknowledge(self, of: Fields, comment: str = "", event: object = None) -> object:
        """Acknowledge the condition of an event by its id, or by another; the status code."""
        shown = str(of["EventId"] if event is None else event)
        return await self.ask("acknowledge", condition=of["ConditionId"], event=shown, comment=comment)

    async def ask(self, do: str, **arguments: object) -> object:
        """The answer to a command; raise RefusedByServer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        await self._process.stdin.drain()
        answer = await asyncio.wait_for(self._answers.get(), PATIENCE)
        if "error" in answer:
            raise RefusedByServer(answer["error"])
        return answer["answer"]

    async def listen(self) -> None:
        """Sort what it says, until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = msgspec.json.decode(line, type=dict[str, object])
            if "change" in said:
                self.changes.put_nowait(msgspec.convert(said["change"], Fields))
            elif "event" in said:
                self.events.put_nowait(msgspec.convert(said["event"], Fields))
            else:
                self._answers.put_nowait(said)


async def next_of(queue: asyncio.Queue[Fields]) -> Fields:
    return await asyncio.wait_for(queue.get(), PATIENCE)


@asynccontextmanager
async def node_client(endpoint: str, folder: Path, identity: ClientIdentity | None = None) -> AsyncIterator[NodeClient]:
    """A client that is connected: with its identity sign-and-encrypt, without one anonymous and without security."""
    process = await asyncio.create_subprocess_exec(
        "node",
        str(FOLDER / "client.js"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=sys.stderr,
    )
    client = NodeClient(process)
    listening = asyncio.create_task(client.listen())
    try:
        await client.ask(
            "connect", endpoint=endpoint, folder=str(folder / "pki"), identity=identity and identity.shown()
        )
        yield client
        await client.ask("close")
    finally:
        process.kill()
        await process.wait()
        await listening
