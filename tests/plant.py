"""A plant for tests: a vendor, license servers as real processes, and holders that speak HTTP to them."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from sparekey.core.entries import Location
from sparekey.core.terms import Terms
from sparekey.server.container import Container
from sparekey.trust import PrivateKey, issue_license, write_license_file

SPAREKEY = (sys.executable, "-c", "from sparekey.cli import main; main()")
STARTS_WITHIN = 30.0


def terms(serial: str = "5-1042", **changes: Any) -> Terms:
    """Usual terms of a license; `changes` are its other fields."""
    usual = Terms(serial, "scada-runtime", "14.0", limits={"tags": 1500}, modules=frozenset({"history"}), issued=1000)
    return replace(usual, **changes)


EXPIRED = date(2020, 12, 31)
"""A last day that is over."""
NOT_YET = date(2999, 1, 1)
"""A first day that is to come."""


class Vendor:
    """Signs licenses. `public` is the file that applications and servers are given."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.key = PrivateKey.generate()
        self.public = folder / "vendor.pub.json"
        self.public.write_text(json.dumps(self.key.public.to_jwk()))

    def issue(self, container: Container, *licenses: Terms, out: Path) -> Path:
        """A license file for this container."""
        write_license_file(out, [issue_license(self.key, each, container.key.public) for each in licenses])
        return out


