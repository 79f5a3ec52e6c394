"""The lease protocol under spin, with short leases; `make model` checks it with longer ones."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).parents[2] / "model" / "check.py"
pytestmark = pytest.mark.skipif(
    not (shutil.which("spin") and shutil.which("gcc")),
    reason="spin and gcc are not installed: `make model` installs them, or apt-get install spin gcc",
)


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, CHECK, *arguments], capture_output=True, text=True, check=False)


def test_s1_two_holders_never_believe_at_once() -> None:
    done = check("--ttl", "3", "TRUE")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no error, as it must be" in done.stdout


@pytest.mark.parametrize("sabotage", ["NO_MARGIN", "HALF_MARGIN", "LOWER_ORDER", "FORGETFUL"])
def test_s1_s2_s6_without_this_rule_two_holders_believe_at_once(sabotage: str) -> None:
    done = check("--ttl", "3", "--trails", sabotage)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "=> two holders believe at once" in done.stdout


def test_a_sabotage_that_is_not_found_fails_the_check() -> None:
    """With a ttl of three an answer that counts comes at once, so that counting from it is no error."""
    done = check("--ttl", "3", "FROM_ANSWER")
    assert done.returncode == 1
    assert "WHICH MUST NOT BE" in done.stdout
