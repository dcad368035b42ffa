"""/rest/config/role and /rest/config/contact: roles and users, for who may administer the domain."""

from typing import Any

import pytest

from tests.unit.dialects.opsview.asking import failed
from tests.unit.dialects.opsview.test_config import fill, names, number, put
from tests.unit.server.in_process import Tenant
from tocsin.model.access import Action
from tocsin.model.role import Permission

pytestmark = pytest.mark.anyio

SHOP = {
    "name": "shop",
    "accesses": [{"name": "VIEWSOME"}, {"name": "ACTIONSOME"}, {"name": "NOTIFYSOME"}],
    "access_hostgroups": [{"name": "UK"}],
    "access_servicegroups": [{"name": "Base"}],
    "access_keywords": [{"name": "web"}],
}


async def make(tenant: Tenant, kind: str, document: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = (await tenant.post(f"/rest/config/{kind}", document))["object"]
    return made


async def test_a_role_is_for_groups_and_keywords(tenant: Tenant) -> None:
    await fill(tenant)
    made = await make(tenant, "role", SHOP)
    group, service = await number(tenant, "hostgroup", "UK"), await number(tenant, "servicegroup", "Base")
    keyword = await number(tenant, "keyword", "web")
    assert made == {
        "id": made["id"],
        "name": "shop",
        "accesses": [{"name": "VIEWSOME"}, {"name": "ACTIONSOME"}],
        "access_hostgroups": [{"name": "UK", "ref": f"/rest/config/hostgroup/{group}"}],
        "access_servicegroups": [{"name": "Base", "ref": f"/rest/config/servicegroup/{service}"}],
        "access_keywords": [{"name": "web", "ref": f"/rest/config/keyword/{keyword}"}],
        "all_hostgroups": "0",
        "all_servicegroups": "0",
        "all_keywords": "0",
        "hostgroups": [],
        "ref": f"/rest/config/role/{made['id']}",
        "uncommitted": "0",
    }
    assert (await tenant.get(made["ref"]))["object"] == made
    native = await tenant.get("/api/v1/roles/shop")
    assert native["scope"] == f"hostgroup={group} servicegroup={service} OR keyword={keyword}"
    # The names can change: it is for the same.
    await tenant.ask("PUT", f"/rest/config/hostgroup/{group}", json={"name": "GB"})
    shown = (await tenant.get(made["ref"]))["object"]
    assert [each["name"] for each in shown["access_hostgroups"]] == ["GB"]
    # What is written back as it is shown changes nothing; what is not given stays.
    for given in (shown, {"name": "store"}, {"access_keywords": shown["access_keywords"]}):
        assert (await tenant.ask("PUT", made["ref"], json=given)).status_code == 200
    assert await tenant.get("/api/v1/roles/store") == native | {"name": "store"}
    assert (await tenant.ask("PUT", made["ref"], json={"all_keywords": 1})).json()["object"][
        "access_keywords"
    ] == []
    assert (await tenant.get("/api/v1/roles/store"))["scope"].endswith('OR keyword!=""')
    everyone = (await tenant.ask("PUT", made["ref"], json={"accesses": [{"name": "VIEWALL"}]})).json()[
        "object"
    ]
    assert (await tenant.get("/api/v1/roles/store"))["scope"] == ""
    # What becomes limited is for nothing until somebody says for what, also written back as it is shown.
    for given in ({}, everyone):
        limited = {**given, "accesses": [{"name": "VIEWSOME"}]}
        assert (await tenant.ask("PUT", made["ref"], json=limited)).status_code == 200
        assert (await tenant.get("/api/v1/roles/store"))["scope"] == "-hostgroup:*"
        await tenant.ask("PUT", made["ref"], json={"accesses": [{"name": "VIEWALL"}]})


async def test_who_has_the_role_sees_what_it_is_for(tenant: Tenant) -> None:
    await fill(tenant)
    await make(tenant, "role", SHOP | {"access_keywords": []})
    name = f"bob-{tenant.id}"
    await make(tenant, "contact", {"name": name, "role": {"name": "shop"}})
    secret = await tenant.token_of(name)
    for service in ("Load", "Jobs", ""):
        said = {"kind": "check_result", "title": "t", "key": service or "host", "host": "web-1"}
        await tenant.send(
            said | ({"service": service, "state": "critical"} if service else {"state": "down"})
        )
    answer = await tenant.ask("GET", "/rest/event", credential=secret)
    assert {each.get("servicename", "") for each in answer.json()["list"]} == {"Load", ""}
    listed = (await tenant.ask("GET", "/rest/runtime/service", credential=secret)).json()["list"]
    assert listed == [{"name": "web-1", "list": ["Load"]}]


async def test_a_scope_that_is_more_stays_until_access_is_given(tenant: Tenant) -> None:
    await fill(tenant)
    role = {"name": "mine", "permissions": ["VIEWSOME"], "scope": "host:web-* region=eu"}
    await tenant.post("/api/v1/roles", role, status=201)
    ref = f"/rest/config/role/{await number(tenant, 'role', 'mine')}"
    shown = (await tenant.get(ref))["object"]
    assert shown["scope"] == role["scope"]
    assert not [name for name in shown if name.startswith(("access_", "all_"))]
    await tenant.ask("PUT", ref, json=shown)
    assert (await tenant.get("/api/v1/roles/mine"))["scope"] == role["scope"]
    await tenant.ask("PUT", ref, json={"access_hostgroups": [{"name": "UK"}], "all_servicegroups": "1"})
    assert (await tenant.get("/api/v1/roles/mine"))["scope"].startswith("hostgroup=")
    await tenant.post("/api/v1/roles", role | {"name": "emptied"}, status=201)
    ref = f"/rest/config/role/{await number(tenant, 'role', 'emptied')}"
    emptied = (await tenant.ask("PUT", ref, json={"access_hostgroups": []})).json()["object"]
    assert (emptied["access_hostgroups"], emptied["all_hostgroups"]) == ([], "0")
    assert (await tenant.get("/api/v1/roles/emptied"))["scope"] == "-hostgroup:*"


async def test_a_user_is_made_changed_copied_and_deleted(tenant: Tenant) -> None:
    name = f"ann-{tenant.id}"
    made = await make(
        tenant, "contact", {"name": name, "role": {"name": "viewer"}, "password": "a long password"}
    )
    viewer = await number(tenant, "role", "viewer")
    assert made == {
        "id": made["id"],
        "name": name,
        "fullname": name,
        "realm": "local",
        "language": "",
        "role": {"name": "viewer", "ref": f"/rest/config/role/{viewer}"},
        "ref": f"/rest/config/contact/{made['id']}",
        "uncommitted": "0",
    }

    async def log_in(password: str) -> int:
        credentials = {"username": name, "password": password}
        answer = await tenant.served.client.post("/rest/login", json=credentials)
        status: int = answer.status_code
        return status

    assert await log_in("a long password") == 200
    again = await make(tenant, "contact", {"name": name, "password": "another", "role": {"name": "operator"}})
    assert (again["id"], again["role"]["name"]) == (made["id"], "operator")
    assert (await log_in("a long password"), await log_in("another")) == (401, 200)
    copy = (await tenant.post(made["ref"], {"name": f"{name}-2"}))["object"]
    assert (copy["role"], copy["id"] == made["id"]) == (again["role"], False)
    assert (await tenant.ask("PUT", made["ref"], json={"name": f"{name}-3"})).json()["object"]["id"] == made[
        "id"
    ]
    await put(tenant, "contact", {"id": made["id"], "name": name}, {"name": f"{name}-4", "role": "viewer"})
    assert await names(tenant, "contact", **{"s.name": "ann-%", "s.role.name": "operator"}) == [
        name,
        f"{name}-2",
    ]
    assert await tenant.get("/rest/config/contact/exists", name=f"{name}-4") == {"exists": "1"}
    assert await tenant.get("/rest/config/contact/exists", name="nobody") == {"exists": "0"}
    answer = await tenant.ask("DELETE", "/rest/config/contact", params={"id": [made["id"], copy["id"]]})
    assert answer.json() == {"objects_deleted": "2"}
    left = await number(tenant, "contact", f"{name}-4")
    assert (await tenant.ask("DELETE", f"/rest/config/contact/{left}")).json() == {"success": "1"}
    assert await names(tenant, "contact", **{"s.name": "ann-%"}) == []
    entries = await tenant.get("/api/v1/audit")
    actions = [each["action"] for each in entries["items"]]
    assert [actions.count(f"user.{verb}") for verb in ("create", "password", "change", "delete")] == [
        3,
        1,
        3,
        3,
    ]
    assert "password" not in str(entries).replace("user.password", "")


async def test_lists_are_ordered_and_narrowed(tenant: Tenant) -> None:
    await put(tenant, "role", *({"name": f"r{each}", "accesses": []} for each in (10, 9)))
    assert await names(tenant, "role", order="name desc", rows=2) == ["viewer", "r9"]
    assert await names(tenant, "role", **{"s.name": "r%", "order": "id"}) in (["r10", "r9"], ["r9", "r10"])
    for cols, members in (
        ("name", {"id", "name"}),
        (["name", "accesses"], {"id", "name", "accesses"}),
        ("accesses,ref", {"id", "accesses", "ref"}),
    ):
        (each, *_) = (await tenant.get("/rest/config/role", cols=cols))["list"]
        assert set(each) == members
    (each, *_) = (await tenant.get("/rest/config/role", cols="-accesses"))["list"]
    assert "accesses" not in each
    assert "name" in each
    # For what is monitored as well, numbers by their size.
    checks = [{"name": f"c{each}", "check_attempts": each} for each in (10, 9, 100)]
    await put(tenant, "servicecheck", *checks)
    assert await names(tenant, "servicecheck", order="check_attempts") == ["c9", "c10", "c100"]
    assert await names(tenant, "servicecheck", order="check_attempts desc") == ["c100", "c10", "c9"]
    assert await names(tenant, "servicecheck", order=["volatile", "name desc"]) == ["c9", "c100", "c10"]
    answer = await tenant.ask("GET", "/rest/config/servicecheck", params={"order": "name up"})
    assert failed(answer) == (400, "order: expected a member, as name, or name desc")


@pytest.mark.parametrize(
    ("method", "path", "document", "status", "message"),
    [
        ("GET", "role/0", None, 404, "there is no role 0"),
        ("GET", "contact/x", None, 404, "there is no contact"),
        ("GET", "role/1/2", None, 404, "there is no such path"),
        ("POST", "role", None, 400, "expected an object in the body"),
        ("POST", "role", {}, 400, "name: expected a name"),
        ("POST", "role/x", {"name": "a"}, 404, "there is no role x"),
        ("POST", "role", {"name": "a" * 256}, 400, "name: expected at most 255 letters"),
        ("POST", "role", {"name": "a", "accesses": ["VIEWALL"]}, 400, "accesses: Error when parsing data"),
        (
            "POST",
            "role",
            {"name": "a", "accesses": [{"name": "ROOT"}]},
            400,
            "accesses: there is no access called",
        ),
        (
            "POST",
            "role",
            {"name": "a", "accesses": [{"name": "VIEWSOME"}], "access_keywords": [{"name": "x"}]},
            400,
            "access_keywords: there is no keyword called x",
        ),
        ("PUT", "role", {}, 400, 'expected {"list"'),
        ("PUT", "role", {"list": [{}] * 101}, 400, "list: at most 100 at once"),
        ("PUT", "role/99", {"name": "a"}, 404, "there is no role 99"),
        ("DELETE", "role", None, 400, "id: expected which to delete"),
        ("DELETE", "contact/99", None, 404, "there is no contact 99"),
        ("POST", "contact", {"name": "a"}, 400, "role: expected"),
        ("POST", "contact", {"name": "a", "role": {"name": "x"}}, 400, "role: there is no role called x"),
        ("POST", "contact", {"name": "a", "role": []}, 400, "role: Error when parsing data"),
        (
            "POST",
            "contact",
            {"name": "a", "role": "viewer", "password": ""},
            400,
            "password: expected a text",
        ),
        ("POST", "contact", {"name": "a", "role": "viewer", "password": 7}, 400, "password: expected a text"),
        ("PATCH", "contact", None, 405, "only DELETE and GET and POST and PUT"),
    ],
)
async def test_what_cannot_be_done_is_told(
    tenant: Tenant, method: str, path: str, document: Any, status: int, message: str
) -> None:
    answer = await tenant.ask(method, f"/rest/config/{path}", json=document)
    told = failed(answer)
    assert told[0] == status, told
    assert told[1].startswith(message), told


async def test_the_last_administrator_stays_and_nothing_is_done_by_halves(tenant: Tenant) -> None:
    role = await number(tenant, "role", "administrator")
    user = await number(tenant, "contact", tenant.user)
    for method, path, document in (
        ("DELETE", f"role/{role}", None),
        ("PUT", f"role/{role}", {"accesses": [{"name": "VIEWALL"}]}),
        ("DELETE", f"contact/{user}", None),
        (
            "PUT",
            "contact",
            {"list": [{"name": "new", "role": "viewer"}, {"name": tenant.user, "role": "viewer"}]},
        ),
    ):
        assert failed(await tenant.ask(method, f"/rest/config/{path}", json=document))[0] == 400
    assert await names(tenant, "contact") == [tenant.user]


async def test_only_an_administrator_sees_or_changes_them(tenant: Tenant) -> None:
    role = await number(tenant, "role", "viewer")
    operator = await tenant.new_user(Permission.VIEWALL, Permission.ACTIONALL, Permission.DOWNTIMEALL)
    limited = await tenant.new_user(Permission.VIEWALL, Permission.ADMINACCESS, scopes=(Action.CONFIGURE,))
    for kind in ("role", "contact"):
        for method, path in (("GET", ""), ("POST", ""), ("PUT", f"/{role}"), ("DELETE", f"/{role}")):
            for credential in (operator, limited):
                if credential == limited and method == "GET":
                    continue
                answer = await tenant.ask(
                    method, f"/rest/config/{kind}{path}", credential=credential, json={"name": "a"}
                )
                assert failed(answer)[0] == 403
    assert (await tenant.ask("GET", "/rest/config/role", credential="")).status_code == 401


async def test_other_domains_are_not_touched(tenant: Tenant, stranger: Tenant) -> None:
    await make(tenant, "role", {"name": "ours", "accesses": [{"name": "VIEWALL"}]})
    assert "ours" not in await names(stranger, "role", rows="all")
    assert await names(stranger, "contact", rows="all") == [stranger.user]
    for kind, name in (("role", "ours"), ("contact", tenant.user)):
        its = await number(tenant, kind, name)
        assert await stranger.get(f"/rest/config/{kind}/exists", name=name) == {"exists": "0"}
        for method in ("GET", "PUT", "POST", "DELETE"):
            answer = await stranger.ask(method, f"/rest/config/{kind}/{its}", json={"name": "mine"})
            assert failed(answer)[0] == 404
        answer = await stranger.ask(
            "PUT", f"/rest/config/{kind}", json={"list": [{"id": its, "name": "mine"}]}
        )
        assert failed(answer)[0] == 404
        answer = await stranger.ask("DELETE", f"/rest/config/{kind}", params={"id": its})
        assert failed(answer)[0] == 404
    answer = await stranger.ask("POST", "/rest/config/contact", json={"name": "x", "role": {"name": "ours"}})
    assert failed(answer) == (400, "role: there is no role called ours")
    assert await names(tenant, "role", **{"s.name": "ours"}) == ["ours"]


async def test_names_are_found_in_any_letter_case(tenant: Tenant) -> None:
    role = await make(tenant, "role", {"name": "Watch", "accesses": [{"name": "VIEWALL"}]})
    again = await make(tenant, "role", {"name": "wATCH", "accesses": [{"name": "ACTIONALL"}]})
    assert (again["id"], again["name"], again["accesses"]) == (role["id"], "Watch", [{"name": "ACTIONALL"}])
    assert (await tenant.get("/rest/config/role/exists", name="WATCH")) == {"exists": "1"}
    assert (await tenant.get("/rest/config/role/exists", name="watches")) == {"exists": "0"}
    name = f"Eve-{tenant.id}"
    user = await make(tenant, "contact", {"name": name, "role": {"name": "WATCH"}})
    assert user["role"]["name"] == "Watch"
    assert (await make(tenant, "contact", {"name": name.lower()}))["name"] == name
    assert (await tenant.get("/rest/config/contact/exists", name=name.upper())) == {"exists": "1"}
