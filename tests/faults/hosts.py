"""Hosts of their own: network namespaces with addresses of both families, joined by a bridge, and what is wrong there.

Everything lies in namespaces named for the run that made them, the bridge too, so that nothing of this machine's own
network is touched, and what a killed run has left behind is known by its name.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

PROGRAMS = ("ip", "nft")
_NAMESPACES = Path("/run/netns")
_FILES = Path("/etc/netns")
_PREFIX = "sparekey"
_CLONE_NEWNET = 0x40000000

_T = TypeVar("_T")


class Host:
    """A computer in the network: `through` starts a command on it.

    Its /etc/hosts and /etc/resolv.conf are its own: names that it knows, and the name server that it asks, if any.
    """

    def __init__(self, namespace: str, bridge: str, number: int) -> None:
        self.namespace = namespace
        self.v4, self.v6 = f"10.63.50.{number}", f"fd00:6350::{number:x}"
        self.through = ("ip", "netns", "exec", namespace)
        self._bridge, self._port = bridge, f"port{number}"
        self._etc = _FILES / namespace
        self._etc.mkdir(parents=True)
        self.knows({})
        self.asks(None)
        _ip("netns", "add", namespace)
        _ip("-n", bridge, "link", "add", self._port, "type", "veth", "peer", "name", "eth0", "netns", namespace)
        _ip("-n", bridge, "link", "set", self._port, "master", "bridge", "up")
        for link in ("lo", "eth0"):
            self.ip("link", "set", link, "up")
        self.gets(self.v4)
        self.gets(self.v6)
        self.nft("add table inet faults")
        for hook in ("input", "output"):
            self.nft(f"add chain inet faults {hook} {{ type filter hook {hook} priority 0; }}")

    def gets(self, address: str) -> None:
        """It has this address too."""
        family, bits = ("-6", 64) if ":" in address else ("-4", 24)
        self.ip(family, "address", "add", f"{address}/{bits}", "dev", "eth0", *(("nodad",) if ":" in address else ()))

    def loses(self, address: str) -> None:
        """It has this address no more."""
        self.ip("address", "del", f"{address}/{64 if ':' in address else 24}", "dev", "eth0")

    def knows(self, names: dict[str, tuple[str, ...]]) -> None:
        """What /etc/hosts says, `localhost` of both families beside it unless it is named here."""
        known = {"localhost": ("127.0.0.1", "::1"), **names}
        # In place, not replaced: the file is mounted in the processes that run already.
        lines = (f"{address} {name}\n" for name, addresses in known.items() for address in addresses)
        (self._etc / "hosts").write_text("".join(lines))

    def asks(self, name_server: str | None) -> None:
        """The name server in /etc/resolv.conf. Without one, names that it does not know are unknown at once."""
        server = (
            f"nameserver {name_server}\n" if name_server else "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"
        )
        (self._etc / "resolv.conf").write_text(server)

    def unplug(self) -> None:
        """Its cable is pulled at the switch; it does not see that itself."""
        _ip("-n", self._bridge, "link", "set", self._port, "down")

    def plug(self) -> None:
        _ip("-n", self._bridge, "link", "set", self._port, "up")

    def drops(self, hook: str, rule: str = "meta l4proto tcp") -> None:
        """A firewall: `hook` is input or output, `rule` what is dropped there without a word."""
        self.nft(f"add rule inet faults {hook} {rule} drop")

    def drops_nothing(self) -> None:
        self.nft("flush chain inet faults input; flush chain inet faults output")

    def loses_packets(self, percent: int) -> None:
        """Of what arrives and of what leaves, so many of a hundred packets are lost, at random."""
        for hook, side in (("input", "iifname"), ("output", "oifname")):
            self.drops(hook, f"{side} != lo numgen random mod 100 < {percent}")

    def ip(self, *arguments: str) -> None:
        _ip("-n", self.namespace, *arguments)

    def nft(self, ruleset: str) -> None:
        _run(*self.through, "nft", ruleset)

    def opens(self, make: Callable[[], _T]) -> _T:
        """What `make` returns; a socket that it makes is one of this host."""
        made: list[_T] = []
        failed: list[BaseException] = []

        def enter_and_make() -> None:
            try:
                _enter(_NAMESPACES / self.namespace)
                made.append(make())
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
                failed.append(error)

        thread = threading.Thread(target=enter_and_make)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]
        return made[0]

    def __str__(self) -> str:
        return self.v4


class Network:
    """A switch, and the hosts that are joined to it."""

    _numbers = itertools.count(1)

    def __init__(self) -> None:
        self._name = f"{_PREFIX}-{_run_id(os.getpid())}-{next(self._numbers)}"
        self._bridge = f"{self._name}-bridge"
        self.hosts: list[Host] = []
        _ip("netns", "add", self._bridge)
        _ip("-n", self._bridge, "link", "add", "bridge", "type", "bridge")
        _ip("-n", self._bridge, "link", "set", "bridge", "up")

    def host(self) -> Host:
        number = len(self.hosts) + 1
        host = Host(f"{self._name}-{number}", self._bridge, number)
        self.hosts.append(host)
        return host

    def close(self) -> None:
        """All of it is gone, with whatever still runs there."""
        _remove(f"{self._name}-")


@contextmanager
def network() -> Iterator[Network]:
    made = Network()
    try:
        yield made
    finally:
        made.close()


@cache
def obstacle() -> str:
    """Why there can be no hosts; empty where there can."""
    if missing := [program for program in PROGRAMS if not shutil.which(program)]:
        return f"{' and '.join(missing)} missing; the packages are iproute2 and nftables"
    try:
        with network() as tried:
            tried.host()
    except (OSError, subprocess.CalledProcessError) as error:
        detail = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else str(error)
        return f"no right to make network namespaces (CAP_NET_ADMIN, CAP_SYS_ADMIN): {detail}"
    return ""


def remove_leftovers() -> None:
    """Remove what runs that were killed have left behind; those that still run keep theirs."""
    known = {path.name for folder in (_NAMESPACES, _FILES) if folder.is_dir() for path in folder.iterdir()}
    for run in {"-".join(name.split("-")[1:3]) for name in known if name.startswith(f"{_PREFIX}-")}:
        with suppress(ValueError):
            if run != _run_id(int(run.split("-")[0])):
                _remove(f"{_PREFIX}-{run}-")


def _remove(prefix: str) -> None:
    """The namespaces whose names begin so, their files, and the processes in them."""
    for namespace in _NAMESPACES.glob(f"{prefix}*"):
        left = _run("ip", "netns", "pids", namespace.name).split()
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        _ip("netns", "del", namespace.name)
    for folder in _FILES.glob(f"{prefix}*"):
        shutil.rmtree(folder)


def _run_id(pid: int) -> str:
    """The process, and when it was started: a number that is used again is another run."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return ""
    return f"{pid}-{stat.rpartition(')')[2].split()[19]}"


def _enter(namespace: Path) -> None:
    """This thread lives in another network from now on: setns(2)."""
    libc = ctypes.CDLL(None, use_errno=True)
    with namespace.open() as file:
        if libc.setns(file.fileno(), _CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(namespace))


def _ip(*arguments: str) -> None:
    _run("ip", *arguments)


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
