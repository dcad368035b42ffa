"""A list answers exactly what a plain evaluation of its query over all documents says, on both engines."""

from datetime import timedelta
from functools import partial
from itertools import count, groupby
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from tests.property.document_oracle import in_order, matches
from tests.property.vocabulary import LABELS, WORDS, make_events
from tests.unit.query.records import NOW
from tocsin.dialects.cloudforet.conditions import asked_for, sorted_as
from tocsin.dialects.cloudforet.dates import moment
from tocsin.dialects.cloudforet.document import document
from tocsin.dialects.cloudforet.event_info import RawData
from tocsin.dialects.cloudforet.keys import Keys
from tocsin.hub.archive import Archive
from tocsin.model.event import Event
from tocsin.model.submission import Payload
from tocsin.store import bulk, glimpse, partitions, search_sqlite, tables
from tocsin.store.counting import Counting
from tocsin.store.database import Database
from tocsin.store.payloads import payload_columns
from tocsin.store.rows import event_row

pytestmark = pytest.mark.anyio

RECORDS = 80
domain_ids = map("domain-q{}".format, count())
now = moment(NOW)
DATES = [(now + timedelta(**{unit: size})).isoformat() for unit, size in (
    ("milliseconds", 0), ("milliseconds", -1), ("milliseconds", 1), ("days", -1), ("days", 1))]  # fmt: skip
BODIES: list[Any] = [
    {"n": 1, "tags": ["prod", "a"], "o": {"x": 1, "y": "a"}, "samples": [{"v": 10}, {"v": 20, "w": "a"}, {}]},
    {"n": 1.5, "tags": [], "o": {"y": "a", "x": 1.0}, "samples": {"v": 15}},
    {"n": "1", "tags": "prod", "o": None, "samples": [[{"v": 10}], 7]},
    {"n": True, "samples": [], "o": []},
    {"n": None, "o": "x", "tags": [["prod"], None]},
    {},
]
KEYS = [
    *("event_id", "alert_id", "event_key", "event_type", "severity", "title", "description", "rule"),
    *("provider", "account", "image_url", "webhook_id", "project_id", "user_projects", "domain_id"),
    *("resource", "resource_id", "resource.resource_type", "resource.name", "created_at", "occurred_at"),
    *("additional_info", "raw_data", "created_at", "occurred_at"),
    *(f"additional_info.{name}" for name in LABELS),
]
RAW_KEYS = [
    "n",
    "tags",
    "o",
    "o.x",
    "samples",
    "samples.v",
    "samples.0.v",
    "samples.w",
    "tags.0",
    "none.at.all",
]
SORTED = [key for key in KEYS if "." not in key and key not in {"additional_info", "raw_data", "domain_id"}]
SORTED += ["resource.name", "additional_info.region", "additional_info.a b"]
PLAIN = [
    *(None, True, False, 0, 1, 1.5, 15, "event-000000000003", "event-00000000000A", "alert-000000000002"),
    *("", "EVENT", "nt-0", "3", "CRITICAL", "critical", "NONE", "ALERT", "RECOVERY", "prod", "a", "no date"),
    *({"x": 1, "y": "a"}, {}, {"resource_id": "a"}, *DATES, *WORDS),
]
TEXTS = [value for value in PLAIN if isinstance(value, str)]
REGEXES = ["a", "^A", "[ab]+$", "ß|s", r"\\", "^$", ".", "^event-0+[1-5]$", "prod"]


def of(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def several(values: list[Any], least: int = 0) -> st.SearchStrategy[Any]:
    return st.lists(of(values), min_size=least, max_size=3)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("eq", "not"), of(PLAIN)),
    **dict.fromkeys(("gt", "gte", "lt", "lte"), of([each for each in PLAIN if not isinstance(each, dict)])),
    **dict.fromkeys(("in", "not_in"), several(PLAIN)),
    **dict.fromkeys(("contain", "not_contain"), of(TEXTS)),
    **dict.fromkeys(("contain_in", "not_contain_in"), several(TEXTS, 1)),
    "exists": st.booleans(),
    "match": of([{}, {"v": 10}, {"v": 20, "w": "a"}, {"w": None}]),
    "regex": of(REGEXES),
    "regex_in": several(REGEXES, 1),
    **dict.fromkeys([f"datetime_{order}" for order in ("gt", "gte", "lt", "lte")], of([*DATES, None, 7])),
    **dict.fromkeys(
        [f"timediff_{order}" for order in ("gt", "gte", "lt", "lte")],
        of(["now - 1d", "now + 1d", "now - 0s", "now - 1w"]),
    ),
}

