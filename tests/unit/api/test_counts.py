"""Counts in groups, the histogram and the facets, as they come over HTTP."""

from typing import Any

import pytest

from tests.unit.server.in_process import Tenant
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

COUNT = "/api/v1/events/count"
FACETS = "/api/v1/events/facets"
HISTOGRAM = "/api/v1/events/histogram"
NOON = "2026-01-02T12:00:00Z"


def item(number: int, **fields: Any) -> dict[str, Any]:
    return {"key": f"k{number}", "title": "t", "occurred_at": NOON, **fields}


async def fill(tenant: Tenant) -> None:
    """Send 3 critical of host a, 2 warnings of host a and 1 warning of host b, an hour later."""
    await tenant.send(
        *(item(n, host="a", labels={"team": "x"}) for n in range(3)),
        *(item(n, host="a", severity="warning") for n in range(3, 5)),
        item(5, host="b", severity="warning", occurred_at="2026-01-02T13:05:00Z"),
    )


async def test_one_number(tenant: Tenant) -> None:
    assert await tenant.get(COUNT) == {"total": 0, "groups": 0, "items": []}
    await fill(tenant)
    found = await tenant.get(COUNT, q="host:a")
    assert found == {"total": 5, "groups": 1, "items": [{"start": None, "values": {}, "count": 5}]}


async def test_groups_the_greatest_first_and_the_rest(tenant: Tenant) -> None:
    await fill(tenant)
    found = await tenant.get(COUNT, by="severity, host", limit=2)
    assert (found["total"], found["groups"]) == (6, 3)
    assert [(each["values"], each["count"]) for each in found["items"]] == [
        ({"severity": "critical", "host": "a"}, 3),
        ({"severity": "warning", "host": "a"}, 2),
        (None, 1),
    ]


async def test_a_label_and_the_name_of_the_source(tenant: Tenant) -> None:
    await fill(tenant)
    found = await tenant.get(COUNT, by="labels.team,source")
    assert [(each["values"]["labels.team"], each["count"]) for each in found["items"]] == [("", 3), ("x", 3)]
    assert {each["values"]["source"] for each in found["items"]} == {tenant.source.name}


async def test_by_time(tenant: Tenant) -> None:
    await fill(tenant)
    found = await tenant.get(COUNT, bucket="1h")
    assert [(each["start"], each["count"]) for each in found["items"]] == [
        ("2026-01-02T12:00:00.000000Z", 5),
        ("2026-01-02T13:00:00.000000Z", 1),
    ]


async def test_what_only_python_decides_is_counted_alike(tenant: Tenant) -> None:
    await fill(tenant)
    found = await tenant.get(COUNT, q="host~^a$", by="severity")
    assert [(each["values"], each["count"]) for each in found["items"]] == [
        ({"severity": "critical"}, 3),
        ({"severity": "warning"}, 2),
    ]


async def test_alerts_are_counted(tenant: Tenant) -> None:
    await fill(tenant)
    await tenant.send(item(0, kind="recovery"))
    found = await tenant.get("/api/v1/alerts/count", by="state")
    counts = {each["values"]["state"]: each["count"] for each in found["items"]}
    assert counts["resolved"] == 1
    assert sum(counts.values()) == found["total"]
    (facet,) = (await tenant.get("/api/v1/alerts/facets", fields="state", q="state=open"))["items"]
    assert {each["value"]: each["count"] for each in facet["values"]} == counts


async def test_the_histogram_has_no_gap_and_adds_up(tenant: Tenant) -> None:
    await fill(tenant)
    bounds = {"from": "2026-01-02T11:30:00Z", "to": "2026-01-02T13:30:00Z"}
    found = await tenant.get(HISTOGRAM, **bounds)
    assert (found["bucket"], len(found["bars"]), found["total"]) == (60, 120, 6)
    # Two series of the same size come in the order of their names.
    assert found["series"] == ["critical", "warning"]
    shown = [(bar["start"][11:16], bar["counts"]) for bar in found["bars"] if any(bar["counts"])]
    assert shown == [("12:00", [3, 2]), ("13:05", [0, 1])]


async def test_the_histogram_puts_what_has_no_series_into_the_rest(tenant: Tenant) -> None:
    await fill(tenant)
    bounds = {"from": "2026-01-02", "to": "2026-01-03", "by": "host", "limit": 1}
    found = await tenant.get(HISTOGRAM, **bounds)
    assert found["series"] == ["a", None]
    assert [sum(each) for each in zip(*(bar["counts"] for bar in found["bars"]), strict=True)] == [5, 1]


@pytest.mark.parametrize("span", ["-61s", "-5m", "-1h", "-1d", "-30d", "-520w"])
async def test_a_histogram_has_60_to_150_bars(tenant: Tenant, span: str) -> None:
    found = await tenant.get(HISTOGRAM, **{"from": span})
    assert 60 <= len(found["bars"]) <= 150


@pytest.mark.parametrize("until", ["9999-12-31", "0100-01-01"])
async def test_a_histogram_from_too_far_back_is_refused(tenant: Tenant, until: str) -> None:
    answer = await tenant.ask("GET", HISTOGRAM, params={"from": "0001-01-01T00:00:00Z", "to": until})
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["detail"] == "lies too far back for a histogram"


async def test_a_facet_leaves_its_own_term_out(tenant: Tenant) -> None:
    await fill(tenant)
    found = await tenant.get(FACETS, fields="severity,host", q="severity=critical host:a", limit=1)
    severity, host = found["items"]
    assert severity == {
        "field": "severity",
        "total": 5,
        "distinct": 2,
        "values": [{"value": "critical", "count": 3}],
        "rest": 2,
    }
    assert (host["total"], host["values"], host["rest"]) == (3, [{"value": "a", "count": 3}], 0)


async def test_nobody_counts_what_is_outside_their_scope(tenant: Tenant) -> None:
    await fill(tenant)
    token = await tenant.new_user(Permission.VIEWSOME, scope="host=b")
    headers = {"Authorization": f"Bearer {token}"}
    for path in (
        f"{COUNT}?by=host",
        f"{FACETS}?fields=host&q=host=a",
        f"{HISTOGRAM}?by=host&from=2026-01-01",
    ):
        answer = (await tenant.served.client.get(path, headers=headers)).json()
        assert "'a'" not in str(answer)
        assert (answer["items"][0]["total"] if "facets" in path else answer["total"]) == 1


@pytest.mark.parametrize(
    ("path", "params", "says"),
    [
        (COUNT, {"by": "occurred"}, "by: 'occurred' is a time"),
        (COUNT, {"by": "severity,,host"}, "by: '' is no field"),
        (COUNT, {"by": "a,b,c,d,e"}, "by: has 5 fields; 4 are the most"),
        (COUNT, {"bucket": "often"}, "bucket: expected a span"),
        (COUNT, {"limit": 0}, "limit"),
        (FACETS, {}, "fields: names no field"),
        (HISTOGRAM, {"from": "now", "to": "-1h"}, "to: is not later than from"),
        (HISTOGRAM, {"from": "often"}, "from: expected a time"),
    ],
)
async def test_bad_parameters(tenant: Tenant, path: str, params: dict[str, Any], says: str) -> None:
    problem = await tenant.refuse("GET", path, params=params)
    assert problem["status"] == 400
    assert says in problem["detail"]


async def test_more_counts_than_an_answer_holds(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.store.aggregation.MOST", 1)
    await fill(tenant)
    problem = await tenant.refuse("GET", COUNT, params={"bucket": "1s"})
    assert (problem["status"], problem["code"]) == (400, "too_many_groups")
