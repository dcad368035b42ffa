"""Who may do what: every route, asked by everybody, of what is theirs and of what is not.

A new route without its rows fails.
"""

import re
from collections.abc import Mapping
from itertools import count
from typing import Any, Final, NamedTuple

import pytest
from msgspec import Struct
from sqlalchemy import update

from tests.unit.api.test_isolation import OPEN, routes
from tests.unit.server.in_process import Served, Tenant, streaming
from tocsin.model.access import Action
from tocsin.model.role import FIRST_ROLES, Permission
from tocsin.store import tables

pytestmark = pytest.mark.anyio

_numbers = count(1)
SOME = (Permission.VIEWSOME, Permission.ACTIONSOME, Permission.DOWNTIMESOME)
ROLES: Final = "nobody, key, viewer, scoped viewer, operator, scoped operator, administrator, limited"
"""In the order of a row's cells. The scope is the project `shop`, and the key that of a source in it.

The limited token is an administrator's, and may only read.
"""
PLACES: Final = ("own", "other project", "other domain")


class Rows(NamedTuple):
    """What everybody gets of a thing in the own project, another project of the domain, and another domain.

    A cell is a status; `sees` is a 200 that shows the thing, `not` one that does not.
    """

    own: str
    other_project: str
    other_domain: str


_NOBODY: Final = "401 403 "
FINDS = Rows(
    own=_NOBODY + "sees sees sees sees sees sees",
    other_project=_NOBODY + "sees not sees not sees sees",
    other_domain=_NOBODY + "not not not not not not",
)
"""A list of what lies in projects."""
SHOWS = Rows(
    own=_NOBODY + "sees sees sees sees sees sees",
    other_project=_NOBODY + "sees 404 sees 404 sees sees",
    other_domain=_NOBODY + "404 404 404 404 404 404",
)
"""One thing that lies in a project."""
ACTS = Rows(
    own=_NOBODY + "403 403 200 200 200 403",
    other_project=_NOBODY + "403 403 200 404 200 403",
    other_domain=_NOBODY + "403 403 404 404 404 403",
)
ACTS_ON_MANY = Rows(
    own=_NOBODY + "403 403 200 200 200 403",
    other_project=_NOBODY + "403 403 200 409 200 403",
    other_domain=_NOBODY + "403 403 409 409 409 403",
)
"""One alert is expected, and none found where they may not act."""
SENDS = Rows(
    own="401 200 403 403 200 403 200 403",
    other_project="401 400 403 403 200 403 200 403",
    other_domain="401 400 403 403 400 403 400 403",
)
"""A key sends for its own source only; the item that names another is rejected."""
OVERSEES_LIST = Rows(
    own=_NOBODY + "sees 403 sees 403 sees sees",
    other_project=_NOBODY + "sees 403 sees 403 sees sees",
    other_domain=_NOBODY + "not 403 not 403 not not",
)
"""A list of what belongs to the whole domain."""
OVERSEES_COUNT = Rows(*[_NOBODY + "200 403 200 403 200 200"] * 3)
OVERSEES = Rows(
    own=_NOBODY + "sees 403 sees 403 sees sees",
    other_project=_NOBODY + "sees 403 sees 403 sees sees",
    other_domain=_NOBODY + "404 403 404 403 404 404",
)
SILENCES = Rows(
    own=_NOBODY + "sees not sees not sees sees",
    other_project=_NOBODY + "sees not sees not sees sees",
    other_domain=_NOBODY + "not not not not not not",
)
"""A list of silences: these reach everywhere, and who sees some only sees those that reach no further."""
SHOWS_SILENCE = Rows(
    own=_NOBODY + "sees 404 sees 404 sees sees",
    other_project=_NOBODY + "sees 404 sees 404 sees sees",
    other_domain=_NOBODY + "404 404 404 404 404 404",
)
"""One of them."""
ENDS_SILENCE = Rows(
    own=_NOBODY + "403 403 200 404 200 403",
    other_project=_NOBODY + "403 403 200 404 200 403",
    other_domain=_NOBODY + "403 403 404 404 404 403",
)
PUTS_IN_DOWNTIME = Rows(
    own=_NOBODY + "403 403 201 400 201 403",
    other_project=_NOBODY + "403 403 201 400 201 403",
    other_domain=_NOBODY + "403 403 400 400 400 403",
)
"""Over a host; hosts lie in no project, and who acts on a project alone acts on none."""
ENDS_DOWNTIME = Rows(
    own=_NOBODY + "403 403 204 404 204 403",
    other_project=_NOBODY + "403 403 204 404 204 403",
    other_domain=_NOBODY + "403 403 404 404 404 403",
)
SEES_VIEWS = Rows(
    own=_NOBODY + "sees sees sees sees sees sees",
    other_project=_NOBODY + "sees sees sees sees sees sees",
    other_domain=_NOBODY + "not not not not not not",
)
"""A list of shared views: they lie in no project."""
SHOWS_VIEW = Rows(
    own=_NOBODY + "sees sees sees sees sees sees",
    other_project=_NOBODY + "sees sees sees sees sees sees",
    other_domain=_NOBODY + "404 404 404 404 404 404",
)
"""One of them; it is an administrator's own."""
OF_ADMINISTRATORS: Final = _NOBODY + "403 403 403 403 {} 403"


