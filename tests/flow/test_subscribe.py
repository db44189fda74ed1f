"""Who is sent events, and what may be asked for again."""

from __future__ import annotations

import base64

import pytest

from tests.fakes import trade
from tests.fakes.site import SOURCE, TARGET, FakeSecrets, Site
from tidewaiter.core.errors import Conflict, InputError, NotFound
from tidewaiter.flow.subscribe import Topic

URL = f"{TARGET}/events"


@pytest.fixture
def site() -> Site:
    return Site()


def test_the_secret_is_told_in_the_form_of_standard_webhooks(site: Site) -> None:
    made = site.services.subscriptions.add("port", source=SOURCE, topics=[Topic.DECISION], url=URL)
    assert made.secret.startswith("whsec_")
    secret = base64.b64decode(made.secret.removeprefix("whsec_"))
    assert secret == FakeSecrets().secret(made.subscriber.id, 1)
    rotated = site.services.subscriptions.rotate("port")
    assert rotated.secret != made.secret
    assert rotated.subscriber.rotated_at == site.clock.now()


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/events", "http://port.example/events", "https://port.example:444/events",
        "https://port.example@evil.example/", "ftp://port.example/events", "https://169.254.169.254/", "",
    ],
)  # fmt: skip
def test_only_an_allowed_origin_can_be_subscribed(site: Site, url: str) -> None:
    with pytest.raises(InputError, match="TIDEWAITER_WEBHOOK_TARGETS"):
        site.services.subscriptions.add("port", source=SOURCE, topics=list(Topic), url=url)
    assert site.services.subscriptions.all() == []


def test_a_name_is_used_once_at_a_time(site: Site) -> None:
    subscriptions = site.services.subscriptions
    subscriptions.add("port", source=SOURCE, topics=list(Topic), url=URL)
    with pytest.raises(Conflict, match="'port'"):
        subscriptions.add("port", source=SOURCE, topics=list(Topic), url=URL)
    subscriptions.stop("port")
    for act in (subscriptions.stop, subscriptions.rotate, subscriptions.retry):
        with pytest.raises(NotFound, match="'port'"):
            act("port")
    subscriptions.add("port", source=SOURCE, topics=list(Topic), url=URL)
    assert len(subscriptions.all()) == 2


def test_the_same_question_gets_the_same_events(site: Site) -> None:
    for number in range(5):
        site.assess(trade.declaration(number))
    pull = site.services.subscriptions.pull
    first = pull(0, source=SOURCE, topics=[Topic.DECISION], limit=8)
    again = pull(0, source=SOURCE, topics=[Topic.DECISION], limit=8)
    rest = pull(first["position"], source=SOURCE, topics=[Topic.DECISION], limit=8)
    assert first == again
    assert [event["data"]["declaration_id"] for event in first["events"] + rest["events"]] == [
        f"D{number}" for number in range(5)
    ]
    assert pull(rest["position"], source=SOURCE, topics=[Topic.DECISION], limit=8)["events"] == []
