"""Signatures and types of webhook messages. The vectors are those of the Standard Webhooks specification."""

import pytest

from tocsin.dialects.webhook.send import signature

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'


def test_a_message_is_signed_as_standard_webhooks_says() -> None:
    assert signature(SECRET, ID, 1614265330, BODY) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("secret", "message_id", "seconds", "body"),
    [
        (SECRET + "AAAB", ID, 1614265330, BODY),
        (SECRET, ID + "x", 1614265330, BODY),
        (SECRET, ID, 1614265331, BODY),
        (SECRET, ID, 1614265330, BODY + b" "),
    ],
)
def test_each_part_counts(secret: str, message_id: str, seconds: int, body: bytes) -> None:
    assert signature(secret, message_id, seconds, body) != signature(SECRET, ID, 1614265330, BODY)


def test_a_secret_of_another_form_is_the_key_itself() -> None:
    assert signature("plain", ID, 0, BODY) != signature("whsec_", ID, 0, BODY)