def configures(status: int | str, elsewhere: int | str = 404) -> Rows:
    """Give the rows of what only administrators do: what they get in their domain, and in another."""
    here = OF_ADMINISTRATORS.format(status)
    return Rows(here, here, OF_ADMINISTRATORS.format(elsewhere))


def changes_view(status: int) -> Rows:
    """Give the rows of changing a shared view, which its owner and administrators may."""
    here = f"{_NOBODY}403 403 403 403 {status} 403"
    return Rows(here, here, _NOBODY + "404 404 404 404 404 403")


def own_things(cell: str, elsewhere: str) -> Rows:
    """Give the rows of tokens of somebody else: everybody has their own, administrators have all."""
    others = "404" if elsewhere == "404" else "not"
    here = f"{_NOBODY}{others} {others} {others} {others} {cell} 403"
    return Rows(here, here, f"{_NOBODY}{others} {others} {others} {others} {elsewhere} 403")


def everywhere(cells: str) -> Rows:
    """Give the rows of what is of nobody else."""
    return Rows(cells, cells, cells)


class Case(Struct, frozen=True):
    """How a route is asked.

    Attributes:
        path: with the names of things, which are made for each cell.
        rows: who gets what.
        body: likewise.
        shows: the thing whose id a cell that sees must show.
    """

    path: str
    rows: Rows
    body: Any = None
    shows: str = ""


V1: Final = "/api/v1"


def configured(
    kind: str,
    document: dict[str, Any],
    change: Mapping[str, Any],
    listing: Rows,
    one: Rows,
    elsewhere: int = 404,
) -> dict[str, Case]:
    """Give the rows of a kind of what is configured.

    Args:
        kind: what its things are called.
        document: what makes one, beside its name.
        change: what is changed.
        listing: who gets what of the list.
        one: who gets what of one.
        elsewhere: what an administrator gets who makes one with things of another domain.
    """
    path, at, route = f"{V1}/{kind}s", f"{V1}/{kind}s/{{{kind}}}", f"{V1}/{kind}s/{{name_or_id}}"
    return {
        f"GET {path}": Case(path, listing, shows=kind),
        f"POST {path}": Case(path, configures(201, elsewhere), {"name": "{new}"} | document),
        f"GET {route}": Case(at, one, shows=kind),
        f"PATCH {route}": Case(at, configures(200), change),
        f"DELETE {route}": Case(at, configures(204)),
    }


