"""The notifier that `sparekey run` starts: one that cannot be does not keep its machine busy."""

from __future__ import annotations

from itertools import islice

from sparekey.notify.child import LOOK, MOST_PAUSE, restart_pauses


def test_a_notifier_that_ends_at_once_is_started_ever_more_rarely() -> None:
    pauses = list(islice(restart_pauses(), 100))
    assert pauses[:4] == [LOOK, 2 * LOOK, 4 * LOOK, 8 * LOOK]
    assert pauses[-1] == MOST_PAUSE
