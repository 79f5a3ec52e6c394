"""Which reactions serve a state folder."""

from __future__ import annotations

import os
from pathlib import Path

from sparekey.client.running import read_status
from sparekey.client.system import System
from sparekey.config.file import locate as locate_config
from sparekey.notify.matrix_file import ReactionFile, read
from sparekey.notify.places import locate


def reactions_of(system: System, given: Path | None) -> ReactionFile:
    """As named, else as an application of this system was started with, else beside its License.ini, else the shipped.

    Raise ReactionsError or OSError.
    """
    statuses = [read_status(system, app) for app in system.applications()]
    named = (Path(status.reactions) for status in statuses if status and status.reactions)
    configs = (Path(status.config) for status in statuses if status and status.config)
    option = given or next(named, None)
    return read(locate(option, next(configs, None) or locate_config(None, os.environ)))
