"""Redundant floating licensing for software that must not stop.

    with sparekey.acquire("Runtime", config="License.ini", vendor_key=VENDOR_PUB) as license:
        while license.is_valid():
            ...
"""

from __future__ import annotations

from sparekey.client.acquire import acquire, acquire_async
from sparekey.client.license import AlreadyRunning, Change, License, NoLicense

__all__ = ["AlreadyRunning", "Change", "License", "NoLicense", "acquire", "acquire_async"]
