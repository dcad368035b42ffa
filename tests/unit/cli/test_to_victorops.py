from collections.abc import Iterator
from typing import Any

import pytest
from stamina import instrumentation, set_testing

from tests.servers.ports import free_port
from tests.unit.cli.command_line import Run
from tests.unit.dialects.receiver import API_KEY, Receiver, Reply, receiving
from tocsin.cli.to_victorops import message_type


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture(autouse=True)
def own_hooks() -> Iterator[None]:
    hooks = instrumentation.get_on_retry_hooks()
    yield
    instrumentation.set_on_retry_hooks(hooks)


def sent(receiver: Receiver) -> dict[str, Any]:
    body: dict[str, Any] = receiver.bodies[-1]
    assert body.pop("state_start_time") > 1_700_000_000
    return body


def test_a_message_goes_straight_to_victorops(run: Run, receiver: Receiver) -> None:
    ran = run("send", "db1/disk", "Disk full", "--description", "97 %", "--victorops-url", receiver.url)
    assert ran.code == 0
    assert ran.document == {"status": 200, "accepted": True, "entity_id": "db1/disk", "message": ""}
    assert sent(receiver) == {
        "message_type": "CRITICAL",
        "entity_id": "db1/disk",
        "entity_display_name": "Disk full",
        "state_message": "97 %",
        "monitoring_tool": "tocsin",
    }


@pytest.mark.parametrize(
    ("kind", "severity", "expected"),
    [
        ("problem", "", "CRITICAL"),
        ("problem", "critical", "CRITICAL"),
        ("problem", "error", "CRITICAL"),
        ("problem", "warning", "WARNING"),
        ("problem", "info", "INFO"),
        ("problem", "none", "INFO"),
        ("problem", "not_available", "INFO"),
        ("info", "critical", "INFO"),
        ("recovery", "", "RECOVERY"),
        ("acknowledgement", "", "ACKNOWLEDGEMENT"),
        ("error", "warning", "CRITICAL"),
    ],
)
def test_kind_and_severity_become_a_message_type(kind: str, severity: str, expected: str) -> None:
    assert message_type(kind, severity) == expected


def test_the_kind_that_was_given_is_sent(run: Run, receiver: Receiver) -> None:
    run("send", "k", "t", "--kind", "recovery", "--victorops-url", receiver.url)
    assert sent(receiver)["message_type"] == "RECOVERY"


def test_what_victorops_has_no_place_for_is_a_usage_error(run: Run, receiver: Receiver) -> None:
    ran = run("send", "k", "t", "--host", "db1", "-l", "a=b", "--victorops-url", receiver.url)
    assert (ran.code, ran.err) == (2, "tocsin: VictorOps does not take host, labels from here\n")
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(404, b""), 1),
        (Reply(200, b'{"result":"failure","message":"no"}'), 1),
        (Reply(401, b""), 3),
        (Reply(403, b""), 3),
    ],
)
def test_a_refusal_is_told(run: Run, receiver: Receiver, reply: Reply, code: int) -> None:
    receiver.replies = [reply]
    ran = run("send", "k", "t", "--victorops-url", receiver.url)
    assert ran.code == code
    assert API_KEY not in ran.out + ran.err


def test_a_further_try_is_told_on_standard_error(run: Run, receiver: Receiver) -> None:
    receiver.replies = [Reply(503, b""), Reply()]
    ran = run("send", "k", "t", "--victorops-url", receiver.url)
    assert ran.code == 0
    assert ran.err == "tocsin: HTTP status 503; trying again in 1 s\n"
    assert len(ran.lines) == 1


def test_nobody_there_is_unreachable(run: Run) -> None:
    set_testing(True, attempts=1)
    try:
        url = f"http://127.0.0.1:{free_port()}/integrations/generic/20131114/alert/{API_KEY}/x"
        ran = run("send", "k", "t", "--victorops-url", url)
    finally:
        set_testing(False)
    assert ran.code == 4
    assert ran.err.startswith("tocsin: no answer from 127.0.0.1:")
    assert API_KEY not in ran.err


def test_an_address_that_is_none_is_a_usage_error(run: Run) -> None:
    ran = run("send", "k", "t", "--victorops-url", "victorops")
    assert ran.code == 2
    assert "http or https URL" in ran.err
