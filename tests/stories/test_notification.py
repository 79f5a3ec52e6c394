"""From a server's death to the people who are told: by mail, by webhook, and after a time without room on the disk."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from faults.disk import skip_where_none_can_be_mounted, small_disk
from notify.recipients import MailServer, Recipient, Webhook
from plant import start_sparekey, until
from stories.stage import BACKUP, HOME, Stage
from systems import PATIENCE, System

pytestmark = pytest.mark.plant
CHANGED = f"Runtime: license changed from {HOME} to {BACKUP} ("


@pytest.fixture
def recipients() -> Iterator[tuple[MailServer, Webhook]]:
    recipients = MailServer(), Webhook()
    for recipient in recipients:
        recipient.start()
    yield recipients
    for recipient in recipients:
        recipient.stop()


def notifier(stack: ExitStack, system: System, **outlets: Recipient) -> subprocess.Popen[str]:
    """One that serves."""
    reactions = Path(system.folder) / "reactions.toml"
    reactions.write_text("".join(f'[outlet.{name}]\nurl = "{outlets[name].url}"\n' for name in outlets))
    process = start_sparekey("notify", "run", "--state", str(system.state), "--reactions", str(reactions))
    stack.callback(process.wait)
    stack.callback(process.kill)
    assert process.stderr
    assert "runs, with" in process.stderr.readline()
    return process


def until_told(recipient: Recipient) -> None:
    for _ in until(PATIENCE):
        if recipient.told:
            return


def test_r10_a_switch_is_told_by_mail_and_by_webhook_each_alarm_once(
    stage: Stage, recipients: tuple[MailServer, Webhook]
) -> None:
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    system.state.mkdir(exist_ok=True)
    mail, hook = recipients
    with ExitStack() as stack:
        notifier(stack, system, mail=mail, hook=hook)
        running = system.run("sleep", "1000")
        running.until("acquired")
        primary.kill()
        running.until("switched")
        for recipient in recipients:
            until_told(recipient)
    for recipient in recipients:
        (told,) = recipient.told
        assert told.title.endswith(", Runtime: serial-number, alarm")
        assert CHANGED in told.body
        assert "sparekey alarms ack 1" in told.body


def test_what_happens_while_the_disk_is_full_is_told_when_there_is_room_again(
    stage: Stage, recipients: tuple[MailServer, Webhook]
) -> None:
    skip_where_none_can_be_mounted()
    primary, backup = stage.server(HOME), stage.server(BACKUP)
    system = stage.system((HOME, primary), (BACKUP, backup))
    _, hook = recipients
    with small_disk(system.state) as disk, ExitStack() as stack:
        process = notifier(stack, system, hook=hook)
        application = system.start()
        system.until_renewed()
        disk.fill()
        primary.kill()
        application.until("change")
        assert application.never_invalid
        assert hook.told == []
        disk.clear()
        until_told(hook)
        assert process.poll() is None
        application.close()
    (told,) = hook.told
    assert told.body.startswith(CHANGED)
