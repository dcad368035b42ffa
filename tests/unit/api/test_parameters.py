"""A parameter that a route does not take is refused by every route, and those that it takes are known."""

from collections.abc import Iterator
from typing import Any, Final, cast

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from tests.unit.api.conftest import served, stranger, tenant
from tests.unit.server.in_process import Tenant
from tocsin.api.app import create_app
from tocsin.api.intake import Intake
from tocsin.api.parameters import parameters
from tocsin.hub.hub import Hub

__all__ = ["served", "stranger", "tenant"]
pytestmark = pytest.mark.anyio

EVENTS: Final = "/api/v1/events"
OF_THE_PROVIDER: Final = ("GET", "/api/v1/session/oidc/callback")
"""What an identity provider adds to it is its own."""


def app() -> Litestar:
    return create_app(cast("Hub", None), cast("Intake", None), {}, version="0", body_limit=1, batch_limit=1)


def handlers() -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    for route in app().routes:
        if isinstance(route, HTTPRoute) and route.path_format.startswith("/api/v1/"):
            for method, (handler, _) in route.route_handler_map.items():
                if method != "OPTIONS":
                    yield method, route.path_format, handler


ROUTES: Final = sorted((method, path) for method, path, _ in handlers())


@pytest.mark.parametrize(("method", "path"), [each for each in ROUTES if each != OF_THE_PROVIDER])
async def test_every_route_refuses_a_parameter_that_it_does_not_take(
    tenant: Tenant, method: str, path: str
) -> None:
    problem = await tenant.refuse(method, path, params={"foo": "1"})
    assert (problem["status"], problem["code"]) == (400, "bad_request")
    assert [each["pointer"] for each in problem["errors"]] == ["/foo"]
    assert problem["detail"].startswith("foo: is no parameter here")


@pytest.mark.parametrize(
    "name",
    [
        "sources",
        "targets",
        "routes",
        "silences",
        "views",
        "downtimes",
        "projects",
        "tokens",
        "users",
        "roles",
    ],
)
async def test_a_list_that_comes_whole_is_its_only_page(tenant: Tenant, name: str) -> None:
    answer = await tenant.ask("GET", f"/api/v1/{name}", params={"limit": "1000", "cursor": ""})
    assert answer.status_code == 200


async def test_whoever_is_not_let_in_is_told_nothing_of_parameters(tenant: Tenant) -> None:
    answer = await tenant.ask("GET", EVENTS, credential="", params={"foo": "1"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "given", "hint"),
    [
        ("GET", EVENTS, "limits", "limits: is no parameter here: do you mean limit?"),
        ("GET", EVENTS, "Q", "Q: is no parameter here: it takes q, limit, cursor, from, to"),
        ("POST", EVENTS, "q", "q: is no parameter here"),
    ],
)
async def test_the_right_one_is_named(tenant: Tenant, method: str, path: str, given: str, hint: str) -> None:
    problem = await tenant.refuse(method, path, params={given: "1"})
    assert problem["detail"] == hint


async def test_all_that_are_wrong_are_named_at_once(tenant: Tenant) -> None:
    problem = await tenant.refuse("GET", EVENTS, params={"a": "1", "limit": "1", "b": "2"})
    assert [each["pointer"] for each in problem["errors"]] == ["/a", "/b"]


async def test_what_a_provider_adds_to_its_answer_is_passed_over(tenant: Tenant) -> None:
    method, path = OF_THE_PROVIDER
    answer = await tenant.ask(method, path, params={"code": "c", "iss": "https://id.example.com"})
    assert answer.status_code == 404  # no provider is configured here


async def test_the_paths_beside_the_api_take_what_is_added_to_them(tenant: Tenant) -> None:
    assert (await tenant.ask("GET", "/healthz", params={"foo": "1"})).status_code == 200


async def test_a_route_takes_what_its_description_names(tenant: Tenant) -> None:
    document: dict[str, Any] = await tenant.get("/openapi.json")
    for method, path, handler in handlers():
        described = document["paths"][path][method.lower()].get("parameters", [])
        named = {each["name"] for each in described if each["in"] == "query"}
        assert named == set(parameters(handler)), (method, path)
