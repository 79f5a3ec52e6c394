"""Redundant floating licensing for software that must not stop.

with sparekey.acquire("Runtime", config="License.ini", vendor_key=VENDOR_PUB) as license:
    while license.is_valid():
        ...
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparekey.client.acquire import acquire, acquire_async
    from sparekey.client.license import AlreadyRunning, Change, License, NoLicense

__all__ = ["AlreadyRunning", "Change", "License", "NoLicense", "acquire", "acquire_async"]

_HOMES = {
    "AlreadyRunning": "license",
    "Change": "license",
    "License": "license",
    "NoLicense": "license",
    "acquire": "acquire",
    "acquire_async": "acquire",
}


def __getattr__(name: str) -> object:
    """Import the SDK when it is first used: the server and the command line share this package, and need none of it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sparekey' has no attribute '{name}'")
    return getattr(import_module(f"sparekey.client.{_HOMES[name]}"), name)
