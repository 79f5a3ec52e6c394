"""What the load generator can do at most: an asyncio protocol that writes recorded bytes and looks at nothing.

python -m benchmarks.floors.raw RECORDING
"""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import cast

import uvloop

from benchmarks.floors.recording import Recorded, Recording, load

_RENEWAL_PATH = b"/renew "


class Echoless(asyncio.Protocol):
    """Takes each piece that arrives for one request: the generator sends no more before it is answered."""

    def __init__(self, recording: Recording) -> None:
        self._take, self._renewal, self._release = (
            _message(each) for each in (recording.take, recording.renewal, recording.release)
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"DELETE"):
            self._transport.write(self._release)
        else:
            self._transport.write(self._renewal if _RENEWAL_PATH in data[:160] else self._take)


def _message(answer: Recorded) -> bytes:
    head = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n".encode()
    return b"%s%s\r\n%s" % (head, b"".join(b"%s: %s\r\n" % header for header in answer.headers), answer.body)


async def serve(recording: Recording) -> None:
    server = await asyncio.get_running_loop().create_server(partial(Echoless, recording), "127.0.0.1", 0, backlog=2048)
    print(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(load(Path(sys.argv[1]))))
