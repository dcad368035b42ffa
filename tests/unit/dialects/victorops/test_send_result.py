import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.dialects.victorops.send_result import SendResult, read_answer

SUCCESS = b'{"result":"success","entity_id":"of-the-answer"}'
FAILURE = b'{"result":"failure","message":"Missing fields: message_type"}'


def read(status: int, body: bytes) -> SendResult:
    return read_answer(status, body, "sent")


@pytest.mark.parametrize(
    ("status", "body", "accepted", "message"),
    [
        (200, SUCCESS, True, ""),
        (200, b'{"result":"success","message":"queued"}', True, "queued"),
        (200, FAILURE, False, "Missing fields: message_type"),
        (400, FAILURE, False, "Missing fields: message_type"),
        (400, SUCCESS, False, ""),
        (202, b"", True, ""),
        (204, b"", True, ""),
        (302, b"", False, ""),
        (503, b"<html>Service Unavailable</html>", False, ""),
        (200, b"\xff\xfe\xff", True, ""),
        (200, b"[" * 60_000, True, ""),
        (200, b'["failure"]', True, ""),
        (500, b'{"message":{"text":"nested"}}', False, ""),
    ],
)
def test_status_and_body_say_what_became_of_it(
    status: int, body: bytes, accepted: bool, message: str
) -> None:
    assert read(status, body) == SendResult(status, accepted, "sent", message)


@given(st.integers(100, 599), st.binary())
def test_any_body_can_be_read(status: int, body: bytes) -> None:
    result = read(status, body)
    assert result.status == status
    assert result.entity_id == "sent"
    assert 200 <= status < 300 or not result.accepted
