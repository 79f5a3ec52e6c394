"""python -m tests.soak --kills N (`make soak KILLS=N`)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' modules have the names that pytest gives them

from soak.command import main

if __name__ == "__main__":
    main()
