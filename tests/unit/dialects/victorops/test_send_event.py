import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.dialects.receiver import PATH, Receiver, Reply
from tocsin.dialects.outgoing import TransportError
from tocsin.dialects.victorops.send_event import alert, endpoint, event

URL = f"http://127.0.0.1:1{PATH}"
BAD_ARGUMENTS: list[dict[str, Any]] = [
    {"url": "ftp://127.0.0.1/"},
    {"message_type": "OK"},
    {"entity_id": 5},
    {"entity_display_name": None},
    {"state_message": b"text"},
    {"timestamp": "now"},
    {"monitoring_tool": 5},
    {"timeout": 0},
]


def test_event_sends_the_six_keys_of_the_reference(receiver: Receiver) -> None:
    status = event(
        receiver.url,
        "CRITICAL",
        "example-alert-1",
        "Example Alert 1",
        "Last reported cpu_idle was 0.5.",
        datetime(2021, 1, 1, tzinfo=UTC),
        "Flux",
    )
    assert status == 200
    assert receiver.bodies == [
        {
            "message_type": "CRITICAL",
            "entity_id": "example-alert-1",
            "entity_display_name": "Example Alert 1",
            "state_message": "Last reported cpu_idle was 0.5.",
            "state_start_time": 1609459200,
            "monitoring_tool": "Flux",
        }
    ]


def test_event_sends_all_keys_also_when_only_the_type_is_given(receiver: Receiver) -> None:
    before = int(time.time())
    event(receiver.url, "info")
    (body,) = receiver.bodies
    assert before <= body.pop("state_start_time") <= time.time()
    assert body == {
        "message_type": "INFO",
        "entity_id": "",
        "entity_display_name": "",
        "state_message": "",
        "monitoring_tool": "",
    }


def test_alert_is_the_same_function() -> None:
    assert alert is event


@pytest.mark.parametrize("status", [202, 302, 404, 429, 503])
def test_event_returns_any_status_and_tries_once(receiver: Receiver, status: int) -> None:
    receiver.replies = [Reply(status, headers={"Location": "/elsewhere"})]
    assert event(receiver.url, "CRITICAL") == status
    assert len(receiver.requests) == 1


def test_event_raises_if_no_answer_comes(receiver: Receiver) -> None:
    receiver.replies = [Reply(silent=True)]
    with pytest.raises(TransportError, match=r"did not answer within 0\.2 s"):
        event(receiver.url, "CRITICAL", timeout=0.2)
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("bad", BAD_ARGUMENTS, ids=lambda bad: next(iter(bad)))
def test_event_refuses_a_bad_argument(receiver: Receiver, bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(bad))} must "):
        event(**{"url": receiver.url, "message_type": "CRITICAL", **bad})
    assert receiver.requests == []


def of_cpu(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "message_type": "CRITICAL" if row["_value"] < 1.0 else "INFO",
        "entity_id": row["host"],
        "entity_display_name": f"CPU of {row['host']}",
        "state_message": f"{row['_value']} % idle",
        "timestamp": row["_time"],
    }


ROWS: list[dict[str, Any]] = [
    {"_time": 1609459200, "host": "web-1", "_value": 0.5},
    {"_time": datetime(2021, 1, 1, 0, 0, 1, 999999, UTC), "host": "web-2", "_value": 50.0},
    {"_time": 1609459202.9, "host": "web-3", "_value": 0.1},
]


def test_endpoint_sends_a_message_for_each_row_in_order(receiver: Receiver) -> None:
    list(endpoint(receiver.url, "Flux")(of_cpu)(ROWS))
    assert receiver.bodies == [
        {
            "message_type": message_type,
            "entity_id": host,
            "entity_display_name": f"CPU of {host}",
            "state_message": f"{value} % idle",
            "state_start_time": start,
            "monitoring_tool": "Flux",
        }
        for message_type, host, value, start in [
            ("CRITICAL", "web-1", 0.5, 1609459200),
            ("INFO", "web-2", 50.0, 1609459201),
            ("CRITICAL", "web-3", 0.1, 1609459202),
        ]
    ]


