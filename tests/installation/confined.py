"""Run a command as systemd would run it by a unit's settings, where systemd is not process 1.

    unshare --mount python -m installation.confined UNIT STATE COMMAND...        as root

Carried out are ProtectSystem=strict (the root file system is read-only but for STATE), ProtectHome= (of a home that is
closed to others there is only what Python needs), User= (as nobody), NoNewPrivileges=, CapabilityBoundingSet=, UMask=,
RestrictAddressFamilies=, MemoryDenyWriteExecute= and SystemCallFilter=. The filter is made by libseccomp from systemd's
own sets of system calls.
"""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from installation.units import ROOT, settings

NOBODY: Final = 65534
LIBRARY: Final = "libseccomp.so.2"

_ALLOW: Final = 0x7FFF0000
_EPERM: Final = 0x00050001
_EQUAL, _MASKED_EQUAL = 4, 7
_PROT_WRITE, _PROT_EXEC = 2, 4
_PR_SET_NO_NEW_PRIVS, _PR_CAPBSET_DROP = 38, 24


class _Compare(ctypes.Structure):
    """`struct scmp_arg_cmp` of seccomp_rule_add(3)."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operation", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


class Filter:
    """A filter of system calls: what is not allowed fails with EPERM."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(LIBRARY, use_errno=True)
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(self._library.seccomp_init(_EPERM))

    def allow(self, call: str, *compares: _Compare) -> None:
        """Allow a system call, where its arguments compare so; one that this machine does not have is passed over."""
        number = self._library.seccomp_syscall_resolve_name(call.encode())
        array = (_Compare * len(compares))(*compares)
        if number >= 0:
            self._library.seccomp_rule_add_array(self._context, _ALLOW, number, len(compares), array)

    def load(self) -> None:
        if failure := self._library.seccomp_load(self._context):
            raise OSError(-failure, "the filter of system calls cannot be loaded")


def main(unit: Path, state: Path, command: Sequence[str]) -> None:
    said = settings(unit)
    _mount(state)
    os.umask(int(said["UMask"][-1], 8))
    _drop_privileges()
    _filter(said).load()
    os.execvp(command[0], list(command))  # noqa: S606 - there is no shell, on purpose


def _mount(state: Path) -> None:
    """The state folder stays writable, being a mount of its own."""
    homes = {Path(path).parents[-2] for path in (sys.base_prefix, sys.prefix, ROOT)}
    for home in homes:
        if not home.stat().st_mode & 0o001:
            _open(home, [Path(sys.base_prefix), Path(sys.prefix), ROOT])
    _run("mount", "--bind", str(state), str(state))
    _run("mount", "-o", "remount,bind,ro", "/")


def _open(home: Path, needed: Sequence[Path]) -> None:
    inside = [path for path in needed if path.is_relative_to(home)]
    handles = [os.open(path, os.O_PATH) for path in inside]
    _run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(home))
    for path, handle in zip(inside, handles, strict=True):
        path.mkdir(parents=True, exist_ok=True)
        _run("mount", "--no-canonicalize", "--bind", f"/proc/{os.getpid()}/fd/{handle}", str(path))


def _drop_privileges() -> None:
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for capability in range(64):  # beyond the last there is, it fails
        prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _filter(said: Mapping[str, Sequence[str]]) -> Filter:
    """The unit's filter; `socket`, `mmap` and `mprotect` are allowed with some arguments only."""
    allowed: set[str] = set(_calls("@default"))
    for names in said["SystemCallFilter"]:
        listed = {call for name in names.removeprefix("~").split() for call in _calls(name)}
        allowed = allowed - listed if names.startswith("~") else allowed | listed
    rules = Filter()
    for call in allowed - {"socket", "mmap", "mprotect", "pkey_mprotect"}:
        rules.allow(call)
    for family in said["RestrictAddressFamilies"][-1].split():
        rules.allow("socket", _Compare(0, _EQUAL, getattr(socket, family), 0))
    assert said["MemoryDenyWriteExecute"] == ["yes"]
    for protection in (0, _PROT_WRITE, _PROT_EXEC):
        rules.allow("mmap", _Compare(2, _MASKED_EQUAL, _PROT_WRITE | _PROT_EXEC, protection))
    rules.allow("mprotect", _Compare(2, _MASKED_EQUAL, _PROT_EXEC, 0))
    return rules


def _calls(name: str) -> Iterator[str]:
    """A system call, or all those of a set of systemd."""
    if not name.startswith("@"):
        yield name
        return
    shown = subprocess.run(("systemd-analyze", "syscall-filter", name), capture_output=True, text=True, check=True)
    for line in shown.stdout.splitlines()[1:]:
        if (call := line.strip()) and not call.startswith("#"):
            yield from _calls(call)


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
