"""Eclipse Mosquitto as the broker, and a client that knows nothing of ours (paho, in a thread of its own)."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pytest
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from systems import PATIENCE

PROGRAM = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
needs_mosquitto = pytest.mark.skipif(
    PROGRAM is None, reason="mosquitto is not installed: tests/needs.py installs it, with the right to"
)


class Mosquitto:
    """A broker whose store is empty at each start."""

    def __init__(self, folder: Path, *options: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._config = folder / "mosquitto.conf"
        access = () if any("password_file" in option for option in options) else ("allow_anonymous true",)
        # "user root": one that is root keeps the right to read its files
        lines = (f"listener {self.port} 127.0.0.1", "user root", "persistence false", *access, *options)
        self._config.write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def location(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> Self:
        assert PROGRAM
        self._process = subprocess.Popen(
            (PROGRAM, "-c", str(self._config)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), PATIENCE).close()
            except OSError:
                assert time.monotonic() < deadline, "mosquitto does not listen"
                assert self._process.poll() is None, "mosquitto has ended"
                time.sleep(0.02)
            else:
                return self

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """Whatever state it is in."""
        if self._process:
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(number)


@contextmanager
def mosquitto(folder: Path, *options: str) -> Iterator[Mosquitto]:
    """A running broker."""
    broker = Mosquitto(folder, *options)
    try:
        yield broker.start()
    finally:
        broker.kill()


class Listener:
    """Hears all topics. `now` is what each topic had last; `heard` is everything, in order."""

    def __init__(self, broker: Mosquitto, *, login: tuple[str, str] | None = None, ca: Path | None = None) -> None:
        self.now: dict[str, bytes] = {}
        self.heard: list[tuple[str, bytes]] = []
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        if login:
            self._client.username_pw_set(*login)
        if ca:
            self._client.tls_set_context(ssl.create_default_context(cafile=str(ca)))
        self._client.reconnect_delay_set(1, 1)
        self._client.connect_async("127.0.0.1", broker.port)

    async def __aenter__(self) -> Self:
        self._client.loop_start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    async def until(self, fits: Callable[[], object]) -> None:
        """Wait for something to be so."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not fits():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"it did not come; there is {self.now}") from None

    def said(self, topic: str) -> Any:
        """The JSON that this topic had last, None where it has none."""
        return json.loads(self.now[topic]) if self.now.get(topic) else None

    def messages(self, topic: str) -> list[Any]:
        """All that came on this topic, as JSON."""
        return [json.loads(payload) for at, payload in self.heard if at == topic]

    def forget(self) -> None:
        """What comes from now on."""
        self.now.clear()
        self.heard.clear()

    def _on_connect(
        self, client: Client, _data: object, _flags: ConnectFlags, _code: ReasonCode, _properties: Properties | None
    ) -> None:
        client.subscribe("#", qos=1)

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._loop.call_soon_threadsafe(self._note, message.topic, bytes(message.payload))

    def _note(self, topic: str, payload: bytes) -> None:
        self.now[topic] = payload
        self.heard.append((topic, payload))
        self._news.set()
