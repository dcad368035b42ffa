import inspect
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import anyio
import pytest

from tests.unit.dialects.receiver import API_KEY, Receiver, Reply
from tocsin.dialects.outgoing import TransportError
from tocsin.dialects.victorops import send_retry
from tocsin.dialects.victorops.send import asend, send
from tocsin.dialects.victorops.send_event import event
from tocsin.dialects.victorops.send_result import SendResult

Sender = Callable[..., SendResult]

AT_ONCE = {"wait_initial": 0.001, "wait_max": 0.001}


@pytest.fixture(params=["send", "asend"])
def sender(request: pytest.FixtureRequest) -> Sender:
    """Send by each of the twins, from code that is not async."""
    if request.param == "send":
        return send
    return lambda *args, **kwargs: anyio.run(partial(asend, *args, **kwargs))


def test_an_accepted_message(receiver: Receiver, sender: Sender) -> None:
    result = sender(
        receiver.url,
        "warning",
        "db/disk",
        "Disk of db",
        "91 % used",
        datetime(2021, 1, 1, tzinfo=UTC),
        "cron",
    )
    assert result == SendResult(status=200, accepted=True, entity_id="db/disk", message="")
    assert receiver.bodies == [
        {
            "message_type": "WARNING",
            "entity_id": "db/disk",
            "entity_display_name": "Disk of db",
            "state_message": "91 % used",
            "state_start_time": 1609459200,
            "monitoring_tool": "cron",
        }
    ]


def test_a_message_without_an_entity_id_gets_one_and_keeps_it(receiver: Receiver, sender: Sender) -> None:
    receiver.replies = [Reply(503), Reply(cut=True), Reply()]
    result = sender(receiver.url, "CRITICAL", **AT_ONCE)
    assert str(uuid.UUID(result.entity_id)) == result.entity_id
    assert [body["entity_id"] for body in receiver.bodies] == [result.entity_id] * 3
    assert sender(receiver.url, "CRITICAL").entity_id != result.entity_id


@pytest.mark.parametrize(
    "failure", [*(Reply(status) for status in (408, 429, 500, 502, 503, 504, 599)), Reply(cut=True)]
)
def test_what_may_pass_is_tried_again(receiver: Receiver, sender: Sender, failure: Reply) -> None:
    receiver.replies = [failure, failure, Reply()]
    assert sender(receiver.url, "CRITICAL", "db", **AT_ONCE) == SendResult(200, True, "db", "")
    assert len(receiver.requests) == 3


def test_a_silent_host_is_tried_again(receiver: Receiver, sender: Sender) -> None:
    receiver.replies = [Reply(silent=True), Reply()]
    assert sender(receiver.url, "CRITICAL", timeout=0.5, **AT_ONCE).accepted
    assert len(receiver.requests) == 2


@pytest.mark.parametrize("status", [301, 302, 400, 401, 403, 404, 405, 413, 422])
def test_other_refusals_are_final(receiver: Receiver, sender: Sender, status: int) -> None:
    reply = Reply(status, b'{"result":"failure","message":"Unknown API key"}', {"Location": "/elsewhere"})
    receiver.replies = [reply, Reply()]
    assert sender(receiver.url, "CRITICAL", "db") == SendResult(status, False, "db", "Unknown API key")
    assert len(receiver.requests) == 1


def test_a_failure_told_with_status_200_is_a_final_refusal(receiver: Receiver, sender: Sender) -> None:
    receiver.replies = [Reply(body=b'{"result":"failure","message":"Missing fields"}'), Reply()]
    assert sender(receiver.url, "CRITICAL", "db") == SendResult(200, False, "db", "Missing fields")
    assert len(receiver.requests) == 1


def test_after_the_last_attempt_its_answer_is_the_result(receiver: Receiver, sender: Sender) -> None:
    receiver.replies = [Reply(500), Reply(429), Reply(503, b'{"message":"no room"}'), Reply()]
    result = sender(receiver.url, "CRITICAL", "db", attempts=3, **AT_ONCE)
    assert result == SendResult(503, False, "db", "no room")
    assert len(receiver.requests) == 3


def test_after_the_last_attempt_its_error_is_raised(receiver: Receiver, sender: Sender) -> None:
    receiver.replies = [Reply(503), Reply(cut=True)]
    with pytest.raises(TransportError, match=rf"^127\.0\.0\.1:{receiver.server_port} broke off") as caught:
        sender(receiver.url, "CRITICAL", attempts=4, **AT_ONCE)
    assert len(receiver.requests) == 4
    assert API_KEY not in str(caught.value)


