"""Mutants of what a server knows after a crash, a loss or a roll-back of its ledger (S2-S4, S6)."""

from __future__ import annotations

from .mutant import CORE, LEDGER, Mutant

_SEATS = CORE + "seats.py"
_HISTORY = CORE + "history.py"

LEDGERS = (
    Mutant(
        "a fence is used again",
        "S3",
        _HISTORY,
        "self._last[self.block] += 1",
        "self._last[self.block] += self._last[self.block] % 3 > 0",
    ),
    Mutant(
        "fences begin anew when the ledger is lost",
        "S3",
        _HISTORY,
        "max(known, clock)",
        "max([0, *blocks.values()])",
    ),
    Mutant(
        "fences go back with the clock when the ledger is lost",
        "S3",
        _HISTORY,
        "last_block + LARGEST_BLOCK if last_block >= clock else 0",
        "0",
    ),
    Mutant(
        "a block of fences ignores those that were given",
        "S3",
        _HISTORY,
        "max(known, clock)",
        "max(0, clock)",
    ),
    Mutant(
        "a block of fences is not advanced over its last number",
        "S3",
        LEDGER,
        '("fence", grant.fence): (_RAISE, (grant.block, grant.fence)),',
        '("fence", grant.fence): (_RAISE, (grant.block, grant.block)),',
    ),
    Mutant(
        "a lost ledger is not recovered from",
        "S4",
        _SEATS,
        "ledger_lost=memory.lost and longest > 0",
        "ledger_lost=False",
    ),
    Mutant(
        "recovery is too short",
        "S4",
        _HISTORY,
        "self._started + self._longest - now)",
        "self._started + self._longest / 2 - now)",
    ),
    Mutant(
        "recovery counts by the ttl of new grants",
        "S4",
        _SEATS,
        "self._longest = max(longest, ttl)",
        "self._longest = ttl",
    ),
    Mutant(
        "a restart ends the recovery",
        "S4",
        LEDGER,
        "_DOUBT if behind else _TRUST",
        "_TRUST",
    ),
    Mutant(
        "new seats are granted while the ledger is behind",
        "S4",
        _SEATS,
        "if remaining := self._recovery.remaining(at.boot):",
        "if (remaining := self._recovery.remaining(at.boot)) > 1e9:",
    ),
    Mutant(
        "a seat is taken back without a token",
        "S4",
        _SEATS,
        "if take.shown is None or self._history.knows(take.shown) or not _fits",
        "if take.shown is not None and not _fits",
    ),
    Mutant(
        "a seat is taken back though there is none",
        "S4",
        _SEATS,
        ("if pool.free:\n            return self._grant(take, at, proven=True)"),
        ("if True:\n            return self._grant(take, at, proven=True)"),
    ),
    Mutant(
        "a roll-back is not detected",
        "S4",
        _HISTORY,
        "return shown.fence <= self._last.get(shown.block, -1)",
        "return True",
    ),
    Mutant(
        "the last number that was given is not known",
        "S4",
        _HISTORY,
        "return shown.fence <= self._last",
        "return shown.fence < self._last",
    ),
    Mutant(
        "a restart forgets what was released",
        "S6",
        LEDGER,
        'return {("closed", closed.id): (_CLOSE, _closed_row(closed))}',
        "return {}",
    ),
    Mutant(
        "a released grant stays in the ledger",
        "S6",
        LEDGER,
        'return {("grant", id): (_REMOVE, (id,))}',
        "return {}",
    ),
    Mutant(
        "a write that failed is skipped",
        "S2",
        LEDGER,
        ('        except sqlite3.Error as error:\n            raise LedgerError(f"the ledger cannot be written'),
        (
            "        except sqlite3.Error as error:\n"
            "            self._owed.clear()\n"
            '            raise LedgerError(f"the ledger cannot be written'
        ),
    ),
)
