"""The URL of an MQTT broker: read or refused, and never shown (T4)."""

from __future__ import annotations

import pytest

from sparekey.core.entries import EntryError, Location
from sparekey.notify.mqtt.broker import Broker


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("mqtt://h", Broker(Location("h", 1883))),
        ("mqtts://h", Broker(Location("h", 8883), tls=True)),
        ("mqtt://H.example:1884/", Broker(Location("h.example", 1884))),
        ("mqtt://[::1]:1884", Broker(Location("::1", 1884))),
        ("mqtt://anna@h", Broker(Location("h", 1883), user="anna")),
        ("mqtt://an%20na:p%40%3A%2F@h", Broker(Location("h", 1883), user="an na", password="p@:/")),  # noqa: S106
    ],
)
def test_a_url_names_the_broker_and_who_logs_in(url: str, broker: Broker) -> None:
    assert Broker.parse(url) == broker


@pytest.mark.parametrize(
    ("url", "cure"),
    [
        ("http://h", "mqtt://HOST:PORT"),
        ("mqtt://", "mqtt://HOST:PORT"),
        ("mqtt://h:0", "mqtt://HOST:PORT"),
        ("mqtt://h:99999", "mqtt://HOST:PORT"),
        ("mqtt://a..b", "mqtt://HOST:PORT"),
        ("mqtt://anna:sec/ret@h", "%2F"),
        ("mqtt://anna:sec#ret@h", "%2F"),
        ("mqtt://h/topic", "the topic is a key of its own"),
        ("mqtt://:secret@h", "a password needs a user"),
    ],
)
def test_t4_a_url_that_cannot_be_is_refused_with_the_cure_and_not_shown(url: str, cure: str) -> None:
    with pytest.raises(EntryError) as refused:
        Broker.parse(url)
    assert cure in str(refused.value)
    assert "sec" not in str(refused.value)


def test_t4_a_broker_is_shown_without_user_and_password() -> None:
    broker = Broker.parse("mqtt://anna:secret@h")
    assert str(broker) == "h:1883"
    assert "secret" not in repr(broker)