def test_one_attempt_is_one_request(receiver: Receiver, sender: Sender) -> None:
    receiver.replies = [Reply(503), Reply()]
    assert sender(receiver.url, "CRITICAL", attempts=1).status == 503
    assert len(receiver.requests) == 1


def test_retry_after_is_waited_for_and_the_start_time_stays(receiver: Receiver, sender: Sender) -> None:
    receiver.replies = [Reply(429, headers={"Retry-After": "1"}), Reply()]
    begun = time.monotonic()
    assert sender(receiver.url, "CRITICAL", wait_initial=0.001).accepted
    assert time.monotonic() - begun >= 1
    first, second = receiver.bodies
    assert first == second


def test_retry_after_beyond_the_longest_wait_is_cut(receiver: Receiver, sender: Sender) -> None:
    receiver.replies = [Reply(503, headers={"Retry-After": "3600"}), Reply()]
    begun = time.monotonic()
    assert sender(receiver.url, "CRITICAL", **AT_ONCE).accepted
    assert time.monotonic() - begun < 5


def test_a_wait_beyond_the_total_time_is_not_begun(receiver: Receiver, sender: Sender) -> None:
    receiver.replies = [Reply(503, headers={"Retry-After": "30"}), Reply()]
    begun = time.monotonic()
    assert sender(receiver.url, "CRITICAL", total_timeout=20.0).status == 503
    assert time.monotonic() - begun < 5
    assert len(receiver.requests) == 1


class Ahead:
    """A clock that goes on by some seconds for each request that a receiver got, and by itself not at all."""

    def __init__(self, seconds: float, receiver: Receiver) -> None:
        self.seconds = seconds
        self.receiver = receiver

    def monotonic(self) -> float:
        return len(self.receiver.requests) * self.seconds


def test_the_total_time_ends_it_however_many_attempts_are_left(
    receiver: Receiver, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.replies = [Reply(503)]
    # The deadline is 20 seconds off; each attempt puts the clock that is asked for it 8 seconds on.
    clock = Ahead(8.0, receiver)
    monkeypatch.setattr(send_retry, "time", clock)
    assert sender(receiver.url, "CRITICAL", attempts=1000, total_timeout=20.0, **AT_ONCE).status == 503
    assert len(receiver.requests) == 3


def test_the_total_time_cuts_a_silent_attempt_short(receiver: Receiver, sender: Sender) -> None:
    receiver.replies = [Reply(silent=True)]
    begun = time.monotonic()
    with pytest.raises(TransportError, match="did not answer"):
        sender(receiver.url, "CRITICAL", timeout=30.0, total_timeout=0.3)
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "bad",
    [
        {"url": "ftp://127.0.0.1/"},
        {"message_type": "OK"},
        {"entity_id": None},
        {"timestamp": True},
        {"timeout": 0},
        {"attempts": 0},
        {"wait_initial": -1},
        {"wait_max": "60"},
        {"total_timeout": float("inf")},
    ],
    ids=lambda bad: next(iter(bad)),
)
def test_a_bad_argument_is_refused(receiver: Receiver, sender: Sender, bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(bad))} must "):
        sender(**{"url": receiver.url, "message_type": "CRITICAL", **bad})
    assert receiver.requests == []


def test_all_take_the_same_parameters() -> None:
    careful = inspect.signature(send).parameters
    assert careful == inspect.signature(asend).parameters
    once = inspect.signature(event).parameters
    assert list(careful.items())[: len(once)] == list(once.items())


@pytest.mark.anyio
async def test_asend_lets_others_run_while_it_waits(receiver: Receiver) -> None:
    receiver.replies = [Reply(silent=True)]
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await anyio.sleep(0.01)
            ticks += 1

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tick)
        with pytest.raises(TransportError):
            await asend(receiver.url, "CRITICAL", attempts=1, timeout=0.3)
        tasks.cancel_scope.cancel()
    assert ticks > 5


@pytest.mark.anyio
async def test_asend_can_be_cancelled(receiver: Receiver) -> None:
    receiver.replies = [Reply(silent=True)]
    begun = time.monotonic()
    with anyio.move_on_after(0.2) as scope:
        await asend(receiver.url, "CRITICAL")
    assert scope.cancelled_caught
    assert time.monotonic() - begun < 5
