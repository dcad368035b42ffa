"""The VictorOps endpoint: exactly 200 for success, a failure in one shape for everything else."""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.unit.server.in_process import Served, Tenant, serving_on_sqlite
from tocsin.hub.errors import Unavailable
from tocsin.hub.recorder import Recorder
from tocsin.model.source import SourceOptions
from tocsin.model.submission import WHOLE
from tocsin.server.settings import Settings
from tocsin.store import reading

pytestmark = pytest.mark.anyio

MESSAGE = {"message_type": "CRITICAL", "entity_id": "db1/disk"}
ALERT = "/integrations/generic/20131114/alert"


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with serving_on_sqlite(tmp_path_factory.mktemp("store")) as running:
        yield running


@pytest.fixture
async def tenant(served: Served) -> AsyncIterator[Tenant]:
    made = await served.new_tenant()
    yield made
    await served.drop(made)


async def post(tenant: Tenant, path: str, document: object = MESSAGE, **options: Any) -> httpx2.Response:
    """Post a message; `KEY` in the path stands for the key of the tenant's source."""
    options = {"content": json.dumps(document).encode()} | options
    return await tenant.served.client.post(path.replace("KEY", tenant.source.access_key), **options)


def failure(answer: httpx2.Response) -> tuple[int, str]:
    """Give status and message of a failure in its whole shape."""
    assert answer.headers["content-type"] == "application/json"
    shown = answer.json()
    assert set(shown) == {"result", "message"}
    assert shown["result"] == "failure"
    assert shown["message"]
    return answer.status_code, shown["message"]


def rejected(served: Served, reason: str) -> float:
    named = {"reason": reason}
    return served.hub.metrics.registry.get_sample_value("tocsin_signals_rejected_total", named) or 0


async def test_success_is_200_after_the_event_is_on_disk(tenant: Tenant) -> None:
    answer = await post(tenant, f"{ALERT}/KEY/dba")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.content == b'{"result":"success","entity_id":"db1/disk"}'
    (event,) = await tenant.events()
    assert (event.key, event.labels, event.source_id) == (
        "db1/disk",
        {"routing_key": "dba"},
        tenant.source.id,
    )


@pytest.mark.parametrize("entity_id", [None, ""])
async def test_a_missing_entity_id_is_made_and_returned(tenant: Tenant, entity_id: object) -> None:
    answers = [await post(tenant, f"{ALERT}/KEY", MESSAGE | {"entity_id": entity_id}) for _ in range(2)]
    returned = [answer.json()["entity_id"] for answer in answers]
    assert returned == [event.key for event in await tenant.events()]
    assert len(set(returned)) == 2


@pytest.mark.parametrize(
    "path",
    [
        "/integrations/generic/00000000/alert/KEY",
        "/integrations/newrelic/20140115/alert/KEY/dba",
        "/integrations/anything/at-all/alert/KEY/",
        "/integrations/a%20b/%2F/alert/KEY/dba/",
        f"{ALERT}/KEY/$routing_key",
        f"{ALERT}/KEY?a=b&c",
    ],
)
async def test_paths_are_generous(tenant: Tenant, path: str) -> None:
    assert (await post(tenant, path)).status_code == 200
    assert len(await tenant.events()) == 1


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("DBA", "dba"),
        ("a%2Fb", "a/b"),
        ("a%20b", "a b"),
        ("%C3%84rger", "\xe4rger"),
        ("a%00b%00", "ab"),
        ("%00", ""),
        ("$routing_key", ""),
        ("%24routing_key", ""),
    ],
)
async def test_a_routing_key_in_the_path_is_read(tenant: Tenant, written: str, understood: str) -> None:
    assert (await post(tenant, f"{ALERT}/KEY/{written}")).status_code == 200
    (event,) = await tenant.events()
    assert event.labels == ({"routing_key": understood} if understood else {})
    payload = await tenant.served.hub.database.read(lambda c: reading.payload(c, tenant.id, 1))
    assert "\x00" not in str(payload.context)
    assert payload.format == "victorops"
    found = await tenant.get("/api/v1/events", q=f'routing_key:"{understood.upper()}"')
    assert len(found["items"]) == 1


