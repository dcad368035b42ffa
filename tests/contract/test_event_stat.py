"""Event.stat on both stores: the same as a plain evaluation of the pipeline over the events there are."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.contract.copies import open_copy
from tests.contract.scene import DAY, NOON, SECOND, Scene, new_source, problem, recovery, submission
from tests.property import pipeline_oracle as oracle
from tocsin.dialects.cloudforet.caller import Caller
from tocsin.dialects.cloudforet.document import document
from tocsin.dialects.cloudforet.errors import CloudforetError
from tocsin.dialects.cloudforet.event_stat import EventStat
from tocsin.hub import archive
from tocsin.hub.archive import Archive
from tocsin.hub.copier import Copier
from tocsin.hub.errors import TooSlow
from tocsin.hub.metrics import Metrics
from tocsin.model.access import Principal
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.store import search, tally
from tocsin.store.columnar.copy import Copy
from tocsin.store.counting import Counting

pytestmark = pytest.mark.anyio

SEVERITIES = (Severity.CRITICAL, Severity.WARNING, Severity.NOT_AVAILABLE)
COUNT = {"name": "n", "operator": "count"}
HOUR = {"key": "created_at", "name": "hour", "date_format": "%Y-%m-%dT%H"}


def signal(number: int) -> Signal:
    given: dict[str, Any] = {"labels": {"team": f"t{number % 2}"}} if number % 3 else {}
    if number % 2:
        given |= {"resource_name": f"web-{number % 4}", "rule": "disk"}
    if number % 4 == 1:
        given |= {"occurred_at": number * SECOND if number < 9 else NOON - number * DAY}
    return problem(f"key-{number % 7}", SEVERITIES[number % 3], **given)


async def fill(scene: Scene) -> list[dict[str, Any]]:
    """Record events, and give their documents, the newest first."""
    bodies: list[dict[str, Any]] = [
        {"v": number, "tags": [f"tag-{number % 3}"] * (number % 3), "half": number / 2}
        for number in range(40)
    ]
    for number, body in enumerate(bodies):
        scene.clock.now += 1_000_000_123 if number % 5 else 3_600 * SECOND
        await scene.write(submission(scene.source, signal(number), body=msgspec.json.encode(body)))
    await scene.record(recovery("key-1"))
    await scene.record(Signal(Kind.ACKNOWLEDGEMENT, "key-2", Severity.NONE, "seen"))
    events = [event for event in await scene.events() if event.type]
    assert len(events) == 41
    return [document(event, body) for event, body in zip(events, [*bodies, {}], strict=True)][::-1]


@pytest.fixture
async def copy(tmp_path: Path) -> AsyncIterator[Copy]:
    """Give an empty columnar copy."""
    async with open_copy(tmp_path) as opened:
        yield opened


def caller(scene: Scene, *projects: str) -> Caller:
    domain_id = scene.source.domain_id
    return Caller(Principal(domain_id, "somebody"), domain_id, projects or None)


async def stat(
    scene: Scene, query: dict[str, Any], *projects: str, copy: Copy | None = None
) -> dict[str, Any]:
    events = EventStat(Archive(scene.database, Counting(scene.database, copy)))
    return await events.answer({"query": query}, caller(scene, *projects))


PIPELINES: dict[str, list[dict[str, Any]]] = {
    "by severity and hour": [
        {"group": {"keys": [{"key": "severity", "name": "s"}, HOUR], "fields": [COUNT]}}
    ],
    "by day": [
        {
            "group": {
                "keys": [{"key": "occurred_at", "name": "d", "date_format": "%Y-%m-%d"}],
                "fields": [COUNT],
            }
        }
    ],
    "by type and host": [
        {
            "group": {
                "keys": [{"key": "event_type", "name": "t"}, {"key": "resource.name", "name": "h"}],
                "fields": [COUNT, {"name": "rules", "operator": "add_to_set", "key": "rule"}],
            }
        },
        {"sort": {"keys": [{"key": "n", "desc": True}, {"key": "h"}]}},
    ],
    "by webhook and alert": [
        {
            "group": {
                "keys": [{"key": "webhook_id", "name": "w"}, {"key": "alert_id", "name": "a"}],
                "fields": [
                    COUNT,
                    {"name": "newest", "operator": "max", "key": "event_id"},
                    {"name": "first", "operator": "first", "key": "event_id"},
                    {"name": "last", "operator": "last", "key": "event_id"},
                ],
            }
        }
    ],
    "how many": [{"count": {"name": "n"}}],
    "conditions": [
        {
            "group": {
                "fields": [
                    COUNT,
                    {
                        "name": "critical",
                        "operator": "count",
                        "conditions": [{"key": "severity", "value": "CRITICAL", "operator": "eq"}],
                    },
                ]
            }
        }
    ],
    "labels": [{"group": {"keys": [{"key": "additional_info.team", "name": "t"}], "fields": [COUNT]}}],
    "raw data": [
        {"unwind": {"path": "raw_data.tags"}},
        {
            "group": {
                "keys": [{"key": "raw_data.tags", "name": "t"}],
                "fields": [{"name": "sum", "operator": "sum", "key": "raw_data.half"}],
            }
        },
    ],
    "newest two, whole": [{"limit": 2}],
    "oldest two": [
        {"sort": {"key": "created_at"}},
        {"limit": 2},
        {"project": {"fields": [{"key": "event_id", "name": "id"}, {"key": "created_at", "name": "at"}]}},
    ],
}


async def test_answers_as_the_plain_evaluation_of_the_events(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = await fill(scene)
    for name, aggregate in PIPELINES.items():
        expected = written(oracle.answer(aggregate, documents))
        assert (await stat(scene, {"aggregate": aggregate}))["results"] == expected, name
    monkeypatch.setattr(tally, "MOST", 1)
    for name, aggregate in PIPELINES.items():
        expected = written(oracle.answer(aggregate, documents))
        assert (await stat(scene, {"aggregate": aggregate}))["results"] == expected, f"{name}, event by event"


COUNTED = ("by severity and hour", "by day", "by type and host", "how many", "conditions")


async def test_what_an_engine_can_count_is_not_gone_through_event_by_event(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = await fill(scene)
    monkeypatch.setattr(search, "parts_of_events", None)
    for name in COUNTED:
        expected = written(oracle.answer(PIPELINES[name], documents))
        assert (await stat(scene, {"aggregate": PIPELINES[name]}))["results"] == expected, name
    severities = ["CRITICAL", "NONE", "NOT_AVAILABLE", "WARNING"]
    assert await stat(scene, {"distinct": "severity"}) == {"results": severities}


async def test_the_columnar_copy_and_what_came_after_it_are_counted_alike(
    scene: Scene, copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = await fill(scene)
    await Copier(scene.database, copy, Metrics()).round(copy)
    await scene.record(problem("late", Severity.CRITICAL, host="web-9"))
    documents.insert(0, document((await scene.events())[-1], {}))
    monkeypatch.setattr(tally, "tally", None)
    for name in COUNTED:
        expected = written(oracle.answer(PIPELINES[name], documents))
        assert (await stat(scene, {"aggregate": PIPELINES[name]}, copy=copy))["results"] == expected, name
    assert "late" in (await stat(scene, {"distinct": "event_key"}, copy=copy))["results"]


async def test_filters_pages_and_distinct_values(scene: Scene) -> None:
    documents = await fill(scene)
    critical = [each for each in documents if each["severity"] == "CRITICAL"]
    is_critical = [{"key": "severity", "value": "CRITICAL", "operator": "eq"}]
    count = [{"count": {"name": "n"}}]
    assert await stat(scene, {"aggregate": count, "filter": is_critical}) == {
        "results": [{"n": len(critical)}]
    }
    odd = [{"key": "raw_data.v", "value": 38, "operator": "gte"}]
    assert await stat(scene, {"aggregate": count, "filter": odd}) == {"results": [{"n": 2}]}
    assert await stat(scene, {"aggregate": count, "filter": is_critical, "keyword": "nothing-like-it"}) == {
        "results": []
    }
    by_key = [
        {"group": {"keys": [{"key": "event_key", "name": "k"}], "fields": [COUNT]}},
        {"sort": {"key": "k"}},
    ]
    assert await stat(scene, {"aggregate": by_key, "page": {"start": 2, "limit": 2}}) == {
        "results": [{"k": "key-1", "n": 7}, {"k": "key-2", "n": 6}],
        "total_count": 7,
    }
    assert await stat(scene, {"aggregate": by_key, "page": {"start": 20, "limit": 2}}) == {
        "results": [],
        "total_count": 7,
    }
    keys = sorted({each["event_key"] for each in documents})
    assert await stat(scene, {"distinct": "event_key"}) == {"results": keys}
    assert await stat(scene, {"distinct": "event_key", "page": {"limit": 3}}) == {
        "results": keys[:3],
        "total_count": 7,
    }
    assert (await stat(scene, {"distinct": "raw_data.tags"}))["results"] == ["tag-1", "tag-2"]
    assert (await stat(scene, {"distinct": "occurred_at"}))["results"][:2] == [None, "1970-01-01T00:00:01Z"]
    assert await stat(scene, {"distinct": "no_such_field"}) == {"results": []}


async def test_what_cannot_be_answered_is_refused(scene: Scene) -> None:
    await fill(scene)
    for query, code, message in (
        ({}, "ERROR_REQUIRED_PARAMETER", "Required parameter. (key = aggregate)"),
        ({"aggregate": [{}]}, "ERROR_DB_QUERY", "aggregate.unwind or aggregate.group"),
        (
            {"aggregate": [{"project": {"fields": [{"key": "rule", "name": "x", "operator": "size"}]}}]},
            "ERROR_DB_QUERY",
            "(reason = The argument to $size must be an array, but was of type: null)",
        ),
        (
            {"aggregate": [{"group": {"keys": [{"key": "title", "name": "x", "date_format": "year"}]}}]},
            "ERROR_DB_QUERY",
            "can't convert from BSON type string to Date",
        ),
    ):
        with pytest.raises(CloudforetError) as caught:
            await stat(scene, query)
        assert caught.value.code == code
        assert message in caught.value.message


async def test_rows_that_become_too_many_are_given_up_and_others_go_on_meanwhile(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {name: list(range(1_000)) for name in "abcd"}
    await scene.write(submission(scene.source, problem("wide"), body=msgspec.json.encode(body)))
    monkeypatch.setattr(archive, "_SECONDS", 0.5)
    explosion = [*({"unwind": {"path": f"raw_data.{name}"}} for name in "abcd"), {"count": {"name": "n"}}]
    asked = asyncio.ensure_future(stat(scene, {"aggregate": explosion}))
    turns = 0
    while not asked.done():
        await asyncio.sleep(0.001)
        turns += 1
    with pytest.raises(TooSlow):
        await asked
    assert turns > 5


async def test_counts_what_the_caller_sees(scene: Scene) -> None:
    documents = await fill(scene)
    foreign = await new_source(scene.database, "other")
    await scene.write(submission(foreign, problem("foreign")))
    count = {"aggregate": [{"count": {"name": "n"}}]}
    assert await stat(scene, count) == {"results": [{"n": len(documents)}]}
    assert await stat(scene, count, scene.source.project_id) == {"results": [{"n": len(documents)}]}
    assert await stat(scene, count, foreign.project_id) == {"results": []}


def written(value: Any) -> Any:
    """Write the moments in an answer as Event.stat does."""
    if isinstance(value, dict):
        return {name: written(each) for name, each in value.items()}
    if isinstance(value, list):
        return [written(each) for each in value]
    return value.isoformat().replace("+00:00", "Z") if hasattr(value, "isoformat") else value
