"""Mutants of the simulated shells, where the order of steps is theirs, or what is believed of an answer (S2-S6, T1)."""

from __future__ import annotations

from .mutant import SIMULATION, Mutant

_APPLICATION = SIMULATION + "application.py"
_ERRANDS = SIMULATION + "errands.py"
_SERVER = SIMULATION + "server.py"

SHELLS = (
    Mutant(
        "expiry by the wall clock",
        "S1",
        SIMULATION + "clock.py",
        "return Moment(self._boot + (now - self._since) * self.rate,",
        "return Moment(self.wall(now),",
    ),
    Mutant(
        "the commit comes after the reply",
        "S2",
        _SERVER,
        "self._writer.commit(outcome.writes, answer)",
        ("answer(True)\n            self._writer.commit(outcome.writes)"),
    ),
    Mutant(
        "a commit that failed counts",
        "S2",
        SIMULATION + "writer.py",
        "written = False\n",
        "written = True\n",
    ),
    Mutant(
        "the longest ttl is not kept",
        "S4",
        _SERVER,
        "disk.longest_ttl = max(longest, self.ttl)",
        "disk.longest_ttl = 0.0",
    ),
    Mutant(
        "a take-over without the secret",
        "S6",
        _SERVER,
        'return f"#{secret}"',
        'return f"#{secret[:0]}"',
    ),
    Mutant(
        "an unsigned refusal is believed",
        "T1",
        _ERRANDS,
        "if not (problem.signed and known and license_ and refusal.signer == license_.container):",
        "if not (known and license_):",
    ),
    Mutant(
        "a stale token is believed",
        "T1",
        _ERRANDS,
        "            token.nonce,\n",
        "            nonce,\n",
    ),
    Mutant(
        "an answer of anybody is believed",
        "T1",
        _ERRANDS,
        "            token.container,\n",
        "            license_.container,\n",
    ),
    Mutant(
        "starts are not counted",
        "S6",
        _APPLICATION,
        "disk.start = max(int(self.clock.wall(world.now) * 1000), disk.start + 1)",
        "disk.start = 1",
    ),
    Mutant(
        "starts are counted by the wall clock alone",
        "S6",
        _APPLICATION,
        "max(int(self.clock.wall(world.now) * 1000), disk.start + 1)",
        "int(self.clock.wall(world.now) * 1000)",
    ),
    Mutant(
        "demo time is not reserved ahead",
        "R6",
        _APPLICATION,
        "self.disk.demo_used = used\n",
        "self.post(12.0, setattr, self.disk, 'demo_used', used)\n",
    ),
)
