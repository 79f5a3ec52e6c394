"""The vendor's folder: the key pair and the ledger of what was issued with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from sparekey.host import write_atomically
from sparekey.trust import PrivateKey, PublicKey, TrustError, issue_license, write_license_file
from sparekey.vendor.issued import Issued, append_issued, free_serials, read_issued
from sparekey.vendor.orders import Order, OrderError

PATIENCE = 10.0
"""Seconds that one command waits for another in the same folder."""


class FolderError(ValueError):
    """The folder is not as it must be; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Issue:
    """A license that was issued. `moved_from` is the container that an earlier issue was bound to, if another."""

    token: str
    record: Issued
    moved_from: str | None


@dataclass(frozen=True, slots=True)
class VendorFolder:
    """A folder that is the vendor's secret, but for `public_key`."""

    path: Path

    @property
    def private_key(self) -> Path:
        return self.path / "vendor.key"

    @property
    def public_key(self) -> Path:
        return self.path / "vendor.pub.json"

    @property
    def ledger(self) -> Path:
        return self.path / "issued.jsonl"

    def create(self) -> PublicKey:
        """Make the key pair; raise FolderError rather than lose an older one."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            if self.private_key.exists():
                raise FolderError(f"{self.private_key} is there already and stays as it is; name another folder")
            key = PrivateKey.generate()
            document = msgspec.json.format(msgspec.json.encode(key.public.to_jwk()), indent=2) + b"\n"
            write_atomically(self.public_key, document, mode=0o644)
            key.save(self.private_key)
        return key.public

    def issue(self, orders: Sequence[Order], container: PublicKey | None, out: Path, now: int) -> tuple[Issue, ...]:
        """Sign the orders into the license file `out`, for a container or as demo licenses; `now` is Unix time.

        All is checked before anything is written, and the ledger has a number before a license with it exists. Raises
        OrderError, TrustError, FolderError, IssuedError or OSError.
        """
        _check_kind(orders, demo=container is None)
        with self._alone():
            key = self._key()
            earlier = {record.serial: record for record in read_issued(self.ledger)}
            issues = tuple(_issues(orders, earlier, key, container, now))
            if not out.parent.is_dir():
                raise FolderError(f"{out.parent} is no folder; make it, or name another file to write")
            append_issued(self.ledger, (issue.record for issue in issues))
            write_license_file(out, (issue.token for issue in issues))
        return issues

    def _key(self) -> PrivateKey:
        try:
            return PrivateKey.load(self.private_key)
        except FileNotFoundError:
            raise FolderError(
                f"{self.path} has no vendor key; make one with `sparekey vendor init {self.path}`"
            ) from None
        except TrustError as error:
            raise FolderError(f"{error}; restore it from the copy in its safe place") from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self.path.is_dir():
            raise FolderError(f"{self.path} is no folder; make it with `sparekey vendor init {self.path}`")
        try:
            with FileLock(self.path / "issued.lock", timeout=PATIENCE):
                yield
        except Timeout:
            raise FolderError(f"another command is at work in {self.path}; try again when it has ended") from None


def _check_kind(orders: Sequence[Order], *, demo: bool) -> None:
    for number, order in enumerate(orders, start=1):
        if demo and order.demo_seconds is None:
            raise OrderError(f"license {number}: a demo license needs its time, such as demo_seconds = 1800")
        if not demo and order.demo_seconds is not None:
            raise OrderError(f"license {number}: demo_seconds is for a demo license, which is bound to no container")


def _issues(
    orders: Sequence[Order], earlier: dict[str, Issued], key: PrivateKey, container: PublicKey | None, now: int
) -> Iterator[Issue]:
    taken = [*earlier, *(order.serial for order in orders if order.serial)]
    free = free_serials(taken)
    for number, order in enumerate(orders, start=1):
        serial = order.serial or next(free)
        before = earlier.get(serial)
        # A newer issue replaces an older one, also where both are of one second, or the clock was set back.
        terms = order.terms(serial, max(now, before.issued + 1) if before else now)
        record = Issued(serial, terms.issued, terms.product, container.thumbprint if container else None)
        try:
            token = issue_license(key, terms, container)
        except TrustError as error:
            raise OrderError(f"license {number}: {error}") from None
        moved = before.container if before and before.container != record.container else None
        yield Issue(token, record, moved)
