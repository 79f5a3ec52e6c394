"""Draw the states of the redundancy core into docs/redundancy.md, from the table that the core itself runs on.

python docs/states.py            writes the page
python docs/states.py --check    fails where the page is not up to date
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from sparekey.core.states import Signal, State
from sparekey.core.transitions import TABLE, Row

PAGE = Path(__file__).with_name("redundancy.md")
BEGIN, END = "<!-- states: written by docs/states.py -->\n", "<!-- end of states -->\n"


def diagram() -> str:
    """The table as a Mermaid state diagram; that every state can be stopped is left to the words round it."""
    return "\n".join(["```mermaid", "stateDiagram-v2", f"    [*] --> {State.START.name}", *_arrows(), "```", ""])


def _arrows() -> Iterator[str]:
    for state, rows in TABLE.items():
        signals: dict[Row, list[Signal]] = defaultdict(list)
        for signal, row in rows.items():
            if signal is not Signal.STOPPING:
                signals[row].append(signal)
        for row, causes in signals.items():
            yield f"    {state.name} --> {row.next.name}: {_label(' or '.join(causes))} / {_label(_first_line(row))}"


def _first_line(row: Row) -> str:
    return (row.action.__doc__ or "").partition("\n")[0].rstrip(".")


def _label(text: str) -> str:
    """Colons and semicolons would end a label."""
    return text.replace(":", ",").replace(";", ",")


def page(text: str) -> str:
    """The page's text with the diagram between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{diagram()}{END}{after}"


def main() -> int:
    known = PAGE.read_text(encoding="utf-8")
    current = page(known)
    if "--check" not in sys.argv:
        PAGE.write_text(current, encoding="utf-8")
    elif known != current:
        print(f"{PAGE} does not show the table of states as it is: run 'python docs/states.py'", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
