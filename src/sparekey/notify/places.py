"""Where reactions.toml lies, and the lock of a system's notifier: known without what evaluates them."""

from __future__ import annotations

from pathlib import Path

from sparekey.client.system import System

NAME = "reactions.toml"
SHIPPED = Path(__file__).with_name("default.toml")
"""What serves where there is no file, and its matrices where a file has none of its own."""


def locate(option: Path | None, config: Path) -> Path:
    """The file to use: the option, else reactions.toml beside License.ini, else the shipped one."""
    beside = config.with_name(NAME)
    return option or (beside if beside.exists() else SHIPPED)


def lock_path(system: System) -> Path:
    """The file that the one notifier of the state folder has locked."""
    return system.folder / "notifier.lock"
