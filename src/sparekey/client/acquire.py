"""`acquire` and `acquire_async`: a license for the time of a `with` block."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from sparekey.client.holder import Holder
from sparekey.client.license import AlreadyRunning, License
from sparekey.client.session import Session, Wishes
from sparekey.host import Locked
from sparekey.trust import KeySource


def acquire(
    app: str,
    *,
    config: str | Path | None = None,
    vendor_key: KeySource | None = None,
    state: str | Path | None = None,
    demo: str | Path | None = None,
    wait: float = 0.0,
) -> HeldLicense:
    """Hold a license for `app`, the section of License.ini, until it is closed; a thread keeps it.

    Blocks until a license is held. `vendor_key` is the vendor's public key, or keys (JWK, JSON text or a path);
    `wait` is for how many seconds to go on asking where none is to be had. What is left out is found as `sparekey run`
    finds it. Raise NoLicense, AlreadyRunning, ConfigError, TrustError, StateError, or ValueError for a bad `wait`.
    """
    wishes = Wishes(app, _path(config), vendor_key, _path(state), _path(demo), wait=wait)
    return HeldLicense(open_session(wishes))


def acquire_async(
    app: str,
    *,
    config: str | Path | None = None,
    vendor_key: KeySource | None = None,
    state: str | Path | None = None,
    demo: str | Path | None = None,
    wait: float = 0.0,
) -> AcquiringLicense:
    """Like acquire, in the running loop: `async with sparekey.acquire_async(...) as license:`."""
    return AcquiringLicense(Wishes(app, _path(config), vendor_key, _path(state), _path(demo), wait=wait))


class HeldLicense(License):
    """A license with the thread that keeps it; a context manager that gives it back."""

    __slots__ = ("_closed", "_holder", "_loop", "_owner", "_thread")

    def __init__(self, session: Session) -> None:
        self._loop = asyncio.new_event_loop()
        self._owner = os.getpid()
        self._closed = False
        # A daemon: an application that ends without closing is not kept from ending; atexit gives its seat back.
        self._thread = threading.Thread(target=self._loop.run_forever, name="sparekey", daemon=True)
        self._thread.start()
        self._holder = asyncio.run_coroutine_threadsafe(_make_holder(session), self._loop).result()
        super().__init__(self._holder.belief)
        atexit.register(self.close)
        start = asyncio.run_coroutine_threadsafe(self._holder.start(), self._loop)
        try:
            start.result()
        except BaseException:
            start.cancel()  # Ctrl-C interrupts this thread, not that one
            self.close()
            raise

    def close(self) -> None:
        """Give the license back; again does no harm, and in a forked child it does nothing."""
        if self._closed or os.getpid() != self._owner:
            return
        self._closed = True
        atexit.unregister(self.close)
        asyncio.run_coroutine_threadsafe(self._holder.stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AcquiringLicense:
    """An asynchronous context manager that holds a license."""

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes
        self._holder: Holder | None = None

    async def __aenter__(self) -> License:
        holder = self._holder = Holder(await asyncio.to_thread(open_session, self._wishes))
        try:
            return await holder.start()
        except BaseException:
            await holder.stop()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._holder:
            await self._holder.stop()


async def _make_holder(session: Session) -> Holder:
    return Holder(session)


def open_session(wishes: Wishes) -> Session:
    """Open a session; raise AlreadyRunning where another process holds (S5)."""
    try:
        return Session(wishes)
    except Locked:
        raise AlreadyRunning(
            f"another running process holds the license of '{wishes.app}' for this state folder: "
            "end it first, or give this one a state folder of its own"
        ) from None


def _path(given: str | Path | None) -> Path | None:
    return Path(given) if given is not None else None
