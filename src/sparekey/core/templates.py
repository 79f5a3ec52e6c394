"""Texts with fields in braces: `{app}: license changed from {old} to {new}`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from string import Formatter

from sparekey.core.suggestions import suggestion
from sparekey.core.variables import Change, Reading, Value

FIELDS = ("app", "variable", "old", "new", "reason", "time", "quality")
"""What a text may name; `{{` and `}}` stand for braces."""


class TemplateError(ValueError):
    """A text that cannot be filled in; says which field it is and what there is."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text whose fields are known to be there; raise TemplateError for any other."""

    text: str

    def __post_init__(self) -> None:
        try:
            parts = [part for part in Formatter().parse(self.text) if part[1] is not None]
        except ValueError:
            raise TemplateError("a brace stands alone: a field is written {new}, a brace itself {{ or }}") from None
        for _, field, form, conversion in parts:
            if field not in FIELDS:
                cure = suggestion(f"{{{field}}}", [f"{{{known}}}" for known in FIELDS])
                raise TemplateError(f"unknown field {{{str(field)[:40]}}}: {cure}")
            if form or conversion:
                raise TemplateError(f"the field {{{field}}} stands by itself, without ':' or '!'")

    def fill(self, change: Change, written: Callable[[float], str], *, empty: str = "") -> str:
        """The text for this change, in one line; `written` makes a text of a Unix time, `empty` stands for no value."""
        fields = {
            "app": change.name.owner,
            "variable": change.name.variable,
            "old": _value(change.old, empty),
            "new": _value(change.new, empty),
            "reason": change.reason,
            "time": written(change.new.time),
            "quality": str(change.new.quality),
        }
        return _in_one_line(self.text.format_map(fields))


def shown(value: Value) -> str:
    """A value as people read it; no value is the empty text."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _value(reading: Reading | None, empty: str) -> str:
    return (shown(reading.value) if reading else "") or empty


def _in_one_line(text: str) -> str:
    """What comes from elsewhere must not add lines to a mail's head, nor move a cursor."""
    return "".join(c if c.isprintable() else " " for c in text)
