"""The floor of HTTP: uvicorn with an application that gives a recorded answer, signed or not.

python -m benchmarks.floors.bare RECORDING [--signed]
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.floors.recording import Recorded, load

KEPT = 600
"""How long an idle connection is kept, as the license server keeps it; seconds."""
SIGNED_BYTES = 480
"""What a lease's signature covers, about."""


def application(recording: Path, *, signed: bool) -> ASGIApp:
    """Reads the request, signs where the server does, answers."""
    recorded = load(recording)
    answers = {
        "take": _messages(recorded.take),
        "renewal": _messages(recorded.renewal),
        "release": _messages(recorded.release),
    }
    sign: Callable[[bytes], bytes] = Ed25519PrivateKey.generate().sign
    claims = bytes(SIGNED_BYTES)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        path, method = scope["path"], scope["method"]
        call = "release" if method == "DELETE" else "renewal" if path.endswith("/renew") else "take"
        if signed and method == "POST":
            sign(claims)
        head, body = answers[call]
        await send(head)
        await send(body)

    return answer


def _messages(answer: Recorded) -> tuple[Message, Message]:
    head = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
    return head, {"type": "http.response.body", "body": answer.body}


def main(recording: str, *options: str) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        config = uvicorn.Config(
            application(Path(recording), signed="--signed" in options),
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEPT,
        )
        print(f"127.0.0.1:{listening.getsockname()[1]}", flush=True)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(uvicorn.Server(config).serve([listening]))


if __name__ == "__main__":
    main(*sys.argv[1:])
