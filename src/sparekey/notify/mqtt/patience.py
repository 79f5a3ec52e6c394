"""How long a broker may take to answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

from aiomqtt import MqttError

KEEPALIVE: Final = 5
"""Seconds: the broker tells the last will after one and a half of it."""
ANSWER: Final = 2.0 * KEEPALIVE
"""Seconds for any answer. More than KEEPALIVE, after which a login that nobody answers is closed: aiomqtt, when it is
no longer waited for, leaves it open."""

T = TypeVar("T")


async def answered(call: Awaitable[T], within: float = ANSWER) -> T:
    """What the broker answers to this call of aiomqtt, which is to wait without end itself: it does so by
    asyncio.wait_for, which before Python 3.12 can lose a cancellation. Raise MqttError."""
    try:
        async with asyncio.timeout(within):
            return await call
    except TimeoutError:
        raise MqttError(f"no answer within {within:g} s") from None
