"""Signatures and types of webhook messages. The vectors are those of the Standard Webhooks specification."""

import pytest

from tests.unit.dialects.receiver import Receiver
from tests.unit.model.samples import NOON, problem, recorded, submission
from tocsin.api.shapes import alert_item, event_item
from tocsin.dialects.sending import Post
from tocsin.dialects.webhook.send import WebhookSender, signature
from tocsin.model.delivery import SentOutcome, delivery_of
from tocsin.model.life_cycle import Change
from tocsin.model.target import Target, TargetOptions

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'


def test_a_message_is_signed_as_standard_webhooks_says() -> None:
    assert signature(SECRET, ID, 1614265330, BODY) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("secret", "message_id", "seconds", "body"),
    [
        (SECRET[:-4] + "AAAB", ID, 1614265330, BODY),
        (SECRET, ID + "x", 1614265330, BODY),
        (SECRET, ID, 1614265331, BODY),
        (SECRET, ID, 1614265330, BODY + b" "),
    ],
)
def test_each_part_counts(secret: str, message_id: str, seconds: int, body: bytes) -> None:
    assert signature(secret, message_id, seconds, body) != signature(SECRET, ID, 1614265330, BODY)


@pytest.mark.anyio
async def test_the_message_has_the_id_by_which_its_header_is_known(receiver: Receiver) -> None:
    (event,) = recorded(submission(problem())).events
    delivery = delivery_of(event, "target-1", "", Change.OPENED, NOON)
    target = Target(
        "target-1", "default", "chat", "webhook", receiver.url, SECRET, TargetOptions(), True, NOON
    )
    sender = WebhookSender(Post(allow_private=True), lambda: NOON, event_item, alert_item)
    sent = await sender.send(target, delivery, event, None)
    await sender.close()
    assert sent.outcome is SentOutcome.ACCEPTED
    (request,) = receiver.requests
    assert request.body["id"] == request.headers["webhook-id"] == delivery.id
    assert request.body["type"] == "alert.opened"
    assert request.body["data"]["event"]["seq"] == event.seq


@pytest.mark.parametrize("secret", ["plain", "whsec_", "whsec_not base64", "whsec_c2hvcnQ="])
def test_a_secret_of_another_form_signs_nothing(secret: str) -> None:
    with pytest.raises(ValueError, match="expected whsec_ and the base64 of"):
        signature(secret, ID, 0, BODY)
