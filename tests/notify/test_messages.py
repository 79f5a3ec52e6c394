"""Mail and webhook, by apprise, before an SMTP server and an HTTP server that refuse, hang and come back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from notify.kept import Desk
from notify.recipients import PASSWORD, USER, MailServer, Recipient, Webhook, hanging
from sparekey.notify.messages.outlet import PATIENCE, MessagesOutlet
from sparekey.notify.outlet_settings import Messages

SOON = 0.1
"""Seconds between two attempts."""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "state")


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    webhook = Webhook()
    webhook.start()
    yield webhook
    webhook.stop()


@pytest.fixture(params=[MailServer, Webhook])
def recipient(request: pytest.FixtureRequest) -> Iterator[MailServer | Webhook]:
    """Each kind, not started."""
    recipient = request.param()
    yield recipient
    recipient.stop()


def outlet(recipient: Recipient | str, patience: float = PATIENCE, name: str = "mail") -> MessagesOutlet:
    return MessagesOutlet(Messages(name, recipient if isinstance(recipient, str) else recipient.url), patience)


def texts(recipient: Recipient) -> list[str]:
    """The first lines of what arrived; what came twice in a row is told once, as at least once is what is promised."""
    first = (told.body.replace("<br", "\n").replace("<br>", "\n").strip().splitlines()[0] for told in recipient.told)
    return [text for text, _ in groupby(first)]


async def test_a_message_says_what_happened_where_and_what_to_do(desk: Desk, recipient: MailServer | Webhook) -> None:
    recipient.start()
    async with desk.keep(outlet(recipient)) as keeper:
        desk.notify("Runtime: license changed from 5-1042 to 5-1043", keeper, change=17, outlet="mail")
        await desk.until(lambda: desk.has_sent_all("mail"))
    (told,) = recipient.told
    assert told.title == "line-3, Runtime: serial-number, alarm"
    for said in ("changed from 5-1042 to 5-1043", "line-3 (4f5a9c0b)", "Change: 17", "sparekey alarms ack 7"):
        assert said in told.body
    assert desk.events() == []


async def test_a_webhook_gets_json_that_says_how_bad_it_is(desk: Desk, webhook: Webhook) -> None:
    async with desk.keep(outlet(webhook)) as keeper:
        desk.notify("A", keeper, change=17, outlet="mail")
        await desk.until(lambda: desk.has_sent_all("mail"))
    (post,) = webhook.posts
    assert post["type"] == "failure"
    assert "Change: 17\n" in post["message"]


async def test_what_nobody_took_is_sent_in_order_when_somebody_is_back(
    desk: Desk, recipient: MailServer | Webhook
) -> None:
    async with desk.keep(outlet(recipient), SOON) as keeper:
        for text in "ABC":
            desk.notify(text, keeper, outlet="mail")
        await desk.until(desk.events)
        assert recipient.told == []
        recipient.start()
        await desk.until(lambda: desk.has_sent_all("mail"))
        await desk.until(lambda: len(desk.events()) == 2)
    assert texts(recipient) == ["A", "B", "C"]
    kind = "mailto" if isinstance(recipient, MailServer) else "json"
    assert desk.events() == [
        f"outlet mail: {kind} to 127.0.0.1: connection refused",
        "outlet mail: it works again",
    ]


async def test_one_that_hangs_is_given_up_in_time_holds_up_no_other_and_gets_all_when_it_is_back(
    desk: Desk, recipient: MailServer | Webhook, webhook: Webhook
) -> None:
    async with (
        desk.keep(outlet(recipient, patience=0.2), SOON) as keeper,
        desk.keep(outlet(webhook, name="hook")) as other,
    ):
        with hanging(recipient.port):
            for text in "AB":
                desk.notify(text, keeper, outlet="mail")
            await desk.until(desk.events)
            desk.notify("beside", other, outlet="hook")
            await desk.until(lambda: desk.has_sent_all("hook"))
            assert not desk.has_sent_all("mail")
        recipient.start()
        await desk.until(lambda: desk.has_sent_all("mail"))
        await desk.until(lambda: desk.events()[-1].endswith("works again"))
    assert (texts(recipient), texts(webhook)) == (["A", "B"], ["beside"])
    assert desk.events()[0].endswith("no end of an attempt within 0.2 s")


async def test_a_webhook_that_answers_an_error_gets_the_message_again(desk: Desk, webhook: Webhook) -> None:
    webhook.status = 503
    async with desk.keep(outlet(webhook), SOON) as keeper:
        desk.notify("A", keeper, outlet="mail")
        await desk.until(desk.events)
        webhook.status = 200
        await desk.until(lambda: desk.has_sent_all("mail"))
    assert texts(webhook) == ["A"]
    assert desk.events()[0] == "outlet mail: json to 127.0.0.1: it answered 503"


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_t4_a_mail_server_that_wants_a_login_gets_it_and_nobody_else_does(
    desk: Desk, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    server = MailServer(login=True)
    server.start()
    try:
        async with desk.keep(outlet(server.url_as(f"{USER}:wr0ng-{PASSWORD}@")), SOON) as keeper:
            desk.notify("A", keeper, outlet="mail")
            await desk.until(desk.events)
        assert server.told == []
        async with desk.keep(outlet(server)):
            await desk.until(lambda: desk.has_sent_all("mail"))
    finally:
        server.stop()
    assert texts(server) == ["A"]
    assert desk.events()[0] == "outlet mail: mailto to 127.0.0.1: it does not take this user and password"
    said = capfd.readouterr()
    assert PASSWORD not in f"{desk.events()} {caplog.text} {said.out} {said.err}"


@pytest.mark.parametrize("url", ["carrier-pigeon://coop", "mailto://?to=nobody", "slack://T1JJ3T3L2-s3cret"])
async def test_t4_a_url_that_apprise_does_not_understand_is_an_event_without_the_url(desk: Desk, url: str) -> None:
    async with desk.keep(outlet(url), SOON):
        await desk.until(desk.events)
        await asyncio.sleep(3 * SOON)
    assert desk.events() == ["outlet mail: apprise does not understand its url; docs/outlets.md has examples"]
