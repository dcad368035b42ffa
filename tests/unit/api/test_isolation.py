"""Whatever a user of one domain asks, of another domain it sees, counts and changes nothing.

Every route of the API has a row here; a new one without a row fails.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

import pytest
from litestar.routes import HTTPRoute
from msgspec import Struct
from sqlalchemy import Connection, select

from tests.unit.server.in_process import Served, Tenant, streaming
from tocsin.api.app import create_app
from tocsin.api.intake import Intake
from tocsin.hub.hub import Hub
from tocsin.store import tables

pytestmark = pytest.mark.anyio

DISK = {"key": "db1/disk", "title": "Disk full on db1", "host": "db1", "labels": {"owner": "theirs"}}
PAST = DISK | {"state": "down", "occurred_at": 1}
SECRET_WORD: Final = "umbrella"
"""Stands in everything that the other domain has."""


class Attempt(Struct, frozen=True):
    """What a stranger tries at a route.

    Attributes:
        path: with the names of what the other domain has, see `Theirs`.
        body: likewise.
        status: what it must get; 200 where the answer may hold its own things only.
    """

    path: str
    body: Any = None
    status: int = 404


class Theirs(Struct, frozen=True):
    """What the other domain has: ids of an event, an open alert and other things, some with their name."""

    event: str
    alert: str
    source: str
    source_name: str
    project: str
    project_name: str
    token: str
    target: str
    target_name: str
    route: str
    route_name: str
    delivery: str
    rejected: str
    user: str
    user_name: str
    role: str
    role_name: str
    downtime: str
    silence: str
    view: str


REMARK: Final = {"comment": "mine now"}
OPEN: Final = {
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /openapi.json",
    # Whoever logs in has not said yet of which domain they are.
    "POST /api/v1/session",
    "GET /api/v1/session/ways",
    "GET /api/v1/session/oidc",
    "GET /api/v1/session/oidc/callback",
    "GET /api/v1/session/oidc/end",
}


def named(kind: str, first: Any, second: Any) -> dict[str, tuple[Attempt, ...]]:
    """Give what is tried at one thing of a kind that has names.

    Args:
        kind: what its things are called.
        first: what is changed of the one with their id.
        second: likewise, of the one with their name.
    """
    route, by_id, by_name = (f"/api/v1/{kind}s/{{{part}}}" for part in ("name_or_id", kind, f"{kind}_name"))
    return {
        f"GET {route}": (Attempt(by_id), Attempt(by_name)),
        f"PATCH {route}": (Attempt(by_id, first), Attempt(by_name, second)),
        f"DELETE {route}": (Attempt(by_id), Attempt(by_name)),
    }


ATTEMPTS: Final[Mapping[str, tuple[Attempt, ...]]] = {
    **named("source", {"enabled": False}, {"name": "stolen"}),
    **named("target", {"enabled": False}, {"url": "http://x"}),
    **named("route", {"enabled": False}, {"targets": []}),
    **named("user", {"disabled": True}, {"password": "stolen"}),
    **named("role", {"permissions": []}, {"name": "stolen"}),
    "POST /api/v1/events": (
        Attempt("/api/v1/events", {"key": "k", "title": "t", "source_id": "{source}"}, 400),
        Attempt("/api/v1/events", {"key": "k", "title": "t", "source_id": "{source_name}"}, 400),
        # The same key opens an alert of its own.
        Attempt("/api/v1/events", DISK | {"kind": "recovery"}, 200),
    ),
    "GET /api/v1/events": (
        Attempt("/api/v1/events?limit=1000", status=200),
        Attempt(f"/api/v1/events?q={SECRET_WORD}", status=200),
        Attempt("/api/v1/events?q=source:{source}", status=200),
        Attempt('/api/v1/events?q=source:"{source_name}"', status=200),
        Attempt("/api/v1/events?q=source_id={source}", status=200),
        Attempt("/api/v1/events?q=project:{project}", status=200),
        Attempt("/api/v1/events?q=alert_id={alert} OR id={event}", status=200),
        Attempt("/api/v1/events?q=key~disk", status=200),
        Attempt("/api/v1/events?cursor=WzEwMDBd", status=200),
    ),
    "GET /api/v1/events/count": (
        Attempt("/api/v1/events/count?by=source,project,host,key&bucket=1h", status=200),
        Attempt(f"/api/v1/events/count?q={SECRET_WORD}&by=title", status=200),
        Attempt("/api/v1/events/count?q=key~disk&by=labels.owner", status=200),
    ),
    "GET /api/v1/events/histogram": (Attempt("/api/v1/events/histogram?by=title", status=200),),
    "GET /api/v1/events/facets": (
        Attempt("/api/v1/events/facets?fields=source,title,labels.owner", status=200),
    ),
    "GET /api/v1/events/export": (Attempt("/api/v1/events/export?format=ndjson", status=200),),
    "GET /api/v1/alerts/export": (Attempt("/api/v1/alerts/export?format=csv", status=200),),
    "GET /api/v1/alerts/durations": (
        Attempt("/api/v1/alerts/durations?by=title", status=200),
        Attempt("/api/v1/alerts/durations?by=labels.owner", status=200),
    ),
    "GET /api/v1/alerts/count": (Attempt("/api/v1/alerts/count?by=source,title&bucket=1h", status=200),),
    "GET /api/v1/alerts/facets": (Attempt("/api/v1/alerts/facets?fields=source,title", status=200),),
    "GET /api/v1/events/stream": (Attempt("/api/v1/events/stream?after=0", status=200),),
    "GET /api/v1/events/{event_id}": (Attempt("/api/v1/events/{event}"),),
    "GET /api/v1/events/{event_id}/why": (Attempt("/api/v1/events/{event}/why"),),
    "GET /api/v1/receipts": (
        Attempt("/api/v1/receipts?limit=1000", status=200),
        Attempt("/api/v1/receipts?q=outcome:rejected", status=200),
        Attempt('/api/v1/receipts?q=source:"{source_name}" OR id={event}', status=200),
        Attempt("/api/v1/receipts?cursor=WzEwMDAsMCwiIl0", status=200),
    ),
    "GET /api/v1/alerts": (
        Attempt("/api/v1/alerts?limit=1000", status=200),
        Attempt(f"/api/v1/alerts?q={SECRET_WORD}", status=200),
        Attempt('/api/v1/alerts?q=source:"{source_name}" OR id={alert}', status=200),
        Attempt("/api/v1/alerts?cursor=WzEwMDBd", status=200),
    ),
    "GET /api/v1/alerts/{alert_id}": (Attempt("/api/v1/alerts/{alert}"),),
    "POST /api/v1/alerts/{alert_id}/acknowledge": (Attempt("/api/v1/alerts/{alert}/acknowledge", REMARK),),
    "POST /api/v1/alerts/{alert_id}/unacknowledge": (
        Attempt("/api/v1/alerts/{alert}/unacknowledge", REMARK),
    ),
    "POST /api/v1/alerts/{alert_id}/resolve": (Attempt("/api/v1/alerts/{alert}/resolve", REMARK),),
    "POST /api/v1/alerts/bulk": (
        Attempt("/api/v1/alerts/bulk", {"q": "id={alert}", "action": "resolve", "expected": 1}, 409),
        Attempt("/api/v1/alerts/bulk", {"q": 'source:"{source_name}"', "action": "resolve"}, 200),
    ),
    "POST /api/v1/alerts/{alert_id}/assign": (Attempt("/api/v1/alerts/{alert}/assign", REMARK),),
    "POST /api/v1/alerts/{alert_id}/note": (Attempt("/api/v1/alerts/{alert}/note", REMARK),),
    "GET /api/v1/sources": (Attempt("/api/v1/sources", status=200),),
    "POST /api/v1/sources": (
        Attempt("/api/v1/sources", {"name": "new", "project_id": "{project}"}),
        Attempt("/api/v1/sources", {"name": "new", "project_id": "{project_name}"}),
    ),
    "POST /api/v1/sources/{name_or_id}/test": (
        Attempt("/api/v1/sources/{source}/test", DISK),
        Attempt("/api/v1/sources/{source_name}/test", DISK),
    ),
    "GET /api/v1/targets": (Attempt("/api/v1/targets", status=200),),
    "POST /api/v1/targets": (
        Attempt("/api/v1/targets", {"name": "{target_name}", "kind": "webhook", "url": "http://x"}, 201),
    ),
    "POST /api/v1/targets/{name_or_id}/test": (
        Attempt("/api/v1/targets/{target}/test"),
        Attempt("/api/v1/targets/{target_name}/test"),
    ),
    "GET /api/v1/routes": (Attempt("/api/v1/routes", status=200),),
    "POST /api/v1/routes": (
        Attempt("/api/v1/routes", {"name": "{route_name}", "targets": ["{target}"]}),
        Attempt("/api/v1/routes", {"name": "{route_name}", "targets": ["{target_name}"]}),
        Attempt("/api/v1/routes", {"name": "{route_name}"}, 201),
    ),
    "POST /api/v1/routes/test": (
        Attempt("/api/v1/routes/test", {"event": DISK}, 200),
        Attempt("/api/v1/routes/test", {"event": DISK | {"source_id": "{source}"}}),
        Attempt("/api/v1/routes/test", {"event_id": "{event}"}),
    ),
    "GET /api/v1/silences": (
        Attempt("/api/v1/silences", status=200),
        Attempt("/api/v1/silences?state=active", status=200),
    ),
    "POST /api/v1/silences": (
        Attempt("/api/v1/silences", {"expression": "source:{source}", "duration": 60}, 201),
    ),
    "GET /api/v1/silences/{silence_id}": (Attempt("/api/v1/silences/{silence}"),),
    "PATCH /api/v1/silences/{silence_id}": (Attempt("/api/v1/silences/{silence}", {"duration": 1}),),
    "POST /api/v1/silences/{silence_id}/expire": (Attempt("/api/v1/silences/{silence}/expire"),),
    "POST /api/v1/silences/preview": (
        Attempt("/api/v1/silences/preview", {"expression": ""}, 200),
        Attempt("/api/v1/silences/preview", {"expression": "source:{source}"}, 200),
    ),
    "GET /api/v1/views": (Attempt("/api/v1/views?counts=true", status=200),),
    "POST /api/v1/views": (
        # Names are taken within a domain only.
        Attempt("/api/v1/views", {"name": f"{SECRET_WORD} view", "page": "events", "shared": True}, 201),
    ),
    "GET /api/v1/views/{view_id}": (Attempt("/api/v1/views/{view}"),),
    "PATCH /api/v1/views/{view_id}": (Attempt("/api/v1/views/{view}", {"name": "stolen"}),),
    "DELETE /api/v1/views/{view_id}": (Attempt("/api/v1/views/{view}"),),
    "GET /api/v1/deliveries": (
        Attempt("/api/v1/deliveries", status=200),
        Attempt("/api/v1/deliveries?state=dead&alert={alert}&event={event}&log=true", status=200),
        Attempt("/api/v1/deliveries?target={target}"),
        Attempt("/api/v1/deliveries?target={target_name}"),
        Attempt("/api/v1/deliveries?route={route_name}"),
    ),
    "GET /api/v1/deliveries/count": (
        Attempt("/api/v1/deliveries/count?by=state,target_id,route_id", status=200),
        Attempt("/api/v1/deliveries/count?alert={alert}&event={event}", status=200),
        Attempt("/api/v1/deliveries/count?target={target_name}"),
        Attempt("/api/v1/deliveries/count?route={route}"),
    ),
    "GET /api/v1/deliveries/targets": (Attempt("/api/v1/deliveries/targets", status=200),),
    "GET /api/v1/deliveries/{delivery_id}": (Attempt("/api/v1/deliveries/{delivery}"),),
    "POST /api/v1/deliveries/{delivery_id}/retry": (Attempt("/api/v1/deliveries/{delivery}/retry"),),
    "POST /api/v1/deliveries/retry": (
        Attempt("/api/v1/deliveries/retry", {}, 202),
        Attempt("/api/v1/deliveries/retry", {"route": "{route}"}),
        Attempt("/api/v1/deliveries/retry", {"target": "{target}"}),
        Attempt("/api/v1/deliveries/retry", {"target": "{target_name}"}),
    ),
    "GET /api/v1/rejected": (
        Attempt("/api/v1/rejected", status=200),
        Attempt("/api/v1/rejected?source={source}"),
        Attempt("/api/v1/rejected?source={source_name}"),
    ),
    "GET /api/v1/rejected/{rejected_id}": (Attempt("/api/v1/rejected/{rejected}"),),
    "POST /api/v1/rejected/{rejected_id}/replay": (Attempt("/api/v1/rejected/{rejected}/replay"),),
    "DELETE /api/v1/rejected/{rejected_id}": (Attempt("/api/v1/rejected/{rejected}"),),
    "GET /api/v1/projects": (Attempt("/api/v1/projects", status=200),),
    "POST /api/v1/projects": (Attempt("/api/v1/projects", {"name": "mine", "id": "{project}"}, 409),),
    "GET /api/v1/tokens": (Attempt("/api/v1/tokens", status=200),),
    "POST /api/v1/tokens": (Attempt("/api/v1/tokens", {"name": "{token}"}, 201),),
    "DELETE /api/v1/tokens/{token_id}": (Attempt("/api/v1/tokens/{token}"),),
    "GET /api/v1/session": (Attempt("/api/v1/session", status=200),),
    "DELETE /api/v1/session": (Attempt("/api/v1/session", status=409),),
    "POST /api/v1/session/password": (
        Attempt("/api/v1/session/password", {"password": "x", "new_password": "y"}, 401),
    ),
    "GET /api/v1/users": (Attempt("/api/v1/users", status=200),),
    "POST /api/v1/users": (
        Attempt("/api/v1/users", {"name": "mine", "role": "{role}"}),
        Attempt("/api/v1/users", {"name": "mine", "role": "{role_name}"}),
        # Names are unique over all domains.
        Attempt("/api/v1/users", {"name": "{user_name}"}, 409),
    ),
    "GET /api/v1/roles": (Attempt("/api/v1/roles", status=200),),
    "POST /api/v1/roles": (
        Attempt("/api/v1/roles", {"name": "own", "permissions": ["VIEWSOME"], "scope": "project:x"}, 201),
    ),
    "POST /api/v1/history": (
        Attempt("/api/v1/history?source={source}", [PAST]),
        Attempt("/api/v1/history?source={source_name}", [PAST]),
        # The same fact is one of its own.
        Attempt("/api/v1/history", [PAST], 200),
    ),
    "GET /api/v1/objects": (
        Attempt("/api/v1/objects", status=200),
        Attempt("/api/v1/objects?q=host:db1", status=200),
    ),
    "GET /api/v1/downtimes": (
        Attempt("/api/v1/downtimes", status=200),
        Attempt("/api/v1/downtimes?q=host:db1", status=200),
    ),
    "POST /api/v1/downtimes": (
        Attempt("/api/v1/downtimes", {"expression": "host:db1", "comment": "x", "duration": 60}, 400),
    ),
    "DELETE /api/v1/downtimes/{downtime_id}": (Attempt("/api/v1/downtimes/{downtime}"),),
    "GET /api/v1/world": (Attempt("/api/v1/world", status=200),),
    "PATCH /api/v1/world": (
        Attempt("/api/v1/world", {"hosts": [{"name": "mine", "group": SECRET_WORD}]}, 400),
        Attempt("/api/v1/world?prune=true", {"host_groups": [], "hosts": []}, 200),
    ),
    "GET /api/v1/audit": (
        Attempt("/api/v1/audit?limit=1000", status=200),
        Attempt(f"/api/v1/audit?q={SECRET_WORD}", status=200),
        Attempt("/api/v1/audit?q=subject_id={source}", status=200),
        Attempt("/api/v1/audit?cursor=WzEwMDBd", status=200),
    ),
}


def routes() -> set[str]:
    """Give every route as its method and path."""
    app = create_app(cast("Hub", None), cast("Intake", None), {}, version="0", body_limit=1, batch_limit=1)
    return {
        f"{method} {route.path_format}"
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method in route.route_handler_map
        if method != "OPTIONS"
    }


def test_every_route_has_its_attempts() -> None:
    assert set(ATTEMPTS) | OPEN == routes()


async def everything(served: Served, domain_id: str) -> dict[str, list[tuple[Any, ...]]]:
    """Give every row that a domain has in the store, but for what time does whoever asks."""

    def look(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
        found = {}
        for table in tables.metadata.sorted_tables:
            owner = table.c.id if table is tables.domain else table.c.get("domain_id")
            if owner is not None and table is not tables.due:
                rows = connection.execute(
                    select(table).where(owner == domain_id).order_by(*table.primary_key)
                )
                found[table.name] = [tuple(row) for row in rows]
        return found

    return await served.hub.database.read(look)


@pytest.fixture(scope="module")
async def stranger(served: Served) -> Tenant:
    """Give another domain on the same server: one for all tests, since none may change it."""
    return await served.new_tenant()


@pytest.fixture(scope="module")
async def theirs(stranger: Tenant) -> Theirs:
    """Fill the other domain with something of everything."""
    project = await stranger.post("/api/v1/projects", {"name": f"{SECRET_WORD} project"}, status=201)
    source = await stranger.new_source(f"{SECRET_WORD} source")
    item = DISK | {"title": SECRET_WORD, "source_id": source.id}
    await stranger.send(*(item | {"key": f"{n}"} for n in range(20)), item, item)
    alert = (await stranger.get("/api/v1/alerts", q="key=db1/disk"))["items"][0]["id"]
    await stranger.post(f"/api/v1/alerts/{alert}/acknowledge", {"comment": SECRET_WORD})
    await stranger.post("/api/v1/history", [PAST | {"title": SECRET_WORD}])
    await stranger.refuse("POST", "/api/v1/events", json={"key": SECRET_WORD})
    token, _ = await stranger.new_token()
    url = f"http://pager.test/{SECRET_WORD}"
    target = await stranger.post(
        "/api/v1/targets", {"name": f"{SECRET_WORD} pager", "kind": "webhook", "url": url}, status=201
    )
    trial = await stranger.post(f"/api/v1/targets/{target['id']}/test", status=202)
    await stranger.give_up(target["id"])
    route = await stranger.post(
        "/api/v1/routes", {"name": f"{SECRET_WORD} route", "targets": [target["id"]]}, status=201
    )
    # Nothing changes by itself while the tests look.
    paused = await stranger.ask("PATCH", f"/api/v1/targets/{target['id']}", json={"enabled": False})
    assert paused.status_code == 200, paused.text
    silence = await stranger.post(
        "/api/v1/silences",
        {"expression": f"title:{SECRET_WORD}", "duration": 3600, "comment": SECRET_WORD},
        status=201,
    )
    view = await stranger.post(
        "/api/v1/views",
        {"name": f"{SECRET_WORD} view", "page": "alerts", "expression": SECRET_WORD, "shared": True},
        status=201,
    )
    downtime = await stranger.post(
        "/api/v1/downtimes",
        {"expression": "host:db1", "comment": SECRET_WORD, "duration": 3600},
        status=201,
    )
    monitored = await stranger.ask("PATCH", "/api/v1/world", json={"keywords": [{"name": SECRET_WORD}]})
    assert monitored.status_code == 200, monitored.text
    wanted = {"name": f"{SECRET_WORD} role {stranger.id}", "permissions": ["VIEWALL"]}
    role = await stranger.post("/api/v1/roles", wanted, status=201)
    wanted = {"name": f"{SECRET_WORD} user {stranger.id}", "role": role["id"]}
    user = await stranger.post("/api/v1/users", wanted, status=201)
    return Theirs(
        event="event-000000000016",
        alert=alert,
        source=source.id,
        source_name=source.name,
        project=project["id"],
        project_name=project["name"],
        token=token.id,
        user=user["id"],
        user_name=user["name"],
        role=role["id"],
        role_name=role["name"],
        target=target["id"],
        target_name=target["name"],
        route=route["id"],
        route_name=route["name"],
        silence=silence["id"],
        view=view["id"],
        downtime=downtime["id"],
        delivery=trial["delivery_id"],
        rejected=(await stranger.get("/api/v1/rejected"))["items"][0]["id"],
    )


def told(told_of: Any, theirs: Theirs) -> Any:
    """Put the names of what the other domain has into an attempt."""
    if isinstance(told_of, str):
        for name in Theirs.__struct_fields__:
            told_of = told_of.replace(f"{{{name}}}", getattr(theirs, name))
        return told_of
    if isinstance(told_of, dict):
        return {name: told(value, theirs) for name, value in told_of.items()}
    return told_of


def test_every_table_of_a_domain_is_looked_at() -> None:
    without = {table.name for table in tables.metadata.sorted_tables if table.c.get("domain_id") is None}
    assert without == {"domain", "configuration"}


@pytest.mark.parametrize("name", [name for name in ATTEMPTS if not name.endswith("/stream")])
async def test_of_another_domain_nothing_is_seen_and_nothing_changed(
    tenant: Tenant, stranger: Tenant, theirs: Theirs, name: str
) -> None:
    before = await everything(stranger.served, stranger.id)
    recorded = ("event", "alert", "object", "payload", "rejected")
    assert all(
        before[table]
        for table in (*recorded, "token", "target", "route", "audit", "silence", "view", "configured")
    )
    method = name.split(maxsplit=1)[0]
    for attempt in ATTEMPTS[name]:
        path, body = told(attempt.path, theirs), told(attempt.body, theirs)
        answer = await tenant.ask(method, path, **({} if body is None else {"json": body}))
        assert answer.status_code == attempt.status, answer.text
        if attempt.status == 200:
            assert SECRET_WORD not in answer.text
            for their_id in (
                stranger.id,
                theirs.source,
                theirs.project,
                theirs.token,
                theirs.target,
                theirs.route,
                theirs.silence,
                theirs.view,
            ):
                assert their_id not in answer.text
    assert await everything(stranger.served, stranger.id) == before


async def test_lists_are_empty_where_only_the_other_domain_has_something(
    tenant: Tenant, theirs: Theirs
) -> None:
    for name in ("events", "alerts", "receipts"):
        for path in ATTEMPTS[f"GET /api/v1/{name}"]:
            assert (await tenant.ask("GET", told(path.path, theirs))).json() == {"items": [], "next": None}
    assert [source["id"] for source in (await tenant.get("/api/v1/sources"))["items"]] == [tenant.source.id]
    projects = (await tenant.get("/api/v1/projects"))["items"]
    assert [project["id"] for project in projects] == [tenant.source.project_id]
    assert len((await tenant.get("/api/v1/tokens"))["items"]) == 1


async def test_the_stream_has_events_of_its_own_domain_only(
    tenant: Tenant, stranger: Tenant, theirs: Theirs
) -> None:
    headers = {"Authorization": f"Bearer {tenant.token}"}
    (attempt,) = ATTEMPTS["GET /api/v1/events/stream"]
    path, _, query = attempt.path.partition("?")
    async with streaming(tenant.served.application, path, query, headers) as stream:
        await stranger.send(DISK | {"title": SECRET_WORD, "source_id": theirs.source})
        await tenant.send({"key": "own", "title": "t"})
        event = await stream.event()
        assert (event["key"], event["seq"]) == ("own", 1)


async def test_the_same_ids_mean_its_own(tenant: Tenant, theirs: Theirs) -> None:
    await tenant.send({"key": "own", "title": "t"})
    assert (await tenant.get("/api/v1/events/event-000000000001"))["key"] == "own"
    assert (await tenant.get("/api/v1/alerts/alert-000000000001"))["key"] == "own"
    assert theirs.event


@pytest.mark.parametrize("key_of", ["first", "second"])
async def test_a_key_opens_the_inlets_of_its_own_source_only(served: Served, key_of: str) -> None:
    first, second = await served.new_tenant(), await served.new_tenant()
    owner, other = (first, second) if key_of == "first" else (second, first)
    key = owner.source.access_key
    post = served.client.post
    assert (await post(f"/in/{other.source.id}/{key}", json=DISK)).status_code == 404
    assert (await post(f"/in/{owner.source.id}/{key}", json=DISK)).status_code == 200
    message = {"message_type": "CRITICAL", "entity_id": "k"}
    assert (await post(f"/integrations/generic/1/alert/{key}", json=message)).status_code == 200
    assert (len(await owner.events()), len(await other.events())) == (2, 0)
