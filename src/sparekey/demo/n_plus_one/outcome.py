"""What came of the plant's story: who was saved by what, measured times, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sparekey.demo.scene import Happening


@dataclass(frozen=True, slots=True)
class Rescue:
    """A system whose license server was killed, and the license that it took; times in seconds from the kill.

    `spare_seconds` and `switch_seconds` are None where no spare was to be had: then `unlicensed_seconds`, as its
    application measured it, passed until it took one that came free.
    """

    story: str
    system: str
    taken: str
    spare_seconds: float | None
    switch_seconds: float | None
    unlicensed_seconds: float

    def as_json(self) -> dict[str, object]:
        return {
            "story": self.story,
            "system": self.system,
            "taken": self.taken,
            "spare_seconds": _rounded(self.spare_seconds),
            "switch_seconds": _rounded(self.switch_seconds),
            "unlicensed_seconds": _rounded(self.unlicensed_seconds),
        }

    def in_words(self) -> str:
        if self.spare_seconds is None or self.switch_seconds is None:
            return (
                f"{self.system}: no license was free, {self.unlicensed_seconds:.2f} s without one, "
                f"then {self.taken} came free"
            )
        return (
            f"{self.system}: {self.spare_seconds:.2f} s until it held {self.taken} as its spare, "
            f"{self.switch_seconds:.2f} s until it had switched, "
            f"{self.unlicensed_seconds:.2f} s without a license"
        )


@dataclass(frozen=True, slots=True)
class PlantOutcome:
    """`unlicensed_seconds` is for each system, from the demo's beginning to its end."""

    unlicensed_seconds: Mapping[str, float]
    rescues: Sequence[Rescue]
    happenings: Sequence[Happening]
    faults: Sequence[str]

    def as_json(self) -> dict[str, object]:
        return {
            "unlicensed_seconds": {name: _rounded(seconds) for name, seconds in self.unlicensed_seconds.items()},
            "rescues": [rescue.as_json() for rescue in self.rescues],
            "events": [
                {"at": round(each.at, 3), "what": each.what, "system": each.system, "serial": each.serial}
                for each in self.happenings
            ],
        }

    def summary(self) -> str:
        return "\n".join(("", *self._paragraphs(), ""))

    def _paragraphs(self) -> Iterator[str]:
        for story in dict.fromkeys(rescue.story for rescue in self.rescues):
            yield f"From the kill, {story}:"
            yield from (f"  {rescue.in_words()}" for rescue in self.rescues if rescue.story == story)
        licensed = [name for name, seconds in self.unlicensed_seconds.items() if seconds == 0]
        yield f"Without a license at no time: {len(licensed)} of {len(self.unlicensed_seconds)} systems"


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
