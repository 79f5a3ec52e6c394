"""The network between systems and servers: delays, losses, doubles, splits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVarTuple

from sparekey.core.problems import Problem

from .messages import FORGER, Answer, Promise, Refusal, RenewCall, Request, TakeCall
from .world import World

Ts = TypeVarTuple("Ts")


class Network:
    """Sends things from one place to another. `trouble` says when it last did harm between two places."""

    def __init__(self, world: World, latency: float) -> None:
        self.world = world
        self.latency = latency
        self.loss = 0.0
        self.delay = 0.0
        self.longest_delay = 0.0
        self.doubling = 0.0
        self.forging = 0.0
        self._splits: Counter[tuple[str, str]] = Counter()
        self._overheard: dict[str, Promise] = {}
        self._trouble: dict[tuple[str, str], float] = {}

    def send(self, source: str, target: str, act: Callable[[*Ts], None], *args: *Ts) -> None:
        """Have `act` happen at the target, if it gets there, once or more."""
        world = self.world
        if self._splits and self._splits[source, target]:
            self._harm(source, target)
            return
        if self.loss and world.random.random() < self.loss:
            world.met["loss"] += 1
            self._harm(source, target)
            return
        delay = self.latency * (0.5 + world.random.random())
        if self.delay and world.random.random() < self.delay:
            world.met["delay"] += 1
            delay += self.longest_delay * world.random.random() ** 3
            self._harm(source, target, delay)
        world.after(delay, act, *args)
        if self.doubling and world.random.random() < self.doubling:
            world.met["doubling"] += 1
            world.after(delay + self.longest_delay * world.random.random() ** 3, act, *args)

    def split(self, source: str, target: str) -> None:
        self._splits[source, target] += 1
        self._harm(source, target)

    def heal(self, source: str, target: str) -> None:
        self._splits[source, target] = max(0, self._splits[source, target] - 1)
        self._harm(source, target)

    def heal_all(self) -> None:
        self._splits.clear()
        self.loss = self.delay = self.doubling = self.forging = 0.0

    def is_split(self, one: str, other: str) -> bool:
        return self._splits[one, other] > 0 or self._splits[other, one] > 0

    def well_since(self, one: str, other: str) -> float:
        """Since when nothing between the two was harmed, true time."""
        if self.is_split(one, other):
            return float("inf")
        return max(self._trouble.get((one, other), 0.0), self._trouble.get((other, one), 0.0))

    def harm(self, source: str, target: str, lasting: float = 0.0) -> None:
        self._harm(source, target, lasting)

    def _harm(self, source: str, target: str, lasting: float = 0.0) -> None:
        until = self.world.now + lasting
        self._trouble[source, target] = max(until, self._trouble.get((source, target), 0.0))

    def intercept(self, request: Request | None) -> Promise | None:
        """Somebody on the way keeps a request for himself, and answers it with what was promised before (T1)."""
        if not self.forging or not isinstance(request, TakeCall | RenewCall) or not self.world.chance(self.forging):
            return None
        old = self._overheard.get(request.id)
        if old and self.world.chance(0.5):
            return replace(old, token=replace(old.token, container=FORGER, nonce=request.nonce))
        return old

    def overhear(self, answer: Answer) -> None:
        if isinstance(answer, Promise):
            self._overheard[answer.token.says.lease] = answer

    def forge(self, answer: Answer, send: Callable[[Answer], None]) -> None:
        """Somebody on the way answers first: with another's key, another's answer, or without a signature (T1)."""
        self.world.met["forged answer"] += 1
        draw = self.world.random.random()
        match answer:
            case Promise(token) if draw < 0.3:
                send(replace(answer, token=replace(token, container=FORGER)))
            case Promise(token) if draw < 0.6:
                send(replace(answer, token=replace(token, nonce=token.nonce - 1)))
            case Promise(token):
                send(Refusal(Problem.TAKEN_OVER, "", token.nonce, token.says.serial, token.says.lease))
            case Refusal() if draw < 0.5:
                send(replace(answer, problem=Problem.TAKEN_OVER, signer=""))
            case Refusal():
                send(replace(answer, problem=Problem.LICENSE_WITHDRAWN, nonce=answer.nonce - 1, signer=FORGER))
