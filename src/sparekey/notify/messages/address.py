"""What may be shown of a URL: its scheme, and its host where it has one and that is no secret (T4)."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_HOSTS: Final = frozenset(
    {"mailto", "mailtos", "json", "jsons", "xml", "xmls", "form", "forms", "syslog", "rsyslog", "ntfy", "ntfys"}
)
"""Schemes after which a host comes; after others, such as tgram, comes a token."""


def shown(url: str) -> str:
    """`SCHEME` or `SCHEME to HOST`. Where a password may have been cut by a character of its own, no host is shown."""
    scheme, _, rest = url.partition("://")
    if scheme not in _HOSTS:
        return scheme
    try:
        parts = urlsplit(f"//{rest}")
        host = parts.hostname
    except ValueError:
        return scheme
    beyond = f"{parts.path}#{parts.fragment}#{parts.query.partition('=')[0]}"
    return scheme if "@" in beyond or not host else f"{scheme} to {host}"
