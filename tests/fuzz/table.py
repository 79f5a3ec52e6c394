"""Every parser that reads what others wrote."""

from __future__ import annotations

from fuzz import answers, carried, lists, requests, states, tokens

TARGETS = (
    *carried.TARGETS,
    *tokens.TARGETS,
    *lists.TARGETS,
    *states.TARGETS,
    *answers.TARGETS,
    *requests.TARGETS,
)
