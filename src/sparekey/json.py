"""JSON from files and networks: what reading it may come to."""

from __future__ import annotations

from typing import Final

UNREADABLE: Final = (ValueError, RecursionError)
"""What msgspec raises for bytes that are not the JSON that is wanted: also for those that are no UTF-8, or too deep."""