REMARK: Final = {"comment": "mine"}
URL: Final = "https://pager.example.com/x"
OFF: Final = {"enabled": False}
ADMINISTRATORS_LIST: Final = configures("sees", "not")
ADMINISTRATORS: Final = configures("sees")
TABLE: Final[Mapping[str, Case]] = {
    **configured("source", {"project_id": "{project}"}, OFF, FINDS, ADMINISTRATORS),
    **configured("target", {"kind": "webhook", "url": URL}, OFF, OVERSEES_LIST, ADMINISTRATORS, 201),
    **configured("route", {"targets": ["{target}"]}, OFF, OVERSEES_LIST, OVERSEES),
    **configured("user", {"role": "{role}"}, {"disabled": True}, ADMINISTRATORS_LIST, ADMINISTRATORS),
    **configured(
        "role", {"permissions": ["VIEWALL"]}, {"permissions": []}, ADMINISTRATORS_LIST, ADMINISTRATORS, 201
    ),
    "POST /api/v1/events": Case(f"{V1}/events", SENDS, {"key": "k", "title": "t", "source_id": "{sender}"}),
    "GET /api/v1/events": Case(f"{V1}/events?limit=1000", FINDS, shows="event"),
    "GET /api/v1/events/count": Case(f"{V1}/events/count?by=id&limit=1000", FINDS, shows="event"),
    "GET /api/v1/events/facets": Case(f"{V1}/events/facets?fields=id&limit=1000", FINDS, shows="event"),
    "GET /api/v1/events/histogram": Case(f"{V1}/events/histogram?by=id&q=id={{event}}", FINDS, shows="event"),
    "GET /api/v1/events/export": Case(f"{V1}/events/export?format=json", FINDS, shows="event"),
    "GET /api/v1/alerts/export": Case(f"{V1}/alerts/export?format=ndjson", FINDS, shows="alert"),
    "GET /api/v1/alerts/durations": Case(
        f"{V1}/alerts/durations?by=id&q=id={{acknowledged}}", FINDS, shows="acknowledged"
    ),
    "GET /api/v1/alerts/count": Case(f"{V1}/alerts/count?by=id&limit=1000", FINDS, shows="alert"),
    "GET /api/v1/alerts/facets": Case(f"{V1}/alerts/facets?fields=id&limit=1000", FINDS, shows="alert"),
    "GET /api/v1/events/stream": Case(f"{V1}/events/stream?after=0", FINDS, shows="event"),
    "GET /api/v1/events/{event_id}": Case(f"{V1}/events/{{event}}", SHOWS, shows="event"),
    "GET /api/v1/events/{event_id}/why": Case(f"{V1}/events/{{event}}/why", SHOWS, shows="event"),
    "GET /api/v1/receipts": Case(f"{V1}/receipts?limit=1000", FINDS, shows="event"),
    "GET /api/v1/alerts": Case(f"{V1}/alerts?limit=1000", FINDS, shows="alert"),
    "GET /api/v1/alerts/{alert_id}": Case(f"{V1}/alerts/{{alert}}", SHOWS, shows="alert"),
    "POST /api/v1/alerts/{alert_id}/acknowledge": Case(f"{V1}/alerts/{{alert}}/acknowledge", ACTS, REMARK),
    "POST /api/v1/alerts/{alert_id}/unacknowledge": Case(
        f"{V1}/alerts/{{acknowledged}}/unacknowledge", ACTS, REMARK
    ),
    "POST /api/v1/alerts/{alert_id}/resolve": Case(f"{V1}/alerts/{{alert}}/resolve", ACTS, REMARK),
    "POST /api/v1/alerts/{alert_id}/assign": Case(f"{V1}/alerts/{{alert}}/assign", ACTS, REMARK),
    "POST /api/v1/alerts/{alert_id}/note": Case(f"{V1}/alerts/{{alert}}/note", ACTS, REMARK),
    "POST /api/v1/alerts/bulk": Case(
        f"{V1}/alerts/bulk", ACTS_ON_MANY, {"q": "id={alert}", "action": "resolve", "expected": 1}
    ),
    "POST /api/v1/sources/{name_or_id}/test": Case(
        f"{V1}/sources/{{source}}/test", configures(200), {"key": "k", "title": "t"}
    ),
    "GET /api/v1/projects": Case(f"{V1}/projects", FINDS, shows="project"),
    "POST /api/v1/projects": Case(
        f"{V1}/projects", configures(409, 409), {"name": "{new}", "id": "{project}"}
    ),
    "POST /api/v1/targets/{name_or_id}/test": Case(f"{V1}/targets/{{target}}/test", configures(202), {}),
    "POST /api/v1/routes/test": Case(f"{V1}/routes/test", configures(200), {"event_id": "{event}"}),
    "GET /api/v1/silences": Case(f"{V1}/silences?limit=1000", SILENCES, shows="silence"),
    "POST /api/v1/silences": Case(
        f"{V1}/silences",
        everywhere(_NOBODY + "403 403 201 201 201 403"),
        {"expression": "host:nowhere", "duration": 60},
    ),
    "GET /api/v1/silences/{silence_id}": Case(f"{V1}/silences/{{silence}}", SHOWS_SILENCE, shows="silence"),
    "PATCH /api/v1/silences/{silence_id}": Case(
        f"{V1}/silences/{{silence}}", ENDS_SILENCE, {"comment": "longer"}
    ),
    "POST /api/v1/silences/{silence_id}/expire": Case(f"{V1}/silences/{{silence}}/expire", ENDS_SILENCE),
    "POST /api/v1/silences/preview": Case(
        f"{V1}/silences/preview", everywhere(_NOBODY + "403 403 200 200 200 403"), {"expression": ""}
    ),
    "GET /api/v1/views": Case(f"{V1}/views?counts=true", SEES_VIEWS, shows="view"),
    "POST /api/v1/views": Case(
        f"{V1}/views",
        everywhere(_NOBODY + "201 201 201 201 201 403"),
        {"name": "{new}", "page": "alerts", "shared": True},
    ),
    "GET /api/v1/views/{view_id}": Case(f"{V1}/views/{{view}}", SHOWS_VIEW, shows="view"),
    "PATCH /api/v1/views/{view_id}": Case(f"{V1}/views/{{view}}", changes_view(200), {"expression": "mine"}),
    "DELETE /api/v1/views/{view_id}": Case(f"{V1}/views/{{view}}", changes_view(204)),
    "GET /api/v1/objects": Case(f"{V1}/objects?limit=1000", SILENCES, shows="monitored"),
    "GET /api/v1/downtimes": Case(f"{V1}/downtimes", SILENCES, shows="downtime"),
    "POST /api/v1/downtimes": Case(
        f"{V1}/downtimes",
        PUTS_IN_DOWNTIME,
        {"expression": "host={monitored}", "comment": "repairs", "duration": 60},
    ),
    "DELETE /api/v1/downtimes/{downtime_id}": Case(f"{V1}/downtimes/{{downtime}}", ENDS_DOWNTIME),
    "GET /api/v1/deliveries": Case(f"{V1}/deliveries?limit=1000", OVERSEES_LIST, shows="delivery"),
    "GET /api/v1/deliveries/count": Case(f"{V1}/deliveries/count", OVERSEES_COUNT),
    "GET /api/v1/deliveries/targets": Case(f"{V1}/deliveries/targets", OVERSEES_LIST, shows="target"),
    "GET /api/v1/deliveries/{delivery_id}": Case(f"{V1}/deliveries/{{delivery}}", OVERSEES, shows="delivery"),
    "POST /api/v1/deliveries/{delivery_id}/retry": Case(
        f"{V1}/deliveries/{{delivery}}/retry", configures(202), {}
    ),
    "POST /api/v1/deliveries/retry": Case(f"{V1}/deliveries/retry", configures(202), {"target": "{target}"}),
    "GET /api/v1/rejected": Case(f"{V1}/rejected?limit=1000", OVERSEES_LIST, shows="rejected"),
    "GET /api/v1/rejected/{rejected_id}": Case(f"{V1}/rejected/{{rejected}}", OVERSEES, shows="rejected"),
    "POST /api/v1/rejected/{rejected_id}/replay": Case(
        f"{V1}/rejected/{{rejected}}/replay", configures(422), {}
    ),
    "DELETE /api/v1/rejected/{rejected_id}": Case(f"{V1}/rejected/{{rejected}}", configures(204)),
    "GET /api/v1/tokens": Case(f"{V1}/tokens", own_things("sees", "not"), shows="token"),
    "POST /api/v1/tokens": Case(
        f"{V1}/tokens", everywhere(_NOBODY + "201 201 201 201 201 403"), {"name": "{new}"}
    ),
    "DELETE /api/v1/tokens/{token_id}": Case(f"{V1}/tokens/{{token}}", own_things("204", "404")),
    "GET /api/v1/session": Case(f"{V1}/session", everywhere(_NOBODY + "200 200 200 200 200 200")),
    # Those who ask have tokens, and a token is revoked instead.
    "DELETE /api/v1/session": Case(f"{V1}/session", everywhere(_NOBODY + "409 409 409 409 409 409")),
    "POST /api/v1/session/password": Case(
        f"{V1}/session/password",
        everywhere(_NOBODY + "401 401 401 401 401 403"),
        {"password": "wrong", "new_password": "x"},
    ),
    "POST /api/v1/history": Case(f"{V1}/history?source={{sender}}", configures(200), []),
    "GET /api/v1/world": Case(f"{V1}/world", OVERSEES_LIST, shows="keyword"),
    "PATCH /api/v1/world": Case(f"{V1}/world", configures(200, 200), {"hosts": []}),
    "GET /api/v1/audit": Case(f"{V1}/audit?limit=1000", configures("sees", "not"), shows="role"),
}


