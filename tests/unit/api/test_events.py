"""Searching events, and one with all that is known of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.server.in_process import Tenant, scope
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

EVENTS = "/api/v1/events"
DISK = {"key": "db1/disk", "title": "Disk full on db1", "host": "db1", "service": "disk"}


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


async def keys(tenant: Tenant, **params: Any) -> list[str]:
    return [item["key"] for item in (await tenant.get(EVENTS, **params))["items"]]


async def test_events_are_listed_newest_first(tenant: Tenant) -> None:
    await tenant.send(*(DISK | {"key": name} for name in "abc"))
    assert await tenant.get(EVENTS, q="key:nobody") == {"items": [], "next": None}
    assert await keys(tenant) == ["c", "b", "a"]


async def test_an_event_is_shown_with_everything(tenant: Tenant) -> None:
    item = DISK | {
        "severity": "warning",
        "description": "97 %",
        "rule": "DiskFull",
        "resource": {"id": "i-1", "type": "server", "name": "db1"},
        "provider": "aws",
        "account": "1234",
        "image_url": "https://example.org/disk.png",
        "links": [{"href": "https://example.org/runbook", "text": "Runbook"}],
        "labels": {"region": "eu"},
        "source_tool": "checks",
        "author": "ann",
        "comment": "again",
        "output": "/var 97 %",
        "attempt": 3,
        "markdown": True,
        "occurred_at": "2026-01-02T03:04:05.678901+01:00",
    }
    await tenant.send(item)
    (shown,) = (await tenant.get(EVENTS))["items"]
    recorded_at = shown.pop("recorded_at")
    assert datetime.now(UTC) - datetime.fromisoformat(recorded_at) < timedelta(minutes=1)
    (event,) = await tenant.events()
    assert shown == item | {
        "id": "event-000000000001",
        "seq": 1,
        "kind": "problem",
        "type": "ALERT",
        "state": "warning",
        "state_type": "hard",
        "object_id": event.object_id,
        "links": [{"href": "https://example.org/runbook", "text": "Runbook", "kind": "link"}],
        "project_id": tenant.source.project_id,
        "source_id": tenant.source.id,
        "window_start": None,
        "window_end": None,
        "silenced_by": "",
        "alert_id": "alert-000000000001",
        "outcome": "opened",
        "reason": "",
        "payload_index": 0,
        "occurred_at": "2026-01-02T02:04:05.678901Z",
        "time": "2026-01-02T02:04:05.678901Z",
    }


async def test_an_expression_narrows(tenant: Tenant) -> None:
    await tenant.send(
        DISK | {"key": "a", "severity": "warning", "labels": {"region": "eu"}},
        DISK | {"key": "b", "severity": "info"},
        DISK | {"key": "c", "severity": "critical"},
    )
    assert await keys(tenant, q="severity>=warning") == ["c", "a"]
    assert await keys(tenant, q="region:eu OR key=b") == ["b", "a"]
    assert await keys(tenant, q="key~^[ac]$ -severity:critical") == ["a"]
    assert await keys(tenant, q=f"source:{tenant.source.name} key:c") == ["c"]


async def test_pages_follow_their_cursor_and_stand_still_while_more_comes(tenant: Tenant) -> None:
    await tenant.send(*(DISK | {"key": f"{n}"} for n in range(7)))
    seen, cursor = [], ""
    while True:
        page = await tenant.get(EVENTS, limit=3, cursor=cursor)
        seen.append([item["key"] for item in page["items"]])
        await tenant.send(DISK | {"key": "meanwhile"})
        if page["next"] is None:
            break
        cursor = page["next"]
    assert seen == [["6", "5", "4"], ["3", "2", "1"], ["0"]]


async def test_pages_of_what_the_engine_does_not_decide(tenant: Tenant) -> None:
    await tenant.send(*(DISK | {"key": f"{n}"} for n in range(10)))
    first = await tenant.get(EVENTS, limit=2, q="key~[02468]")
    second = await tenant.get(EVENTS, limit=3, q="key~[02468]", cursor=first["next"])
    assert [item["key"] for item in first["items"] + second["items"]] == ["8", "6", "4", "2", "0"]
    assert second["next"] is None


async def test_a_time_range_counts_what_the_sender_said(tenant: Tenant) -> None:
    await tenant.send(
        DISK | {"key": "old", "occurred_at": ago(hours=3)},
        DISK | {"key": "middle", "occurred_at": ago(hours=2)},
        DISK | {"key": "new"},
    )
    assert await keys(tenant, **{"from": "-150m"}) == ["new", "middle"]
    assert await keys(tenant, **{"from": "-150m", "to": "-1h"}) == ["middle"]
    assert await keys(tenant, to=ago(minutes=150)) == ["old"]
    assert await keys(tenant, q="key:*d*", **{"from": "-4h"}) == ["middle", "old"]


@pytest.mark.parametrize(
    ("query", "code", "pointer"),
    [
        ("limit=0", "bad_request", "/limit"),
        ("limit=1001", "bad_request", "/limit"),
        ("limit=many", "bad_request", "/limit"),
        ("from=yesterday", "bad_request", "/from"),
        ("to=2026-02-31", "bad_request", "/to"),
        ("from=-999999999w", "bad_request", "/from"),
        ("from=%00", "bad_request", "/from"),
        ("cursor=nonsense", "invalid_cursor", ""),
        ("cursor=WyJ4Il0", "invalid_cursor", ""),
        ("cursor=%00", "invalid_cursor", ""),
    ],
)
async def test_a_bad_parameter_is_named(tenant: Tenant, query: str, code: str, pointer: str) -> None:
    problem = await tenant.refuse("GET", f"{EVENTS}?{query}")
    assert (problem["status"], problem["code"]) == (400, code)
    assert [each["pointer"] for each in problem.get("errors", [])] == [pointer] * bool(pointer)
    for each in problem.get("errors", []):
        assert problem["detail"] == f"{pointer.removeprefix('/')}: {each['detail']}"


@pytest.mark.parametrize("path", [EVENTS, "/api/v1/alerts", f"{EVENTS}/stream"])
async def test_a_bad_expression_is_pointed_at(tenant: Tenant, path: str) -> None:
    problem = await tenant.refuse("GET", path, params={"q": "host:web-1 severity>terrible"})
    assert (problem["status"], problem["code"]) == (400, "invalid_query")
    assert (problem["position"], problem["length"]) == (20, 8)


@pytest.mark.parametrize(
    "query",
    [
        "(" * 3_000,
        "NOT " * 1_000 + "x",
        " OR ".join(["a"] * 1_000),
        'key:"\x00"',
        "host:\x00*",
        "key~(((((",
        "key~" + "(a{1000}){1000}",
        "seq>99999999999999999999",
        "x" * 50_000,
    ],
)
async def test_odd_expressions_are_no_trouble(tenant: Tenant, query: str) -> None:
    problem = await tenant.refuse("GET", EVENTS, params={"q": query})
    assert (problem["status"], problem["code"]) == (400, "invalid_query")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"q={'x' * 1_000}&limit=2&limit=3&q=%FF", 200),
        (f"unknown={'x' * 1_000_000}&{'y' * 1_000_000}=1&&=&%FF=%FF", 400),
        ("&".join(f"p{number}=" for number in range(50_000)), 400),
    ],
)
async def test_a_huge_query_string_is_no_trouble(tenant: Tenant, query: str, status: int) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asked = scope("GET", EVENTS, query=query, headers={"Authorization": f"Bearer {tenant.token}"})
    await tenant.served.application(asked, receive, send)
    assert sent[0]["status"] == status
    assert len(sent[1]["body"]) < 4_000


class TestOne:
    """One event by its id."""

    async def test_it_has_its_payload_its_alert_and_its_receipt(self, tenant: Tenant) -> None:
        await tenant.send(DISK)
        await tenant.send({"key": "other", "title": "t", "kind": "info"}, DISK)
        shown = await tenant.get(f"{EVENTS}/event-000000000003")
        (listed, *_) = (await tenant.get(EVENTS))["items"]
        assert {name: shown[name] for name in listed} == listed
        assert shown["payload"]["body"].startswith('[{"key":')
        assert (shown["payload_index"], shown["receipt"]["index"]) == (1, 1)
        assert shown["receipt"] == {
            "index": 1,
            "outcome": "joined",
            "reason": "",
            "id": "event-000000000003",
            "seq": 3,
            "alert_id": "alert-000000000001",
            "silenced_by": "",
        }
        assert (shown["alert"]["id"], shown["alert"]["count"]) == ("alert-000000000001", 2)

    async def test_without_an_alert_there_is_none(self, tenant: Tenant) -> None:
        await tenant.send(DISK | {"kind": "recovery"})
        shown = await tenant.get(f"{EVENTS}/event-000000000001")
        assert (shown["alert_id"], shown["alert"]) == ("", None)

    async def test_a_body_that_is_no_text_is_shown_in_base64(self, tenant: Tenant) -> None:
        # Only lines can hold what is no UTF-8 beside what is.
        body = b'{"key": "k", "title": "t"}\n\xff\n'
        headers = {"Content-Type": "application/x-ndjson"}
        await tenant.ask("POST", EVENTS, content=body, headers=headers)
        payload = (await tenant.get(f"{EVENTS}/event-000000000001"))["payload"]
        assert (payload["body"], payload["body_base64"]) == ("", "eyJrZXkiOiAiayIsICJ0aXRsZSI6ICJ0In0K/wo=")

    @pytest.mark.parametrize(
        "name",
        ["event-000000000002", "event-1", "alert-000000000001", "nonsense", "a%00b", "event-fffffffffffff"],
    )
    async def test_an_unknown_one_is_not_found(self, tenant: Tenant, name: str) -> None:
        await tenant.send(DISK)
        problem = await tenant.refuse("GET", f"{EVENTS}/{name}")
        assert (problem["status"], problem["code"]) == (404, "not_found")


async def test_nobody_finds_a_host_by_a_keyword_of_what_they_do_not_see(tenant: Tenant) -> None:
    for kind, document in (
        ("keyword", {"name": "seen"}),
        ("keyword", {"name": "secret"}),
        ("servicecheck", {"name": "load", "keywords": [{"name": "seen"}]}),
        ("servicecheck", {"name": "vault", "keywords": [{"name": "secret"}]}),
        (
            "host",
            {
                "name": "web",
                "keywords": [{"name": "seen"}, {"name": "secret"}],
                "servicechecks": [{"name": "load"}, {"name": "vault"}],
            },
        ),
    ):
        answer = await tenant.ask("PUT", f"/rest/config/{kind}", json={"list": [document]})
        assert answer.status_code == 200, answer.text
    await tenant.send({"key": "web", "title": "down", "host": "web", "kind": "check_result", "state": "down"})
    limited = await tenant.new_user(Permission.VIEWSOME, scope="host:web -service:vault")

    async def total(keyword: str, credential: str, path: str = EVENTS) -> int:
        params = {"q": f"keyword:{keyword}"}
        answer = await tenant.ask("GET", path, credential=credential, params=params)
        return len(answer.json()["items"])

    for keyword, credential, is_found in (
        ("seen", limited, True),
        ("secret", limited, False),
        ("secret", tenant.token, True),
    ):
        assert (await total(keyword, credential) > 0) == is_found, keyword
    counted = await tenant.ask("GET", f"{EVENTS}/count", credential=limited, params={"q": "keyword:secret"})
    assert counted.json()["total"] == 0
    silencing = await tenant.new_user(
        Permission.VIEWSOME, Permission.DOWNTIMESOME, scope="host:web -service:vault"
    )
    for keyword, is_found in (("seen", True), ("secret", False)):
        asked = {"expression": f"keyword:{keyword}"}
        shown = await tenant.ask("POST", "/api/v1/silences/preview", credential=silencing, json=asked)
        assert bool(shown.json()["events_of_24_hours"]["count"]) is is_found, keyword
