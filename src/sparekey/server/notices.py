"""What a running server and the command line leave for one another in the state folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from sparekey.core.entries import EntryError, Location
from sparekey.host import sync_folder, write_atomically
from sparekey.json import UNREADABLE
from sparekey.server.folder import StateFolder


class Listening(msgspec.Struct, frozen=True):
    """listening.json: the process of the server, and the addresses that it listens at."""

    pid: int
    at: list[str]

    def locations(self) -> list[Location]:
        """The addresses as they can be called: any address of this machine is its loopback."""
        return [_callable(Location.parse(text)) for text in self.at]


def is_draining(folder: StateFolder) -> bool:
    """Whether the server is to be emptied, or to stay empty."""
    return folder.draining.exists()


def mark_draining(folder: StateFolder, *, on: bool) -> bool:
    """Mark that the server is to be emptied, or not any more, over restarts; False where it was so before."""
    if is_draining(folder) is on:
        return False
    if on:
        write_atomically(
            folder.draining, b"The license server is being emptied; see `sparekey server drain`.\n", mode=0o644
        )
    else:
        folder.draining.unlink(missing_ok=True)
        sync_folder(folder.path)
    return True


def say_where(folder: StateFolder, places: Sequence[Location]) -> None:
    """Leave word where the server of this process listens."""
    listening = Listening(os.getpid(), [str(place) for place in places])
    write_atomically(folder.listening, msgspec.json.encode(listening) + b"\n", mode=0o644, sync=False)


def forget_where(folder: StateFolder) -> None:
    """The server listens no more."""
    with suppress(OSError):
        folder.listening.unlink(missing_ok=True)


def find_listening(folder: StateFolder) -> Listening | None:
    """What the last server left word of, which may have been killed since; None where it ended in order."""
    try:
        found = msgspec.json.decode(folder.listening.read_bytes(), type=Listening)
        return found if found.locations() else None
    except (OSError, EntryError, *UNREADABLE):
        return None


def _callable(at: Location) -> Location:
    loopbacks = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - an address to call, not to listen on
    return Location(loopbacks.get(at.host, at.host), at.port)