class World(Struct, frozen=True):
    """Two domains, the first with two projects, and somebody of every kind in the first.

    Attributes:
        people: the credential of each, in the order of `ROLES`.
        senders: the source of each place, in the order of `PLACES`.
        projects: likewise.
    """

    tenant: Tenant
    stranger: Tenant
    people: list[str]
    senders: list[str]
    projects: list[str]

    def whose(self, place: str) -> Tenant:
        return self.stranger if place == "other domain" else self.tenant

    async def thing(self, kind: str, place: str) -> str:
        """Make something new in a place, and give its id."""
        owner, number = self.whose(place), PLACES.index(place)
        name = f"{kind}-{self.tenant.id}-{next(_numbers)}"
        if kind == "keyword":
            await owner.ask("PATCH", f"{V1}/world", json={"keywords": [{"name": name}]})
        if kind in {"new", "keyword"}:
            return name
        if kind in {"sender", "project"}:
            return (self.senders if kind == "sender" else self.projects)[number]
        if kind == "token":
            token, _ = await owner.new_token()
            return token.id
        if kind in {"event", "alert", "acknowledged"}:
            item = {"key": name, "title": "t", "source_id": self.senders[number]}
            (receipt,) = await owner.send(item)
            if kind == "acknowledged":
                await owner.post(f"{V1}/alerts/{receipt['alert_id']}/acknowledge")
            return str(receipt["id"] if kind == "event" else receipt["alert_id"])
        if kind in (
            made_by := {
                "rejected": self._rejected,
                "delivery": self._delivery,
                "monitored": self._monitored,
                "downtime": self._downtime,
            }
        ):
            return await made_by[kind](place)
        documents: dict[str, dict[str, Any]] = {
            "source": {"project_id": self.projects[number]},
            "target": {"kind": "webhook", "url": URL},
            "route": {},
            "silence": {"expression": "host:nowhere", "duration": 60},
            "view": {"page": "alerts", "shared": True},
            "user": {},
            "role": {"permissions": []},
        }
        given = documents[kind] if kind == "silence" else {"name": name} | documents[kind]
        made = await owner.post(f"{V1}/{kind}s", given, status=201)
        return str(made["id"])

    async def _monitored(self, place: str) -> str:
        owner, number = self.whose(place), PLACES.index(place)
        name = f"host-{self.tenant.id}-{next(_numbers)}"
        await owner.send({"key": name, "title": "t", "host": name, "source_id": self.senders[number]})
        return name

    async def _downtime(self, place: str) -> str:
        wanted = {"expression": f"host={await self._monitored(place)}", "comment": "x", "duration": 60}
        return str((await self.whose(place).post(f"{V1}/downtimes", wanted, status=201))["id"])

    async def _rejected(self, place: str) -> str:
        owner = self.whose(place)
        await owner.send({"source_id": self.senders[PLACES.index(place)]})
        return str((await owner.get(f"{V1}/rejected?limit=1"))["items"][0]["id"])

    async def _delivery(self, place: str) -> str:
        owner, target = self.whose(place), await self.thing("target", place)
        trial = await owner.post(f"{V1}/targets/{target}/test", status=202)
        await owner.give_up(target)
        return str(trial["delivery_id"])


