"""A process: it runs, stands still (a stopped process, a suspended computer), or is dead."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVarTuple

from .world import Act, World

Ts = TypeVarTuple("Ts")


class Process:
    """What is posted to a life of it happens in that life, and not while it stands still."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.life = 0
        self.running = False
        self.paused = False
        self._waiting: list[tuple[int, Act, tuple[object, ...]]] = []

    def post(self, delay: float, act: Callable[[*Ts], None], *args: *Ts) -> None:
        self.world.after(delay, self.enter, self.life, act, args)

    def enter(self, life: int, act: Act, args: tuple[object, ...]) -> None:
        if life != self.life:
            return
        if self.paused:
            self._waiting.append((life, act, args))
        else:
            act(*args)

    def begin_life(self) -> None:
        self.life += 1
        self.running = True

    def end_life(self) -> None:
        self.life += 1
        self.running = False
        self._waiting.clear()

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        """Go on; what waited happens now, in its order."""
        self.paused = False
        waiting, self._waiting = self._waiting, []
        for life, act, args in waiting:
            self.world.after(0.0, self.enter, life, act, args)
