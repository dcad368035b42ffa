"""OpenAPI: every route is described, with what it takes and what it answers."""

import json
from importlib.metadata import version
from typing import Any

import msgspec
import pytest
from litestar.di import Provide

from tests.unit.api.test_isolation import routes
from tests.unit.server.in_process import Served
from tocsin.api.app import HANDLERS
from tocsin.api.description import describe
from tocsin.api.idempotency import once
from tocsin.api.problems import Problem
from tocsin.api.shapes import AlertItem, EventItem, ReceiptItem, SourceWithKey
from tocsin.dialects.native.item import FIELDS

PUBLIC = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/in/{source_id}/{access_key}",
    "/api/v1/session/ways",
    "/api/v1/session/oidc",
    "/api/v1/session/oidc/callback",
    "/api/v1/session/oidc/end",
}


@pytest.fixture(scope="module")
def document() -> Any:
    given = ("hub", "intake", "formats", "principal", "private_targets")
    dependencies = {name: Provide(lambda: None, sync_to_thread=False) for name in given}
    return describe(HANDLERS, dependencies | {"once": Provide(once)}, version("tocsin"))


@pytest.fixture(scope="module")
def operations(document: Any) -> dict[str, Any]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def references(value: Any) -> set[str]:
    """Give every place that a document refers to."""
    if isinstance(value, dict):
        own = {value["$ref"]} if "$ref" in value else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def schema(document: Any, name: str) -> Any:
    return document["components"]["schemas"][name]


def parameters(operation: Any, place: str) -> dict[str, Any]:
    return {each["name"]: each["schema"] for each in operation.get("parameters", []) if each["in"] == place}


def test_it_is_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1.")
    assert (document["info"]["title"], document["security"]) == ("Tocsin", [{"token": []}])
    assert document["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}


def test_every_route_is_described_once(operations: dict[str, Any]) -> None:
    described = {"POST /in/{source_id}/{access_key}"} | routes() - {"GET /openapi.json"}
    assert set(operations) == described
    ids = [operation["operationId"] for operation in operations.values()]
    assert len(ids) == len(set(ids))
    for operation in operations.values():
        assert operation["summary"]
        assert operation["description"].startswith(operation["summary"])


def test_every_reference_leads_somewhere(document: Any) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= known
    assert len(references(document)) > 10


def test_paths_name_their_parameters(operations: dict[str, Any]) -> None:
    for name, operation in operations.items():
        in_path = {part.strip("{}") for part in name.split("/") if part.startswith("{")}
        assert set(parameters(operation, "path")) == in_path


@pytest.mark.parametrize(
    ("operation", "names"),
    [
        ("GET /api/v1/events", {"q", "limit", "cursor", "from", "to"}),
        ("GET /api/v1/events/stream", {"q", "after"}),
        ("GET /api/v1/alerts", {"q", "limit", "cursor"}),
        ("GET /readyz", {"verbose"}),
        ("GET /api/v1/sources", set()),
    ],
)
def test_queries_name_their_parameters(operations: dict[str, Any], operation: str, names: set[str]) -> None:
    assert set(parameters(operations[operation], "query")) == names


def test_limits_are_told(operations: dict[str, Any]) -> None:
    limit = parameters(operations["GET /api/v1/events"], "query")["limit"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 1000, 50)
    after = parameters(operations["GET /api/v1/events/stream"], "query")["after"]
    assert after["exclusiveMinimum"] == -1


def test_a_posted_event_is_described(document: Any, operations: dict[str, Any]) -> None:
    body = operations["POST /api/v1/events"]["requestBody"]
    assert body["required"]
    assert set(body["content"]) == {"application/json", "application/x-ndjson"}
    one, many = body["content"]["application/json"]["schema"]["oneOf"]
    assert many["items"] == one == {"$ref": "#/components/schemas/NewItem"}
    item = schema(document, "NewItem")
    assert set(item["properties"]) == FIELDS
    assert sorted(item["required"]) == ["key", "title"]
    assert item["additionalProperties"] is True
    assert "note" not in item["properties"]["kind"]["enum"]


@pytest.mark.parametrize(
    ("path", "required"),
    [("acknowledge", False), ("unacknowledge", False), ("resolve", False), ("note", True)],
)
def test_bodies_of_actions_are_described(
    document: Any, operations: dict[str, Any], path: str, required: bool
) -> None:
    body = operations[f"POST /api/v1/alerts/{{alert_id}}/{path}"]["requestBody"]
    assert body["required"] is required
    (name,) = references(body)
    assert schema(document, name.rpartition("/")[2])["additionalProperties"] is False


def test_what_can_be_repeated_says_so(operations: dict[str, Any]) -> None:
    repeatable = {
        name for name, each in operations.items() if "Idempotency-Key" in parameters(each, "header")
    }
    kinds = (
        *("events", "sources", "targets", "routes", "silences", "views"),
        *("projects", "tokens", "users", "roles"),
    )
    actions = ("acknowledge", "unacknowledge", "assign", "note", "resolve")
    assert repeatable == {
        *(f"POST /api/v1/{kind}" for kind in kinds),
        *(f"POST /api/v1/alerts/{{alert_id}}/{action}" for action in actions),
        "POST /api/v1/alerts/bulk",
    }
    assert all("422" in operations[name]["responses"] for name in repeatable)


def test_what_is_open_says_so(operations: dict[str, Any]) -> None:
    for name, operation in operations.items():
        is_open = name.split()[1] in PUBLIC
        logs_in = name == "POST /api/v1/session"
        assert (operation.get("security") == []) is (is_open or logs_in), name
        assert ("401" in operation["responses"]) is not is_open, name


def test_every_failure_is_a_problem(document: Any, operations: dict[str, Any]) -> None:
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for name, operation in operations.items():
        failures = {status: each for status, each in operation["responses"].items() if status >= "400"}
        if name != "GET /readyz":
            for answer in failures.values():
                assert answer["content"] == {"application/problem+json": problem}, name
        assert all(answer["description"] for answer in operation["responses"].values())
    assert set(schema(document, "Problem")["properties"]) == set(Problem.__struct_fields__)


@pytest.mark.parametrize("struct", [EventItem, AlertItem, ReceiptItem, SourceWithKey])
def test_what_is_shown_has_all_its_members(document: Any, struct: type[msgspec.Struct]) -> None:
    shown = schema(document, struct.__name__)
    assert set(shown["properties"]) == set(shown["required"]) == set(struct.__struct_fields__)


@pytest.mark.anyio
async def test_it_is_served_to_everybody(served: Served, document: Any) -> None:
    answer = await served.client.get("/openapi.json")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json"
    assert answer.json() == json.loads(json.dumps(document))
