"""Times as people read them."""

from __future__ import annotations

from datetime import datetime


def local_time(unix: float) -> str:
    """Unix time in this place's time of day."""
    return datetime.fromtimestamp(unix).astimezone().strftime("%Y-%m-%d %H:%M:%S")
