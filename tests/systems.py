"""Licensed systems for tests: a state folder, a License.ini, and applications that are real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any, Protocol, Self

from plant import SPAREKEY, until
from sparekey.core.timing import belief
from sparekey.host import boot_clock

APPLICATION = Path(__file__).with_name("application.py")
PATIENCE = 60.0
"""Seconds that a test waits for what must come."""

Event = Mapping[str, Any]


class Reachable(Protocol):
    """Whatever has a place in the network: a license server, or what passes for one."""

    @property
    def location(self) -> str: ...


class Program:
    """A process that says what happens, a JSON object a line, each with its `event`."""

    def __init__(self, *command: str, env: Mapping[str, str] | None = None, app: str = "Runtime") -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(env or {})},
        )
        self.app = app
        self.events: list[Event] = []
        self.errors = ""
        self._awaited: set[int] = set()
        self._ended = False
        self._said = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True),
            threading.Thread(target=self._read_errors, args=(self.process.stderr,), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def until(self, *names: str, timeout: float = PATIENCE) -> Event:
        """The first event of one of these names that was not waited for before."""
        with self._said:
            self._said.wait_for(lambda: self._ended or self._next(names) is not None, timeout)
            found = self._next(names)
            assert found is not None, f"no {names}, but {self.events}\n{self.errors}"
            self._awaited.add(found)
            return self.events[found]

    def named(self, *names: str) -> list[Event]:
        """All events of these names so far."""
        with self._said:
            return [event for event in self.events if event["event"] in names]

    def tell(self, word: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def close_stdin(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.wait()

    def pause(self) -> None:
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    def wait(self, timeout: float = PATIENCE) -> int:
        """Wait for the end, and for all that was said until then; return the exit code (-n for signal n)."""
        code = self.process.wait(timeout)
        for reader in self._readers:
            reader.join(timeout)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()
        return code

    def end(self) -> None:
        """Whatever state it is in: no process is left."""
        if self.process.poll() is None:
            self.resume()
            self.kill()

    def _next(self, names: tuple[str, ...]) -> int | None:
        fresh = (at for at in range(len(self.events)) if at not in self._awaited)
        return next((at for at in fresh if self.events[at]["event"] in names), None)

    def _read(self, lines: IO[str]) -> None:
        for line in lines:
            with self._said:
                self.events.append(json.loads(line))
                self._said.notify_all()
        with self._said:
            self._ended = True
            self._said.notify_all()

    def _read_errors(self, lines: IO[str]) -> None:
        for line in lines:
            self.errors += line


class Application(Program):
    """A process that holds a license by the SDK; see application.py."""

    def acquire(self) -> Self:
        """Hold a license; it fails where there is none."""
        self.tell("acquire")
        got = self.until("acquired", "refused", "already running")
        assert got["event"] == "acquired", got
        self.acquired = got
        return self

    def refused(self) -> dict[int, str]:
        """Ask for a license that is not to be had: each entry's reason."""
        self.tell("acquire")
        return dict(self.until("refused")["candidates"])

    def close(self) -> None:
        """Give the license back."""
        self.tell("close")
        self.until("closed")

    def look(self) -> Event:
        """What the license says at this moment."""
        self.tell("look")
        return self.until("seen")

    @property
    def changes(self) -> list[tuple[str, str]]:
        """The changes of its serial number so far: from, to."""
        return [(event["old"], event["new"]) for event in self.named("change")]

    @property
    def never_invalid(self) -> bool:
        """Whether every sample was valid since the license was acquired."""
        return not self.named("invalid")


class System:
    """A computer with licensed applications. Two state folders are two systems."""

    def __init__(self, folder: Path, vendor_key: Path) -> None:
        self.folder = folder
        self.vendor_key = vendor_key
        self.state = folder / "state"
        self.config = folder / "License.ini"
        self.demo: Path | None = None
        self.programs: list[Program] = []
        self.through: tuple[str, ...] = ()
        """The command that starts its programs, where their place is special, such as a namespace of its own."""
        self.env: dict[str, str] = {}
        folder.mkdir(parents=True)

    def list(self, *entries: tuple[str, Reachable | str], **keys: object) -> None:
        """Write the list of [Runtime]: (serial number, where it is) in order, and further keys."""
        lines = ["[Runtime]", *(f"{key} = {value}" for key, value in keys.items())]
        for number, (serial, place) in enumerate(entries):
            location = place if isinstance(place, str) else place.location
            lines += [f"SERIAL{number} = {serial}", f"SERIAL{number}_LOCATION = {location}"]
        fresh = self.config.with_suffix(".new")
        fresh.write_text("\n".join(lines) + "\n")
        fresh.replace(self.config)

    def application(self, app: str = "Runtime", **options: object) -> Application:
        """Start an application, which holds nothing yet."""
        wishes = {"app": app, "config": str(self.config), "vendor_key": str(self.vendor_key), "state": str(self.state)}
        demo = {"demo": str(self.demo)} if self.demo else {}
        command = (*self.through, sys.executable, str(APPLICATION), json.dumps({**wishes, **demo, **options}))
        program = Application(*command, env=self.env, app=app)
        self.programs.append(program)
        return program

    def start(self, app: str = "Runtime", **options: object) -> Application:
        """Start an application that holds a license."""
        return self.application(app, **options).acquire()

    def run(self, *command: str, app: str = "Runtime", options: Iterable[str] = ()) -> Program:
        """Start `sparekey run`, its report (and what the command says) in its events."""
        places = ("--config", str(self.config), "--vendor-key", str(self.vendor_key), "--state", str(self.state))
        asked = (*self.through, *SPAREKEY, "run", "--app", app, *places, "--report", "-", *options)
        program = Program(*asked, "--", *command, env=self.env, app=app)
        self.programs.append(program)
        return program

    def status(self, app: str = "Runtime") -> dict[str, Any]:
        """What the status file of an application says; {} where there is none yet."""
        for file in self.state.glob("applications/*/status.json"):
            said: dict[str, Any] = json.loads(file.read_text())
            if said["application"] == app:
                return said
        return {}

    def until_status(self, fits: Callable[[dict[str, Any]], object], app: str = "Runtime") -> dict[str, Any]:
        """The first status that fits."""
        for _ in until(PATIENCE):
            status = self.status(app)
            if status and fits(status):
                break
        return status

    def until_renewed(self, app: str = "Runtime") -> None:
        """Wait for a renewal that is sent from now on."""
        began = boot_clock()
        self.until_status(lambda now: now["ttl"] and now["valid_until_boottime"] > began + belief(now["ttl"]), app)

    def until_spare(self, app: str = "Runtime") -> dict[str, Any]:
        """The spare, once the application holds one."""
        spare: dict[str, Any] = self.until_status(lambda status: status["spare"], app)["spare"]
        return spare

    def end(self) -> None:
        """No process is left, and none has failed in a way that it does not know."""
        for program in self.programs:
            program.end()
        failed = [program.errors for program in self.programs if "Traceback" in program.errors]
        assert not failed, failed[0]
