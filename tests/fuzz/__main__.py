"""python -m tests.fuzz (`make fuzz`)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' modules have the names that pytest gives them

from fuzz.command import confine, main

if __name__ == "__main__":
    confine()
    sys.exit(main())