@pytest.mark.parametrize(
    ("path", "keys", "routing_key"),
    [
        (ALERT, {"VO_ORGANIZATION_KEY": "KEY", "VO_ROUTING_KEY": "Ops"}, "ops"),
        ("/integrations/zabbix/20140212/alert/", {"VO_ORGANIZATION_KEY": "KEY"}, ""),
        (ALERT, {"api_key": "KEY", "routing_key": "ops"}, "ops"),
        (f"{ALERT}/KEY", {"VO_ORGANIZATION_KEY": "wrong", "VO_ROUTING_KEY": "ops"}, "ops"),
        (f"{ALERT}/KEY/path", {"VO_ROUTING_KEY": "ops"}, "path"),
    ],
)
async def test_a_message_can_carry_its_keys(
    tenant: Tenant, path: str, keys: dict[str, str], routing_key: str
) -> None:
    carried = {name: value.replace("KEY", tenant.source.access_key) for name, value in keys.items()}
    assert (await post(tenant, path, MESSAGE | carried)).status_code == 200
    (event,) = await tenant.events()
    assert event.labels == ({"routing_key": routing_key} if routing_key else {})
    assert tenant.source.access_key not in str(event)


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
async def test_json_is_taken_whatever_the_content_type_says(tenant: Tenant, content_type: str) -> None:
    answer = await post(tenant, f"{ALERT}/KEY", headers={"Content-Type": content_type})
    assert answer.status_code == 200


async def test_a_compressed_message_is_read(tenant: Tenant) -> None:
    body = gzip.compress(json.dumps(MESSAGE).encode())
    answer = await post(tenant, f"{ALERT}/KEY", content=body, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is empty"),
        (b"{", "the body is not JSON: it ends too early"),
        (b"message_type=CRITICAL", "the body is not JSON: invalid character (byte 0)"),
        (b"[]", "the message is no JSON object"),
        (b"{}", "Missing fields: message_type"),
        (b'{"message_type": 5}', "message_type must be a text, not a number"),
        (b'{"message_type": ""}', "message_type is empty"),
        (b'{"message_type": "INFO", "x": "\xff"}', "the body is not UTF-8 (byte 31)"),
        (b'{"message_type": "INFO", "x": "\\u0000"}', "a text holds NUL (\\u0000), which cannot be stored"),
        (b"[" * 100_000, "the body is nested more than 64 deep"),
    ],
)
async def test_what_is_not_understood_is_a_400_and_kept(tenant: Tenant, body: bytes, message: str) -> None:
    status, shown = failure(await post(tenant, f"{ALERT}/KEY/dba", content=body))
    assert (status, message.split(maxsplit=1)[0]) == (400, shown.split()[0])
    assert await tenant.rejected() == [(WHOLE, shown)]
    assert await tenant.events() == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (f"{ALERT}/wrong", "unknown_key"),
        (f"{ALERT}/KEYx/dba", "unknown_key"),
        (f"{ALERT}/KEY%00", "unknown_key"),
        (ALERT, "unknown_key"),
        (f"{ALERT}//dba", "unknown_key"),
        (f"{ALERT}/KEY/dba/more", "not_found"),
        ("/integrations/generic/20131114/alarm/KEY", "not_found"),
        ("/integrations/generic/KEY", "not_found"),
        ("/integrations/", "not_found"),
    ],
)
async def test_an_unknown_key_or_path_is_a_404(tenant: Tenant, path: str, reason: str) -> None:
    before = rejected(tenant.served, reason)
    status, message = failure(await post(tenant, path))
    assert status == 404
    assert tenant.source.access_key not in message
    assert rejected(tenant.served, reason) == before + 1
    assert await tenant.events() == []


async def test_an_unknown_key_in_the_message_is_a_404(tenant: Tenant) -> None:
    for name in ("VO_ORGANIZATION_KEY", "api_key"):
        assert failure(await post(tenant, ALERT, MESSAGE | {name: "wrong"}))[0] == 404


async def test_the_key_of_a_disabled_source_is_a_403(tenant: Tenant) -> None:
    await tenant.disable(tenant.source)
    key = tenant.source.access_key
    for path, document in ((f"{ALERT}/KEY", MESSAGE), (ALERT, MESSAGE | {"api_key": key})):
        assert failure(await post(tenant, path, document)) == (403, "this source is disabled")
    assert await tenant.rejected() == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_only_post_is_taken(tenant: Tenant, method: str) -> None:
    path = f"{ALERT}/{tenant.source.access_key}"
    answer = await tenant.served.client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert method == "HEAD" or failure(answer) == (405, "only POST is taken here")