keys = of(KEYS) | of(RAW_KEYS).map("raw_data.{}".format)
conditions = of(list(VALUES)).flatmap(
    lambda operator: st.fixed_dictionaries(
        {"key": keys, "value": VALUES[operator], "operator": st.just(operator)}
    )
)
sort_keys = st.fixed_dictionaries({"key": of(SORTED), "desc": st.booleans()})
queries = st.fixed_dictionaries(
    {},
    optional={
        "filter": st.lists(conditions, min_size=1, max_size=2),
        "filter_or": st.lists(conditions, min_size=1, max_size=3),
        "keyword": of(["a", "ß x", "3", " ", "event"]),
        "sort": sort_keys | st.lists(sort_keys, min_size=1, max_size=2).map(lambda each: {"keys": each}),
    },
)


@pytest.fixture(params=["as it is", "small"])
def scale(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "small":
        monkeypatch.setattr(search_sqlite, "NEWEST", 3)
        monkeypatch.setattr(search_sqlite, "FEW_ROWS", 2)
        monkeypatch.setattr(glimpse, "_MANY", 10)
        monkeypatch.setattr(glimpse, "_FEW", 3)


def make(domain_id: str, seed: int) -> tuple[list[Event], dict[int, Payload]]:
    """Make events with their payloads, of which an array holds those of several events."""
    chance = Random(seed)
    events, payloads = [], {}
    for _, same_day in groupby(make_events(domain_id, seed, RECORDS), key=lambda event: event.day):
        rest = list(same_day)
        while rest:
            size = chance.choice([1, 1, 3])
            together, rest = rest[:size], rest[size:]
            first = together[0].seq
            bodies = [chance.choice(BODIES) for _ in together]
            body = msgspec.json.encode(bodies if len(bodies) > 1 else bodies[0])
            if chance.random() < 0.9:
                payloads[first] = Payload("native", "application/json", {}, body)
            events += [
                msgspec.structs.replace(
                    event,
                    payload_seq=first,
                    payload_index=index,
                    alert_seq=max(event.alert_seq, 0),
                    occurred_at=chance.choice([0, 5_000, NOW - 1, NOW, NOW + 999, NOW + 1000]),
                    resource_id=event.resource_id if chance.random() < 0.5 else "",
                    resource_type="",
                    resource_name=event.resource_name if chance.random() < 0.5 else "",
                )
                for index, event in enumerate(together)
            ]
    return events, payloads


@settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32), asked=st.lists(queries, min_size=30, max_size=40))
async def test_lists(database: Database, scale: None, seed: int, asked: list[dict[str, Any]]) -> None:
    domain_id = next(domain_ids)
    events, payloads = make(domain_id, seed)
    days = {event.seq: event.day for event in events}

    def write(connection: Connection) -> None:
        last = events[-1]
        row = {"id": domain_id, "next_seq": last.seq + 1, "recorded_at": last.recorded_at}
        connection.execute(insert(tables.domain).values(**row))
        for day in set(days.values()):
            partitions.ensure(connection, day, day)
        bulk.insert(connection, tables.event, [event_row(event) for event in events])
        rows = [(domain_id, seq, days[seq], "", *payload_columns(each)) for seq, each in payloads.items()]
        bulk.insert(connection, tables.payload, rows)

    await database.write(write)
    raw = RawData()
    documents = [
        document(event, raw.of(payloads.get(event.payload_seq), event.payload_index))
        for event in events
        if event.type
    ]
    page = partial(
        Archive(database, Counting(database, None)).page, domain_id, show=lambda kept: kept.event.seq
    )
    for query in asked:
        named = Keys(domain_id, RawData())
        tree, order = asked_for(query, {}, named, now), sorted_as(query.get("sort", {}), named)
        found = [each for each in documents if matches(each, query, now)]
        wanted = [int(each["event_id"][6:], 16) for each in in_order(found, query.get("sort", {}))]
        answer = await page(tree, order=order)
        assert answer.total == len(wanted), query
        assert answer.items == wanted, query
        part = await page(tree, order=order, skip=3, limit=5)
        assert (part.total, part.items) == (len(wanted), wanted[3:8]), query
