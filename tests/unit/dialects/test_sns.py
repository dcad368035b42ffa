"""Subscriptions of SNS: only SNS itself is asked, and only where it asks."""

import pytest

from tocsin.dialects.document import Document
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.sns import is_envelope, is_subscription, subscription

TOPIC = "arn:aws:sns:eu-west-1:1:t"


def question(href: object, kind: str = "SubscriptionConfirmation") -> Document:
    return Document({"Type": kind, "TopicArn": TOPIC, "SubscribeURL": href})


@pytest.mark.parametrize(
    "href",
    [
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1",
        "https://sns.cn-north-1.amazonaws.com.cn/?Token=1",
    ],
)
def test_sns_is_asked(href: str) -> None:
    parsed = subscription("probe", question(href))
    assert (parsed.format, parsed.confirm) == ("probe", href)
    (signal,) = parsed.signals
    assert (signal.kind, signal.title) == ("info", f"Subscription to {TOPIC} waits to be confirmed")
    assert [link.href for link in signal.links] == [href]


@pytest.mark.parametrize(
    "href",
    [
        "http://sns.eu-west-1.amazonaws.com/?Token=1",
        "https://sns.eu-west-1.amazonaws.com:22/",
        "https://sns.eu-west-1.amazonaws.com",
        "https://user@sns.eu-west-1.amazonaws.com/",
        "https://sns.eu-west-1.amazonaws.com@evil.example/",
        "https://sns.eu-west-1.amazonaws.com.evil.example/",
        "https://evil.example/?sns.eu-west-1.amazonaws.com/",
        "https://x.sns.eu-west-1.amazonaws.com/",
        "https://ec2.eu-west-1.amazonaws.com/",
        "https://sns.eu-west-1.amazonaws.com/\n",
        "https://169.254.169.254/",
        "",
        None,
        ["https://sns.eu-west-1.amazonaws.com/"],
    ],
)
def test_nobody_else_is_asked_nor_offered(href: object) -> None:
    parsed = subscription("probe", question(href))
    assert parsed.confirm == ""
    assert [signal.links for signal in parsed.signals] == [[]]


def test_the_end_of_a_subscription_is_told_and_not_undone() -> None:
    href = "https://sns.eu-west-1.amazonaws.com/?Token=1"
    parsed = subscription("probe", question(href, "UnsubscribeConfirmation"))
    assert parsed.confirm == ""
    (signal,) = parsed.signals
    assert signal.title == f"Subscription to {TOPIC} ended"
    assert [link.text for link in signal.links] == ["Subscribe again"]


def test_a_subscription_is_one_of_a_topic() -> None:
    message = Document({"Type": "SubscriptionConfirmation", "TopicArn": None})
    assert is_envelope(message.values)
    assert is_subscription(message)
    assert not is_subscription(Document({"Type": "Notification", "TopicArn": TOPIC}))
    assert not is_envelope({"Type": "Notification"})
    with pytest.raises(BadPayload, match="TopicArn is missing"):
        subscription("probe", message)
