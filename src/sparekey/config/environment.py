"""The list of an application from environment variables, for containers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sparekey.config.document import fold
from sparekey.config.faults import Place
from sparekey.config.sections import Value, Values


def prefix(app: str) -> str:
    """What the variables of an application begin with: `My plant` has MY_PLANT_LICENSING_SERIAL0."""
    return re.sub(r"[^A-Z0-9]", "_", app.upper()) + "_LICENSING_"


def values(app: str, environ: Mapping[str, str]) -> Values:
    """What the variables of an application say, by folded key; an empty variable says nothing."""
    start = prefix(app)
    return {
        fold(name.removeprefix(start)): Value(name.removeprefix(start), text.strip(), Place(name))
        for name, text in environ.items()
        if name.startswith(start) and text.strip()
    }
