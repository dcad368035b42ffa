"""Every failure becomes a problem with a status and a code of its own."""

from typing import Any

import pytest

from tests.unit.server.in_process import Tenant
from tocsin.api.problems import TITLES, bad_input, members, problem
from tocsin.dialects.asgi import Gone, Refused
from tocsin.dialects.errors import BadPayload
from tocsin.hub.errors import Forbidden, RateExceeded, SourceDisabled, Unauthenticated, Unavailable
from tocsin.query.cursor import CursorError
from tocsin.query.errors import QueryError
from tocsin.store import directory
from tocsin.store.errors import Conflict, NotFound, StoreUnavailable, TookTooLong, TooManyGroups

FAILURES = [
    (BadPayload("why"), 400, "bad_payload", {}),
    (QueryError("why", 3, 2), 400, "invalid_query", {}),
    (CursorError("why"), 400, "invalid_cursor", {}),
    (bad_input("name", "why"), 400, "bad_request", {}),
    (Gone(), 400, "bad_request", {}),
    (Unauthenticated("why"), 401, "unauthenticated", {"www-authenticate": "Bearer"}),
    (Forbidden("why"), 403, "forbidden", {}),
    (SourceDisabled("why"), 403, "source_disabled", {}),
    (NotFound("why"), 404, "not_found", {}),
    (Conflict("why"), 409, "conflict", {}),
    (Refused(408, "why"), 408, "too_slow", {}),
    (Refused(413, "why"), 413, "too_large", {}),
    (Refused(415, "why"), 415, "unsupported", {}),
    (RateExceeded(7), 429, "too_many", {"retry-after": "7"}),
    (Unavailable("why", 9), 503, "unavailable", {"retry-after": "9"}),
    (StoreUnavailable("why"), 503, "unavailable", {"retry-after": "1"}),
    (TookTooLong("why"), 503, "took_too_long", {}),
    (TooManyGroups("why"), 400, "too_many_groups", {}),
    (RuntimeError("secret"), 500, "internal", {}),
    (KeyError("secret"), 500, "internal", {}),
]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("failure", "status", "code", "headers"),
    FAILURES,
    ids=[f"{type(each[0]).__name__} {each[1]}" for each in FAILURES],
)
async def test_a_failure_has_its_status_and_code(
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    status: int,
    code: str,
    headers: dict[str, str],
) -> None:
    def fail(*_: Any) -> None:
        raise failure

    monkeypatch.setattr(directory, "projects", fail)
    answer = await tenant.ask("GET", "/api/v1/projects")
    assert answer.headers["content-type"] == "application/problem+json"
    shown = answer.json()
    assert (answer.status_code, shown["status"], shown["code"]) == (status, status, code)
    assert shown["type"] == f"/docs/errors#{code}"
    assert shown["title"] == TITLES[status][1]
    assert ("why" in shown["detail"]) is ("why" in str(failure))
    assert "secret" not in answer.text
    assert {name: answer.headers[name] for name in headers} == headers


def test_a_bad_input_is_pointed_at() -> None:
    shown = members(bad_input("options.identity.1", "no field"))
    assert shown["errors"] == [{"pointer": "/options/identity/1", "detail": "no field"}]
    assert shown["detail"] == "options.identity.1: no field"
    shown = members(bad_input("", "expected JSON"))
    assert shown["errors"] == [{"pointer": "", "detail": "expected JSON"}]
    assert shown["detail"] == "body: expected JSON"


def test_a_status_without_a_word_of_its_own_is_an_error() -> None:
    assert members(problem(418, "short and stout", brew="tea")) == {
        "status": 418,
        "type": "/docs/errors#error",
        "title": "Error",
        "detail": "short and stout",
        "code": "error",
        "brew": "tea",
    }
