"""A command for tests of `sparekey run`: says what it was given, a JSON line each, until stdin ends.

python child.py [deaf]     deaf: it does not end at SIGTERM
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from sparekey.host import boot_clock

CHILD = (sys.executable, str(Path(__file__)))
"""The command."""


def say(event: str, **facts: object) -> None:
    line = json.dumps({"event": event, "t": boot_clock(), **facts})
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def hear(number: int, _: FrameType | None) -> None:
    say("signal", number=number)
    if "deaf" not in sys.argv:
        sys.exit(9)


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, hear)
    given = {name: value for name, value in os.environ.items() if name.startswith("SPAREKEY_")}
    say("child", pid=os.getpid(), given=given)
    sys.stdin.read()


if __name__ == "__main__":
    main()
