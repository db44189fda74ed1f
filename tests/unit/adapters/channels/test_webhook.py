"""Webhooks go signed to the origin that was allowed, or nowhere; a real server takes them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.fakes.receiver import Receiver, receiving
from tidewaiter.adapters.channels import WebhookChannel
from tidewaiter.flow.ports.events import Undelivered

OLD, NEW = bytes(32), bytes(range(32))
BODY = '{"type":"decision.recorded","data":{"lane":"Prüfung"}}'.encode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


def send(receiver: Receiver, *, url: str | None = None, allowed: str | None = None) -> None:
    channel = WebhookChannel({allowed or receiver.origin})
    try:
        channel.send(
            url or receiver.url, event_id="event-7", at=datetime.now(UTC), body=BODY, secrets=[NEW, OLD]
        )
    finally:
        channel.close()


def test_what_arrives_is_what_was_sent_and_every_live_secret_verifies_it(receiver: Receiver) -> None:
    send(receiver)
    ((path, headers, body),) = receiver.came
    assert (path, body, headers["webhook-id"]) == ("/events", BODY, "event-7")
    for secret in (NEW, OLD):
        assert Webhook(secret).verify(body, headers)["data"] == {"lane": "Prüfung"}
    with pytest.raises(WebhookVerificationError):
        Webhook(b"x" * 32).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(body.replace(b"lane", b"lame"), headers)


@pytest.mark.parametrize(
    ("status", "reached"),
    [(400, True), (404, True), (410, True), (408, False), (429, False), (500, False), (503, False)],
)
def test_a_refusal_says_whether_the_target_is_well(receiver: Receiver, status: int, reached: bool) -> None:
    receiver.status = status
    with pytest.raises(Undelivered, match=f"answered {status}") as refused:
        send(receiver)
    assert refused.value.reached is reached


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    with receiving() as elsewhere:
        receiver.status, receiver.headers = 307, {"Location": elsewhere.url}
        with pytest.raises(Undelivered, match="answered 307"):
            send(receiver)
        assert len(receiver.came) == 1
        assert elsewhere.came == []


@pytest.mark.parametrize("allowed", ["http://127.0.0.1:1", "https://127.0.0.1", "http://port.example"])
def test_a_target_that_is_not_allowed_gets_nothing(receiver: Receiver, allowed: str) -> None:
    with pytest.raises(Undelivered, match="do not allow"):
        send(receiver, allowed=allowed)
    assert receiver.came == []


def test_a_name_in_front_of_the_host_does_not_make_it_allowed(receiver: Receiver) -> None:
    with pytest.raises(Undelivered, match="do not allow"):
        send(receiver, url=receiver.url.replace("127.0.0.1", "127.0.0.1:80@127.0.0.1"))
    assert receiver.came == []


def test_a_proxy_of_the_environment_is_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    send(receiver)
    assert len(receiver.came) == 1


def test_nobody_there_is_told(receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    origin = f"http://127.0.0.1:{port}"
    with pytest.raises(Undelivered, match="cannot be reached") as refused:
        send(receiver, url=f"{origin}/events", allowed=origin)
    assert refused.value.reached is False
