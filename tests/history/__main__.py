"""python -m tests.history FILE...: judge histories, one record a line; exit 1 where a rule is broken."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from .judge import Judge
from .records import decode


def main(files: list[str]) -> int:
    if not files:
        print("usage: python -m tests.history FILE...", file=sys.stderr)
        return 2
    return max(judge_file(Path(file)) for file in files)


def judge_file(path: Path) -> int:
    judge = Judge()
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                judge.hear(decode(line))
            except msgspec.MsgspecError as error:
                print(f"{path}:{number}: no record of a history: {error}", file=sys.stderr)
                return 2
    for breach in judge.breaches:
        print(f"{path}: {breach}")
    for reason, count in sorted(judge.excused.items()):
        print(f"{path}: admitted, {reason}: {count}")
    print(f"{path}: {judge.records} records, {len(judge.breaches)} breaches")
    return 1 if judge.breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
