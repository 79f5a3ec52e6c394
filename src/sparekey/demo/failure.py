"""How the demo fails."""

from __future__ import annotations


class DemoFailure(Exception):
    """The demo did not go as it must; the text says what went wrong."""