@pytest.fixture(scope="module")
async def world(served: Served) -> World:
    """Make the two domains once: each cell makes the things that it is about."""
    tenant, stranger = await served.new_tenant(), await served.new_tenant()
    # Ids of events and alerts derive from numbers within a domain: theirs must not be ours as well.
    apart = update(tables.domain).where(tables.domain.c.id == stranger.id).values(next_seq=1_000_000)
    await served.hub.database.write(lambda connection: connection.execute(apart))
    shop = await tenant.post(f"{V1}/projects", {"name": "shop"}, status=201)
    till = await tenant.post(f"{V1}/sources", {"name": "till", "project_id": shop["id"]}, status=201)
    scope = "project:shop"
    people = [
        "",
        till["access_key"],
        await tenant.new_user(*FIRST_ROLES["viewer"]),
        await tenant.new_user(Permission.VIEWSOME, scope=scope),
        await tenant.new_user(*FIRST_ROLES["operator"]),
        await tenant.new_user(*SOME, scope=scope),
        tenant.token,
        await tenant.new_user(*FIRST_ROLES["administrator"], scopes=(Action.READ,)),
    ]
    return World(
        tenant,
        stranger,
        people,
        [till["id"], tenant.source.id, stranger.source.id],
        [shop["id"], tenant.source.project_id, stranger.source.project_id],
    )


