"""The list of an application: its initial license and its backups (R2)."""

from __future__ import annotations

from dataclasses import dataclass

INITIAL = 0
"""Number of the entry that a start begins with."""
DEMO = -1
"""Number shown while the demo license is in use."""
UNLISTED = -2
"""Number shown while the license in use is no longer listed."""
MAX_BACKUPS = 10
DEFAULT_PORT = 6350
ANY_SERIAL = "*"
LONGEST_SERIAL = 64


def role(number: int) -> str:
    """What the entry of this number is called."""
    return {INITIAL: "initial license", UNLISTED: "no longer listed"}.get(number, f"backup {number}")


class EntryError(ValueError):
    """A list, an entry or a part of one that cannot be; the text says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a license server listens."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> Location:
        """Read `HOST`, `HOST:PORT`, `[IPV6]` or `[IPV6]:PORT`; raise EntryError for anything else."""
        text = text.strip()
        if text.startswith("["):
            host, closed, rest = text[1:].partition("]")
            if not closed or (rest and not rest.startswith(":")):
                raise EntryError(f"'{text}' is no location: an IPv6 address is written [ADDRESS]:PORT")
            return cls(_host(host, text), _port(rest[1:], text) if rest else DEFAULT_PORT)
        if "/" in text:
            raise EntryError(f"'{text}' is no location: write HOST or HOST:PORT, without http:// and path")
        if text.count(":") > 1:
            raise EntryError(f"'{text}' is no location: an IPv6 address stands in brackets, [{text}]:{DEFAULT_PORT}")
        host, colon, port = text.partition(":")
        return cls(_host(host, text), _port(port, text) if colon else DEFAULT_PORT)


def _host(host: str, text: str) -> str:
    if not host or not host.isprintable() or any(c.isspace() or c in "/@?#" for c in host):
        raise EntryError(f"'{text}' is no location: write HOST or HOST:PORT")
    return host


def _port(port: str, text: str) -> int:
    if not (port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65535):
        raise EntryError(f"'{text}' is no location: a port is a number from 1 to 65535")
    return int(port)


def check_serial(serial: str) -> str:
    """Return `serial` where it can name a license (printable ASCII without blanks), else raise EntryError."""
    if not 1 <= len(serial) <= LONGEST_SERIAL or not all("!" <= c <= "~" for c in serial):
        raise EntryError(
            f"'{serial[:80]}' is no serial number: 1 to {LONGEST_SERIAL} printable ASCII characters without blanks"
        )
    return serial


@dataclass(frozen=True, slots=True)
class Entry:
    """One line pair of License.ini: which license, and where. `number` is UNLISTED for what is no longer in it."""

    number: int
    serial: str
    location: Location = Location()

    def __post_init__(self) -> None:
        if self.number != UNLISTED and not INITIAL <= self.number <= MAX_BACKUPS:
            raise EntryError(f"entry {self.number}: there are the initial license 0 and the backups 1 to {MAX_BACKUPS}")
        check_serial(self.serial)
        if self.number == INITIAL and self.serial == ANY_SERIAL:
            raise EntryError("the initial license has a serial number of its own; '*' is for backups")

    @property
    def takes_any(self) -> bool:
        """Whether any license of the product at the location will do."""
        return self.serial == ANY_SERIAL


@dataclass(frozen=True, slots=True)
class LicenseList:
    """What one application may use, in order: entry 0 is the initial license, the rest are its backups (R2).

    `initial_wait` and `check` are in seconds; `product` is None where the initial license's serves.
    """

    entries: tuple[Entry, ...]
    product: str | None = None
    demo: bool = False
    initial_wait: float = 5.0
    check: float = 60.0
    min_backups: int = 1

    def __post_init__(self) -> None:
        numbers = [entry.number for entry in self.entries]
        if numbers != list(range(len(numbers))) or not numbers:
            raise EntryError(f"a list begins with entry 0 and has no gap; this one has {numbers}")

    @property
    def initial(self) -> Entry:
        return self.entries[INITIAL]

    @property
    def backups(self) -> tuple[Entry, ...]:
        return self.entries[1:]

    def find(self, serial: str, location: Location) -> Entry | None:
        """The entry under which this license is listed: at this location, else under its own serial elsewhere."""
        here = [e for e in self.entries if e.serial in (serial, ANY_SERIAL) and e.location == location]
        named = [e for e in self.entries if e.serial == serial]
        exact = [e for e in here if e.serial == serial]
        return next(iter(exact or here or named), None)
