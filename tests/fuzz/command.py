"""`make fuzz`: all targets for a time in all, or one input again."""

from __future__ import annotations

import argparse
import logging
import resource
import secrets
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from fuzz.run import Finding, run
from fuzz.table import TARGETS
from fuzz.target import Target

MEMORY = 4 << 30
"""Bytes of address space: a parser that wants more breaks here and not the machine."""


def main(arguments: Sequence[str] | None = None, targets: Sequence[Target] = TARGETS) -> int:
    """Print executions per target; 1 where a target broke, its input kept in a file."""
    asked = _parser().parse_args(arguments)
    chosen = [target for target in targets if asked.target in (None, target.name)]
    if asked.input:
        for target in chosen:
            target.check(asked.input.read_bytes())
        return 0
    first_seed = secrets.randbits(32) if asked.seed is None else asked.seed
    print(f"seed {first_seed}, {asked.seconds / len(chosen):.0f} s a target", flush=True)
    found = [_fuzzed(target, asked.seconds / len(chosen), first_seed, asked.findings) for target in chosen]
    return 1 if any(found) else 0


def confine() -> None:
    """For a process that does nothing else: no warnings of damaged files, millions of them, and bounded memory."""
    logging.disable()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _fuzzed(target: Target, seconds: float, first_seed: int, findings: Path) -> bool:
    outcome = run(target, seconds, first_seed)
    print(f"{target.name:20} {outcome.executions:9}", flush=True)
    if outcome.finding:
        kept = _keep(target, outcome.finding, findings)
        print(f"  {outcome.finding.error}\n  {kept}", flush=True)
    return outcome.finding is not None


def _keep(target: Target, finding: Finding, findings: Path) -> Path:
    findings.mkdir(parents=True, exist_ok=True)
    path = findings / f"{target.name.replace(' ', '-')}-{sha256(finding.data).hexdigest()[:8]}"
    path.write_bytes(finding.data)
    return path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make fuzz", description=main.__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for all targets together")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--target", choices=[target.name for target in TARGETS])
    parser.add_argument("--input", type=Path, help="give the target this file's content, and nothing else")
    parser.add_argument("--findings", type=Path, default=Path(".fuzz"), help="where inputs that break are kept")
    return parser
