"""Where an MQTT broker is, and who logs in: mqtt://USER:PASSWORD@HOST:PORT, or mqtts:// with TLS."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from sparekey.core.entries import EntryError, Location

PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
"""The ports that IANA has registered for MQTT, and for MQTT with TLS."""
_WRITTEN: Final = "a broker is written mqtt://HOST:PORT, or mqtts://HOST:PORT with TLS"
_ENCODED: Final = "in user and password, a character such as / ? # @ : is written %2F %3F %23 %40 %3A"


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker, as a URL names it."""

    at: Location
    tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """What may be shown: no user, no password (T4)."""
        return str(self.at)

    @classmethod
    def parse(cls, url: str) -> Broker:
        """Read a URL; raise EntryError, whose text shows nothing of it, since there may be a password in it (T4)."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise EntryError(f"{_WRITTEN}; {_ENCODED}") from None
        if parts.scheme not in PORTS or not parts.hostname or port == 0:
            raise EntryError(_WRITTEN)
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise EntryError(f"nothing follows HOST:PORT, the topic is a key of its own; {_ENCODED}")
        user, password = _login(parts)
        return cls(
            Location(_host(parts.hostname), port or PORTS[parts.scheme]), parts.scheme == "mqtts", user, password
        )


def _login(parts: SplitResult) -> tuple[str | None, str | None]:
    user, password = (None if part is None else unquote(part) for part in (parts.username, parts.password))
    if password is not None and not user:
        raise EntryError("a password needs a user before it, mqtt://USER:PASSWORD@HOST")
    return user or None, password


def _host(host: str) -> str:
    """Raise EntryError for a name that no name server can be asked for."""
    try:
        host.encode("idna")
    except UnicodeError:
        raise EntryError(_WRITTEN) from None
    return host