class Server:
    """A license server: its state folder, and the process while it runs.

    It keeps its port over restarts, as applications know it by that.
    """

    def __init__(self, folder: Path, vendor: Vendor, name: str = "server", *, ttl: float = 30.0) -> None:
        self.vendor = vendor
        self.ttl = ttl
        self.state = folder
        self.container = Container.init(folder, name)
        self.process: subprocess.Popen[str] | None = None
        self.address = "127.0.0.1"
        self.port = 0
        self.shares: dict[str, int] = {}
        """The seats of each license that was ever installed, by serial number."""
        self.through: tuple[str, ...] = ()
        """The command that starts it, where its place is special: a network or a mount namespace of its own."""
        self.env: dict[str, str] = {}
        self.errors = ""
        """What its last run that has ended said on stderr."""

    @property
    def location(self) -> str:
        return str(Location(self.address, self.port))

    def install(self, *licenses: Terms) -> None:
        """Issue licenses for this server and install them, running or not."""
        file = self.vendor.issue(self.container, *licenses, out=self.state / "new.lic")
        self.container.install(file, (self.vendor.key.public,), time.time())
        file.unlink()
        self.shares.update({each.serial: each.seats for each in licenses})

    def remove(self, serial: str) -> None:
        self.container.remove(serial)

    def start(self, *, host: str = "") -> Server:
        """Start it and wait for its ready line; `host` is what it listens on, where that is not its address alone."""
        options = ("--listen", str(Location(host or self.address, self.port)), "--ttl", str(self.ttl), "--json")
        self.process = start_sparekey("server", "run", str(self.state), *options, through=self.through, env=self.env)
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        self.port = int(json.loads(line)["listening"][0].rpartition(":")[2])
        return self

    def kill(self) -> None:
        """As a power cut: SIGKILL."""
        self.signal(signal.SIGKILL)
        self.wait()

    def stop(self) -> int:
        """As an operator: SIGTERM. Returns the exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def pause(self) -> None:
        """As a host that hangs: connections stay open, nothing is answered."""
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    def restart(self) -> Server:
        self.stop()
        return self.start()

    def signal(self, number: signal.Signals) -> None:
        assert self.process
        self.process.send_signal(number)

    def wait(self, timeout: float = STARTS_WITHIN) -> int:
        assert self.process
        code = self.process.wait(timeout)
        assert self.process.stdout
        assert self.process.stderr
        self.process.stdout.close()
        with self.process.stderr as said:
            self.errors = said.read()
        assert "Traceback" not in self.errors, self.errors
        return code

    def end(self) -> None:
        """Whatever state it is in: no process is left."""
        if self.process and self.process.poll() is None:
            self.signal(signal.SIGCONT)
            self.kill()


@contextmanager
def plant(folder: Path, *names: str, ttl: float = 30.0) -> Iterator[list[Server]]:
    """Servers of one vendor, not started; whatever runs at the end is killed."""
    vendor = Vendor(folder / "vendor")
    servers = [Server(folder / name, vendor, name, ttl=ttl) for name in names]
    try:
        yield servers
    finally:
        for server in servers:
            server.end()


def start_sparekey(
    *arguments: str, through: Iterable[str] = (), env: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start the command `sparekey`, its output in pipes, by another command where that is named."""
    return subprocess.Popen(
        (*through, *SPAREKEY, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
    )


def sparekey(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command `sparekey` to its end."""
    return subprocess.run((*SPAREKEY, *arguments), capture_output=True, text=True, timeout=STARTS_WITHIN, check=False)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(seconds: float) -> Iterator[None]:
    """Go round until the time is over; for what no event tells of, such as another process's next look at a folder."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.02)
    raise AssertionError(f"it did not happen within {seconds} s")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a server: status, headers in lower case, and the body."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> dict[str, Any]:
        """The body, where it is JSON."""
        parsed: dict[str, Any] = json.loads(self.content)
        return parsed

    @property
    def problem(self) -> str:
        """The name of the problem; empty where it is none."""
        return str(self.body.get("type", "")).removeprefix("urn:sparekey:problem:") if self.content else ""


class Client:
    """One kept connection to a server."""

    def __init__(self, location: str, timeout: float = 30.0) -> None:
        self._connection = http.client.HTTPConnection(location, timeout=timeout)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def call(
        self, method: str, path: str, body: object = None, *, secret: str = "", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """`body` goes as it is where it is bytes, else as JSON."""
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        sent = {**({"Authorization": f"Bearer {secret}"} if secret else {}), **(headers or {})}
        self._connection.request(method, path, content, sent)
        answer = self._connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, names, answer.read())

    def get(self, path: str) -> Answer:
        return self.call("GET", path)


def token() -> str:
    """128 bits of randomness."""
    return secrets.token_urlsafe(16)


@dataclass(slots=True)
class Seeker:
    """A holder, or one that would be: its secret, its count of takes, and the lease it has last asked for."""

    serial: str = "5-1042"
    system: str = field(default_factory=token)
    application: str = "Runtime"
    secret: str = field(default_factory=token)
    order: int = 1_000_000
    lease: str = ""
    shown: str | None = None

    def request(self, **changes: object) -> dict[str, object]:
        """The body of its next take."""
        self.order += 1
        self.lease = token()
        body = {
            "id": self.lease,
            "serial": self.serial,
            "system": self.system,
            "system_name": "pc-1",
            "application": self.application,
            "secret": self.secret,
            "order": self.order,
            "nonce": token(),
        }
        return {**body, **({"lease": self.shown} if self.shown else {}), **changes}

    def take(self, client: Client, **changes: object) -> Answer:
        answer = client.call("POST", "/v1/leases", self.request(**changes))
        return self._noted(answer)

    def renew(self, client: Client, **changes: object) -> Answer:
        body = {"nonce": token(), **({"lease": self.shown} if self.shown else {}), **changes}
        return self._noted(client.call("POST", f"/v1/leases/{self.lease}/renew", body, secret=self.secret))

    def release(self, client: Client) -> Answer:
        return client.call("DELETE", f"/v1/leases/{self.lease}", secret=self.secret)

    def _noted(self, answer: Answer) -> Answer:
        if answer.status in (200, 201):
            self.shown = answer.body["lease"]
        return answer


def used(client: Client, serials: Iterable[str] = ("5-1042",)) -> int:
    """How many seats of these licenses are in use."""
    pages = (client.get(f"/v1/licenses?serial={serial}").body["licenses"] for serial in serials)
    return sum(shown["used"] for page in pages for shown in page)
