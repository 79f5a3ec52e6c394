"""A fake, replayed or edited answer is silence, also without TLS: T1."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from impostors import Exchange, Lie
from plant import Server, Vendor, terms
from sparekey.trust import PrivateKey, RefusalClaims, sign_refusal
from sparekey.trust.jws import Kind, peek, sign
from stories.stage import BACKUP, HOME, Stage, holders

pytestmark = pytest.mark.plant

WITHDRAWN = "urn:sparekey:problem:license-withdrawn"


def edited(token: str, old: bytes, new: bytes) -> str:
    """The token with another payload under its old signature."""
    kind = Kind.LICENSE if b'"product"' in peek(token, Kind.LICENSE) else Kind.LEASE
    payload = peek(token, kind)
    assert old in payload
    forged = sign(PrivateKey.generate(), kind, payload.replace(old, new))
    return f"{forged.rpartition('.')[0]}.{token.rpartition('.')[2]}"


def signed_by_another(exchange: Exchange) -> Exchange:
    """The lease signed by another container's key."""
    lease = peek(exchange.body["lease"], Kind.LEASE)
    return exchange.altered(lease=sign(PrivateKey.generate(), Kind.LEASE, lease))


def with_a_longer_lease(exchange: Exchange) -> Exchange:
    """The lease with another ttl under its old signature."""
    token = exchange.body["lease"]
    payload = peek(token, Kind.LEASE).replace(b'"ttl":5.0', b'"ttl":5000.0')
    forged = sign(PrivateKey.generate(), Kind.LEASE, payload)
    return exchange.altered(ttl=5000.0, lease=f"{forged.rpartition('.')[0]}.{token.rpartition('.')[2]}")


def replaying() -> Lie:
    """The first answer again and again: genuine, and over an old nonce."""
    answers: list[Exchange] = []

    def lie(exchange: Exchange) -> Exchange:
        answers.append(exchange)
        return exchange.altered(lease=answers[0].body["lease"]) if len(answers) > 1 else exchange

    return lie


def of_renewals(lie: Lie) -> Lie:
    return lambda exchange: lie(exchange) if exchange.is_renewal and exchange.status == 200 else exchange


@pytest.mark.parametrize(
    "lie", [signed_by_another, with_a_longer_lease, replaying()], ids=["another-key", "edited", "replayed"]
)
def test_t1_a_renewal_that_is_not_this_containers_answer_to_this_request_is_silence(stage: Stage, lie: Lie) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    middleman = stage.middleman(primary)
    application = stage.system((HOME, middleman), (BACKUP, backup)).start()
    middleman.lie = of_renewals(lie)
    application.until("change")
    assert middleman.lies > 0
    assert application.changes == [(HOME, BACKUP)]
    assert application.never_invalid


@pytest.mark.parametrize("lie", [signed_by_another, with_a_longer_lease], ids=["another-key", "edited"])
def test_t1_a_grant_that_another_signed_is_none(stage: Stage, lie: Lie) -> None:
    primary = stage.server(HOME)
    middleman = stage.middleman(primary)
    middleman.lie = lambda exchange: lie(exchange) if exchange.is_take and exchange.status < 300 else exchange
    application = stage.system((HOME, middleman), INITIAL_WAIT=0.5).application()
    assert "does not count" in application.refused()[0]
    assert middleman.lies > 0


def refusal(key: PrivateKey, exchange: Exchange, nonce: str) -> Exchange:
    """A signed refusal of this renewal."""
    lease = exchange.path.split("/")[3]
    signed = sign_refusal(key, RefusalClaims(nonce, HOME, lease, WITHDRAWN))
    return exchange.refused(type=WITHDRAWN, title="The license was withdrawn", status=410, refusal=signed)


FORGERIES: dict[str, Callable[[Server, Exchange], Exchange]] = {
    "another-key": lambda server, exchange: refusal(PrivateKey.generate(), exchange, exchange.request["nonce"]),
    "unsigned": lambda server, exchange: exchange.refused(
        type=WITHDRAWN, title="The license was withdrawn", status=410
    ),
    "old-nonce": lambda server, exchange: refusal(server.container.key, exchange, "o" * 22),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_t1_a_refusal_unsigned_by_another_or_of_another_request_is_silence(
    stage: Stage, forge: Callable[[Server, Exchange], Exchange]
) -> None:
    primary, backup = stage.server(HOME, ttl=10), stage.server(BACKUP, ttl=10)
    middleman = stage.middleman(primary)
    running = stage.system((HOME, middleman), (BACKUP, backup)).run(sys.executable, "-c", "input()")
    running.until("acquired")
    middleman.lie = of_renewals(lambda exchange: forge(primary, exchange))
    assert running.until("refused", "secured")["event"] == "secured"
    middleman.lie = None
    running.until("recovered")
    assert not running.named("refused", "switched")


def test_t1_a_refusal_by_this_container_of_this_request_is_final(stage: Stage) -> None:
    """What the forgeries above are compared with."""
    primary, backup = stage.server(HOME, ttl=10), stage.server(BACKUP, ttl=10)
    middleman = stage.middleman(primary)
    running = stage.system((HOME, middleman), (BACKUP, backup)).run(sys.executable, "-c", "input()")
    running.until("acquired")
    key = primary.container.key
    middleman.lie = of_renewals(lambda exchange: refusal(key, exchange, exchange.request["nonce"]))
    assert running.until("refused", "recovered")["event"] == "refused"
    assert running.until("switched")["serial"] == BACKUP


def test_t1_an_edited_license_is_no_backup(stage: Stage) -> None:
    """It would be one, if 500 tags could be made 1500 on the way."""
    primary, small = stage.server(HOME), stage.server(terms(BACKUP, limits={"tags": 500}))
    system = stage.system((HOME, primary), (BACKUP, small), INITIAL_WAIT=0.5)
    system.start().close()
    primary.kill()
    middleman = stage.middleman(small)

    def enlarge(exchange: Exchange) -> Exchange:
        (shown,) = exchange.body["licenses"]
        license_ = edited(shown["license"], b'"tags":500', b'"tags":1500')
        return exchange.altered(licenses=[{**shown, "license": license_}])

    middleman.lie = enlarge
    system.list((HOME, primary), (BACKUP, middleman), INITIAL_WAIT=0.5)
    assert "changed after it was signed" in system.application().refused()[1]
    assert holders(small, BACKUP) == []


def test_t1_a_license_of_another_vendor_is_none(stage: Stage, tmp_path: Path) -> None:
    foreign = stage.server(HOME, vendor=Vendor(tmp_path / "another vendor"))
    reasons = stage.system((HOME, foreign), INITIAL_WAIT=0.5).application().refused()
    assert "not signed by the right key" in reasons[0]
