"""The library of an outlet, which comes with an extra of this package and is imported when the outlet runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sparekey.notify.outlet import OutletFault

T = TypeVar("T")


async def with_library(load: Callable[[], T], extra: str) -> T:
    """What `load` imports and returns, in a thread: a large library would hold up the loop for a second.

    Raise OutletFault where the library is missing.
    """
    try:
        return await asyncio.to_thread(load)
    except ModuleNotFoundError as missing:
        cure = f"pip install sparekey[{extra}]"
        raise OutletFault(f"{missing.name} is not installed; install it with: {cure}") from None
