"""The alert rules for Prometheus name what a license server really says of itself."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from installation.units import ROOT
from plant import Client, Server
from sparekey.core.problems import Problem

RULES = ROOT / "packaging" / "prometheus" / "sparekey.rules.yml"


@pytest.mark.plant
def test_every_metric_of_the_rules_is_there(server: Server) -> None:
    with Client(server.location) as client:
        exposed = client.get("/metrics").content.decode()
    for metric in re.findall(r"\bsparekey_\w+", RULES.read_text(encoding="utf-8")):
        assert f"# TYPE {metric} " in exposed


def test_every_problem_of_the_rules_is_one() -> None:
    named = re.findall(r'problem="([^"]+)"', RULES.read_text(encoding="utf-8"))
    assert named
    assert set(named) <= set(Problem)


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_prometheus_takes_the_rules() -> None:
    checked = subprocess.run(("promtool", "check", "rules", RULES), capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