def test_every_route_has_its_rows() -> None:
    assert set(TABLE) | OPEN == routes()


def test_every_row_has_a_cell_for_everybody() -> None:
    for name, case in TABLE.items():
        for row in case.rows:
            assert len(row.split()) == len(ROLES.split(", ")), name


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", TABLE)
async def test_no_cell_differs(world: World, name: str, place: str) -> None:
    case, method = TABLE[name], name.split(maxsplit=1)[0]
    got = [await cell(world, case, method, place, credential) for credential in world.people]
    assert " ".join(got) == case.rows[PLACES.index(place)]


async def test_a_token_limited_to_configure_changes_no_users_roles_and_views(world: World) -> None:
    configuring = await world.tenant.new_user(*FIRST_ROLES["administrator"], scopes=(Action.CONFIGURE,))
    got, expected = {}, {}
    for name, case in TABLE.items():
        of_administrators = case.rows.own.split()[-2]
        if case.rows.own != OF_ADMINISTRATORS.format(of_administrators):
            continue
        method, path = name.split(maxsplit=1)
        kept_back = method != "GET" and path.startswith((f"{V1}/users", f"{V1}/roles", f"{V1}/views"))
        expected[name] = "403" if kept_back else of_administrators
        got[name] = await cell(world, case, method, "own", configuring)
    assert list(expected.values()).count("403") == 8
    assert len(expected) > 20
    assert got == expected


async def cell(world: World, case: Case, method: str, place: str, credential: str) -> str:
    """Ask once, about things that are new; say what came in the words of the rows."""
    things = {kind: await world.thing(kind, place) for kind in named(case)}

    def told(part: Any) -> Any:
        if isinstance(part, str):
            return re.sub(r"\{(\w+)\}", lambda found: things[found[1]], part)
        if isinstance(part, list):
            return [told(each) for each in part]
        return {key: told(value) for key, value in part.items()} if isinstance(part, dict) else part

    path, sees = told(case.path), ""
    options = {} if case.body is None else {"json": told(case.body)}
    if path.startswith(f"{V1}/events/stream"):
        status, text = await streamed(world, path, credential)
    else:
        answer = await world.tenant.ask(method, path, credential=credential, **options)
        status, text = answer.status_code, answer.text
    if status == 200 and case.shows:
        sees = "sees" if f'"{things[case.shows]}"' in text else "not"
    return sees or str(status)


def named(case: Case) -> list[str]:
    """Give the kinds of things that a case names."""
    found = re.findall(r"\{(\w+)\}", f"{case.path} {case.body}")
    return list(dict.fromkeys([*found, *([case.shows] if case.shows else [])]))


async def streamed(world: World, path: str, credential: str) -> tuple[int, str]:
    """Read a stream up to an event that everybody may see who may see anything."""
    if (refused := await world.tenant.ask("GET", f"{V1}/alerts?limit=1", credential=credential)).is_error:
        return refused.status_code, ""
    last = await world.thing("event", "own")
    path, _, query = path.partition("?")
    headers = {"Authorization": f"Bearer {credential}"}
    text = ""
    async with streaming(world.tenant.served.application, path, query, headers) as following:
        while f'"{last}"' not in text:
            text += await following.message()
    return following.status, text.replace(f'"{last}"', "")
