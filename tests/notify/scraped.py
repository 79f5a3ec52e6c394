"""Metrics as Prometheus gets them: over HTTP, read by the parser of prometheus_client."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

from sparekey.core.entries import Location

Sample = tuple[str, frozenset[tuple[str, str]]]
"""A metric's name and its labels."""


def sample(name: str, **labels: str) -> Sample:
    return f"sparekey_{name}", frozenset(labels.items())


async def scrape(at: Location) -> Mapping[Sample, float]:
    """What a GET brings, by name and labels; it is tried again until the server listens."""
    async with asyncio.timeout(30):
        while True:
            try:
                text = await asyncio.to_thread(_get, at)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                break
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    assert all(family.documentation for family in families)
    return {(each.name, frozenset(each.labels.items())): each.value for family in families for each in family.samples}


def _get(at: Location) -> str:
    connection = http.client.HTTPConnection(at.host, at.port, timeout=30)
    connection.request("GET", "/metrics")
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == 200
    return text
