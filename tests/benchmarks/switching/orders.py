"""What the simulated systems are told, and what they tell before their outcome: a line of JSON each."""

from __future__ import annotations

import msgspec


class Systems(msgspec.Struct, frozen=True):
    """These systems, by their names, are to be, with one License.ini; each has a state folder in `folder`."""

    config: str
    vendor_key: str
    folder: str
    names: list[str]


class Begin(msgspec.Struct, frozen=True):
    """Ask for a license, all of you."""


class Done(msgspec.Struct, frozen=True):
    """So many have done what they were told."""

    count: int