async def test_a_body_is_bounded(tmp_path: Path) -> None:
    async with serving_on_sqlite(tmp_path, Settings(message_bytes=100)) as served:
        tenant = await served.new_tenant()
        large = MESSAGE | {"state_message": "x" * 100}
        assert failure(await post(tenant, f"{ALERT}/KEY", large))[0] == 413
        packed = {"content": gzip.compress(b"x" * 5000), "headers": {"Content-Encoding": "gzip"}}
        assert failure(await post(tenant, f"{ALERT}/KEY", **packed))[0] == 413
        other = {"headers": {"Content-Encoding": "br"}}
        assert failure(await post(tenant, f"{ALERT}/KEY", **other))[0] == 415
        assert (await post(tenant, f"{ALERT}/KEY")).status_code == 200


async def test_beyond_its_rate_a_source_gets_a_429(tenant: Tenant) -> None:
    source = await tenant.new_source(options=SourceOptions(rate_limit=1))
    path = f"{ALERT}/{source.access_key}"
    answers = [await post(tenant, path) for _ in range(4)]
    assert answers[0].status_code == 200
    assert failure(answers[-1]) == (429, "too many signals from this source: slow down")
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_bad_messages_count_against_the_rate_of_their_source(tenant: Tenant) -> None:
    source = await tenant.new_source(options=SourceOptions(rate_limit=1))
    key = source.access_key
    for path, document in ((f"{ALERT}/{key}", {}), (ALERT, {"api_key": key})):
        statuses = [(await post(tenant, path, document)).status_code for _ in range(3)]
        assert statuses[-1] == 429
    assert len(await tenant.rejected()) < 3


async def test_a_message_without_a_key_in_its_path_is_small(tenant: Tenant) -> None:
    key = tenant.source.access_key
    for size, statuses in ((60_000, (200, 200)), (70_000, (200, 413))):
        message = MESSAGE | {"api_key": key, "state_message": "x" * size}
        answers = [await post(tenant, path, message) for path in (f"{ALERT}/KEY", ALERT)]
        assert tuple(answer.status_code for answer in answers) == statuses
        assert statuses == (200, 200) or "65536 bytes" in failure(answers[1])[1]


async def test_what_cannot_be_taken_now_is_a_503(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_: object, __: object) -> None:
        raise Unavailable("too much is waiting", 7)

    monkeypatch.setattr(Recorder, "record", full)
    answer = await post(tenant, f"{ALERT}/KEY")
    assert failure(answer) == (503, "too much is waiting")
    assert answer.headers["retry-after"] == "7"


async def test_a_server_that_stops_is_a_503_also_for_what_is_no_message(tmp_path: Path) -> None:
    async with serving_on_sqlite(tmp_path) as served:
        tenant = await served.new_tenant()
        await served.hub.recorder.stop()
        for body in (b"{", json.dumps(MESSAGE).encode()):
            answer = await post(tenant, f"{ALERT}/KEY", content=body)
            assert failure(answer) == (503, "Tocsin is stopping")
            assert answer.headers["retry-after"] == "1"


async def test_a_fault_of_its_own_is_a_503(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_: object, __: object) -> None:
        raise RuntimeError("a fault in the code")

    monkeypatch.setattr(Recorder, "record", broken)
    answer = await post(tenant, f"{ALERT}/KEY")
    assert failure(answer) == (503, "Tocsin failed: try again")
    assert answer.headers["retry-after"] == "5"


async def test_the_options_of_a_source_hold(tenant: Tenant) -> None:
    source = await tenant.new_source(options=SourceOptions(warning_opens=False, identity=("host",)))
    path = f"{ALERT}/{source.access_key}"
    answer = await post(tenant, path, {"message_type": "WARNING", "entity_id": "x", "host_name": "db1"})
    assert answer.json()["entity_id"] == "x"
    (event,) = await tenant.events()
    assert (event.key, event.outcome) == ("db1", "recorded")