def test_endpoint_adds_status_and_sent_as_text(receiver: Receiver) -> None:
    receiver.replies = [Reply(200), Reply(429), Reply(202)]
    sent = list(endpoint(receiver.url)(of_cpu)(ROWS))
    assert sent == [
        ROWS[0] | {"_status": "200", "_sent": "true"},
        ROWS[1] | {"_status": "429", "_sent": "false"},
        ROWS[2] | {"_status": "202", "_sent": "true"},
    ]
    assert "_status" not in ROWS[0]


def test_endpoint_keeps_its_connection(receiver: Receiver) -> None:
    assert len(list(endpoint(receiver.url)(of_cpu)(ROWS))) == 3
    assert len({request.client for request in receiver.requests}) == 1


def test_endpoint_takes_and_sends_rows_only_as_they_are_asked_for(receiver: Receiver) -> None:
    taken: list[Any] = []

    def rows() -> Iterator[dict[str, Any]]:
        for row in ROWS:
            taken.append(row)
            yield row

    sending = endpoint(receiver.url)(of_cpu)(rows())
    assert (taken, receiver.requests) == ([], [])
    assert next(sending)["host"] == "web-1"
    assert (len(taken), len(receiver.requests)) == (1, 1)


def test_the_tool_of_the_endpoint_wins(receiver: Receiver) -> None:
    by_row = endpoint(receiver.url, "Tocsin")(lambda row: {**of_cpu(row), "monitoring_tool": 5})
    list(by_row(ROWS[:1]))
    assert receiver.bodies[0]["monitoring_tool"] == "Tocsin"


def test_a_mapping_needs_only_a_message_type(receiver: Receiver) -> None:
    before = int(time.time())
    list(endpoint(receiver.url)(lambda row: {"message_type": "recovery"})([{}]))
    (body,) = receiver.bodies
    assert before <= body.pop("state_start_time") <= time.time()
    assert body == {
        "message_type": "RECOVERY",
        "entity_id": "",
        "entity_display_name": "",
        "state_message": "",
        "monitoring_tool": "",
    }


@pytest.mark.parametrize(
    ("mapped", "complaint"),
    [
        ({"entity_id": "web-1"}, "^map_fn must return a message_type$"),
        (
            {"message_type": "INFO", "messageType": "INFO", "url": ""},
            "^map_fn returned 'messageType', 'url';",
        ),
        ({"message_type": "INFO", "timeout": 5.0}, "^map_fn returned 'timeout';"),
        ({"message_type": "INFO", 5: ""}, "^map_fn returned 5;"),
        ({"message_type": "OK"}, "^message_type must be one of"),
        ({"message_type": "INFO", "entity_id": None}, "^entity_id must be a string"),
        ({"message_type": "INFO", "timestamp": -1}, "^timestamp must be"),
        (None, "^map_fn must return a mapping, not NoneType$"),
        ([("message_type", "INFO")], "^map_fn must return a mapping, not list$"),
    ],
)
def test_a_mapping_that_cannot_be_sent_ends_it_at_its_row(
    receiver: Receiver, mapped: Any, complaint: str
) -> None:
    mappings = iter([{"message_type": "INFO"}, mapped, {"message_type": "INFO"}])
    sending = endpoint(receiver.url)(lambda row: next(mappings))(ROWS)
    assert next(sending)["_sent"] == "true"
    with pytest.raises(ValueError, match=complaint):
        next(sending)
    assert len(receiver.requests) == 1


def test_rows_after_one_without_an_answer_are_not_sent(receiver: Receiver) -> None:
    receiver.replies = [Reply(), Reply(cut=True), Reply()]
    sending = endpoint(receiver.url)(of_cpu)(ROWS)
    assert next(sending)["_sent"] == "true"
    with pytest.raises(TransportError, match="broke off"):
        next(sending)
    assert list(sending) == []
    assert len(receiver.requests) == 2


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: endpoint("alert.victorops.com"), "url"),
        (lambda: endpoint(URL, 5), "monitoring_tool"),  # type: ignore[arg-type]
        (lambda: endpoint(URL, timeout=-1), "timeout"),
    ],
)
def test_endpoint_refuses_a_bad_argument_at_once(make: Callable[[], object], name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} must "):
        make()
