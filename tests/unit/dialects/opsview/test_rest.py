import asyncio
import gzip
import json
from pathlib import Path

import pytest

from tests.unit.dialects.opsview.asking import failed, log_in
from tests.unit.server.in_process import Tenant, scope, serving_on_sqlite
from tocsin.hub.errors import InUse, Missing, Taken, TooMany, TooSlow, Unavailable
from tocsin.model.access import Action
from tocsin.server.settings import Settings

pytestmark = pytest.mark.anyio


async def test_whoever_asks_without_a_token_is_not_let_in(tenant: Tenant) -> None:
    headers = await log_in(tenant)
    token = headers["X-Opsview-Token"]
    for shown in (
        {},
        {"X-Opsview-Username": tenant.user},
        {"X-Opsview-Token": token},
        {"X-Opsview-Username": tenant.user, "X-Opsview-Token": "nope"},
        {"X-Opsview-Username": "another", "X-Opsview-Token": token},
        {"X-Opsview-Username": tenant.user.upper(), "X-Opsview-Token": token},
        {"Authorization": "Bearer nope"},
        {"Authorization": f"Basic {token}"},
        {"Authorization": f"Bearer {tenant.source.access_key}"},
    ):
        status, message = failed(await tenant.ask("GET", "/rest/info", credential="", headers=shown))
        assert status == 401, shown
        assert token not in message


@pytest.mark.parametrize("path", ["/rest/info", "/rest/info/", "/rest//info"])
async def test_a_session_and_any_token_are_let_in(tenant: Tenant, path: str) -> None:
    headers = await log_in(tenant)
    lower = {name.lower(): value for name, value in headers.items()}
    for shown in (headers, lower):
        assert (await tenant.ask("GET", path, credential="", headers=shown)).status_code == 200
    for bearer in (tenant.token, headers["X-Opsview-Token"]):
        assert (await tenant.ask("GET", path, credential=bearer)).status_code == 200
    own = {"X-Opsview-Username": tenant.user, "X-Opsview-Token": tenant.token}
    assert (await tenant.ask("GET", path, credential="", headers=own)).status_code == 200


async def test_who_may_not_is_told_so(tenant: Tenant) -> None:
    nobody = await tenant.new_user()
    assert failed(await tenant.ask("GET", "/rest/reload", credential=nobody))[0] == 403
    limited = await tenant.new_user(scopes=(Action.SEND,))
    assert failed(await tenant.ask("GET", "/rest/serverinfo", credential=limited))[0] == 403


async def test_paths_and_methods_that_are_not_there(tenant: Tenant) -> None:
    assert failed(await tenant.ask("GET", "/rest/nope")) == (404, "there is no such path")
    assert failed(await tenant.ask("GET", "/restaurant")) == (404, "there is no such path")
    answer = await tenant.ask("PUT", "/rest/login")
    assert failed(answer) == (405, "only DELETE and POST can be asked here")
    assert answer.headers["allow"] == "DELETE, POST"
    assert failed(await tenant.ask("OPTIONS", "/rest/info"))[0] == 405
    assert (await tenant.ask("HEAD", "/rest")).status_code == 200


async def test_a_post_can_carry_another_method(tenant: Tenant) -> None:
    tunneled = {"X-Tunneled-Method": "get"}
    assert (await tenant.ask("POST", "/rest/info", headers=tunneled)).status_code == 200
    assert failed(await tenant.ask("PUT", "/rest/info", headers=tunneled))[0] == 405


async def test_answers_and_failures_come_in_the_format_that_is_asked_for(tenant: Tenant) -> None:
    answer = await tenant.ask("GET", "/rest", headers={"Accept": "text/xml"})
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert "<api_min_version>2.0</api_min_version>" in answer.text
    answer = await tenant.ask("GET", "/rest/nope", headers={"Accept": "text/x-yaml"})
    assert (answer.status_code, answer.text) == (404, "message: there is no such path\ndetail: ''\n")


async def test_what_is_wrong_with_a_body_is_said(tenant: Tenant, tmp_path: Path) -> None:
    json_type = {"Content-Type": "application/json"}
    answer = await tenant.ask("POST", "/rest/reload", content=b"{", headers=json_type)
    assert failed(answer) == (400, "the body is not JSON: it ends too early")
    answer = await tenant.ask("POST", "/rest/reload?a=%00", content=b"")
    assert failed(answer)[0] == 400
    answer = await tenant.ask("POST", "/rest/reload", content=b"x", headers={"Content-Type": "image/png"})
    assert failed(answer)[0] == 415
    packed = {**json_type, "Content-Encoding": "gzip"}
    answer = await tenant.ask("POST", "/rest/reload", content=gzip.compress(b'{"a": "b"}'), headers=packed)
    assert answer.status_code == 200
    large = json.dumps({"password": "x" * 70_000}).encode()
    assert failed(await tenant.ask("POST", "/rest/login", content=large, headers=json_type))[0] == 413
    assert (await tenant.ask("POST", "/rest/reload", content=large, headers=json_type)).status_code == 200
    async with serving_on_sqlite(tmp_path, Settings(batch_bytes=100)) as small:
        other = await small.new_tenant()
        assert failed(await other.ask("POST", "/rest/reload", content=large, headers=json_type))[0] == 413


async def test_a_sender_that_is_too_slow_or_hangs_up(tmp_path: Path) -> None:
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def never() -> dict[str, object]:
        await asyncio.sleep(60)
        raise AssertionError

    async def gone() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async with serving_on_sqlite(tmp_path, Settings(body_seconds=0.01)) as served:
        await served.application(scope("POST", "/rest/login"), gone, send)
        assert sent == []
        await served.application(scope("POST", "/rest/login"), never, send)
        assert sent[0]["status"] == 408


@pytest.mark.parametrize(
    ("failure", "status", "retry_after"),
    [
        (Unavailable("not now", 7), 503, "7"),
        (TooSlow("narrow it"), 503, None),
        (TooMany("a page"), 400, None),
        (Taken("taken"), 400, None),
        (InUse("used"), 400, None),
        (Missing("gone"), 404, None),
        (RuntimeError("secret"), 500, None),
    ],
)
async def test_what_fails_within_is_told_in_the_dialects_shape(
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    status: int,
    retry_after: str | None,
) -> None:
    def fail(_: str) -> None:
        raise failure

    monkeypatch.setattr(tenant.served.hub.authentication, "user", fail)
    answer = await tenant.ask("GET", "/rest/info")
    found, message = failed(answer)
    assert found == status
    assert message == ("something went wrong here" if status == 500 else str(failure))
    assert answer.headers.get("retry-after") == retry_after
    assert answer.headers["cache-control"] == "no-store"
