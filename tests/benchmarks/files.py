"""How many files a process may have open: a connection is one."""

from __future__ import annotations

import resource

NEEDED = 8_000
"""Half of a thousand systems in one process, each with a lock, its own server, nine dead candidates and a backup."""


def raise_limit() -> int:
    """Allow this process, and those that it starts, as many as the system does; return how many that is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def obstacle() -> str:
    """Why a thousand connections cannot be had here; empty where they can."""
    allowed = raise_limit()
    if 0 <= allowed < NEEDED:
        return f"a process may open {allowed} files here, and {NEEDED} are needed: raise the hard limit (ulimit -Hn)"
    return ""
