"""Patterns in which `*` stands for any text."""

from __future__ import annotations


def meet(one: str, other: str) -> bool:
    """Whether there is a text that fits both patterns; `fits[i][j]` says so of one[i:] and other[j:]."""
    ends = len(one), len(other)
    fits = [[False] * (ends[1] + 1) for _ in range(ends[0] + 1)]
    for i in range(ends[0], -1, -1):
        for j in range(ends[1], -1, -1):
            mine, its = one[i : i + 1], other[j : j + 1]
            if "*" in (mine, its):
                fits[i][j] = bool(mine and fits[i + 1][j]) or bool(its and fits[i][j + 1])
            else:
                fits[i][j] = mine == its and (not mine or fits[i + 1][j + 1])
    return fits[0][0]
