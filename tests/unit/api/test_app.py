"""The application as a whole: unknown paths and methods, HEAD and OPTIONS, faults of its own."""

from typing import Any

import pytest

from tests.unit.server.in_process import Served, Tenant
from tocsin.store import directory

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "path",
    ["/nope", "/api", "/api/v2/events", "/api/v1/events/a/b", "/openapi", "/%00", "/..%2F..%2Fetc"],
)
async def test_an_unknown_path_is_not_found(tenant: Tenant, path: str) -> None:
    problem = await tenant.refuse("GET", path, credential="")
    assert (problem["status"], problem["code"]) == (404, "not_found")
    assert problem["detail"] == "there is no such path: /openapi.json lists them"


async def test_a_wrong_method_is_told_the_right_ones(tenant: Tenant) -> None:
    answer = await tenant.ask("DELETE", "/api/v1/events")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/api/v1/alerts"])
async def test_head_is_answered_as_get(tenant: Tenant, path: str) -> None:
    get, head = [await tenant.ask(method, path) for method in ("GET", "HEAD")]
    assert (head.status_code, head.headers["content-type"]) == (200, get.headers["content-type"])


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/healthz", {"GET"}),
        ("/api/v1/events", {"GET", "POST"}),
        ("/api/v1/sources/first", {"GET", "PATCH", "DELETE"}),
    ],
)
async def test_options_says_what_can_be_asked(served: Served, path: str, methods: set[str]) -> None:
    answer = await served.client.request("OPTIONS", path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer.headers["allow"].split(", ")) == methods | {"OPTIONS"}


async def test_a_bad_host_is_refused(tenant: Tenant) -> None:
    problem = await tenant.refuse("GET", "/api/v1/alerts", headers={"Host": "a b/c"})
    assert (problem["status"], problem["code"]) == (400, "bad_request")


async def test_a_fault_of_its_own_tells_nothing_of_itself(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a fault in the code")

    monkeypatch.setattr(directory, "projects", broken)
    problem = await tenant.refuse("GET", "/api/v1/projects")
    assert (problem["status"], problem["code"]) == (500, "internal")
    assert "fault in the code" not in str(problem)
