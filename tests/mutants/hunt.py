"""python -m mutants.hunt FIRST LAST: let seeds happen, until one breaks a rule. Runs in a copy of the source.

Prints each seed before it begins; then the breach, and exits with FOUND. Whatever else ends it is an exception of the
source, which is on stderr as usual.
"""

from __future__ import annotations

import faulthandler
import sys

FOUND = 3
ENDLESS = 120.0
"""A seed that has not ended after so many seconds never will: then the process says "Timeout" and exits."""


def main(first: int, last: int) -> int:
    from simulation.story import tell

    for seed in range(first, last + 1):
        print(seed, flush=True)
        faulthandler.dump_traceback_later(ENDLESS, exit=True)
        if breaches := tell(seed).breaches:
            print(breaches[0], flush=True)
            return FOUND
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
