"""python -m tests.mutants [NAME...] (`make mutants`)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' modules have the names that pytest gives them

from mutants.command import main

if __name__ == "__main__":
    main()
