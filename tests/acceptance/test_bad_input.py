"""Bad input of every kind on every inlet: refused in the shape that its sender knows; nothing is recorded."""

import functools
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.refusing import GOOD, PROBLEM, VICTOROPS, Refusing, every_inlet, refusal, refusing

BOMB_MEBIBYTES = 768


@pytest.fixture(scope="module")
def tocsin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Refusing]:
    with refusing(tmp_path_factory.mktemp("tocsin")) as started:
        yield started


@pytest.fixture(autouse=True)
def nothing_recorded(tocsin: Refusing) -> Iterator[None]:
    with tocsin.nothing_recorded():
        yield


BAD_BODIES = {
    "empty": b"",
    "blank": b" \r\n\t ",
    "not JSON": b"CRITICAL: the disk is full",
    "JSON that ends too early": b'{"message_type": "CRITICAL", "key": "a", "title": "b"',
    "something after JSON": b'{"message_type": "CRITICAL", "key": "a", "title": "b"} {}',
    "NaN": b'{"message_type": "CRITICAL", "key": "a", "title": "b", "value": NaN}',
    "a form": b"message_type=CRITICAL&key=a&title=b",
    "bad UTF-8": b'{"message_type": "CRITICAL", "key": "a", "title": "caf\xe9"}',
    "UTF-16": '{"message_type": "CRITICAL", "key": "a", "title": "b"}'.encode("utf-16"),
    "NUL": b'{"message_type": "CRITICAL", "key": "a\x00", "title": "b"}',
    "escaped NUL": b'{"message_type": "CRITICAL", "entity_id": "a\\u0000", "key": "a\\u0000", "title": "b"}',
    "half a surrogate pair": b'{"message_type": "CRITICAL", "key": "a", "title": "\\ud83d"}',
    "100,000 brackets": b"[" * 100_000,
    "100,000 brackets and their ends": b"[" * 100_000 + b"]" * 100_000,
    "100,000 braces": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "100,000 brackets in a field": (
        b'{"message_type": "CRITICAL", "key": "a", "title": "b", "more": '
        + b"[" * 100_000
        + b"]" * 100_000
        + b"}"
    ),
}


@every_inlet
@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=list(BAD_BODIES))
def test_what_is_not_json_that_can_be_kept_is_refused(tocsin: Refusing, inlet: str, body: bytes) -> None:
    refusal(tocsin.post(inlet, body), 400, tocsin.inlets[inlet].answer)


@pytest.mark.parametrize(
    "document",
    [
        None,
        True,
        42,
        "CRITICAL",
        [],
        [{"message_type": "CRITICAL"}],
        {},
        {"entity_id": "a"},
        {"message_type": None},
        {"message_type": 5},
        {"message_type": ""},
        {"message_type": ["CRITICAL"]},
        {"message_type": {"type": "CRITICAL"}},
    ],
    ids=repr,
)
def test_wrong_types_are_refused_by_victorops(tocsin: Refusing, document: object) -> None:
    refusal(tocsin.post("victorops", json.dumps(document).encode()), 400, VICTOROPS)


@pytest.mark.parametrize(
    "document",
    [
        None,
        True,
        42,
        "CRITICAL",
        {},
        {"key": "a"},
        {"title": "a"},
        {"key": "", "title": "a"},
        {"key": 5, "title": "a"},
        {"key": "a", "title": None},
        {"key": "a", "title": ["b"]},
        {"key": "a", "title": "b", "severity": "bad"},
        {"key": "a", "title": "b", "severity": 1},
        {"key": "a", "title": "b", "kind": "disaster"},
        {"key": "a", "title": "b", "kind": "downtime_start"},
        {"key": "a", "title": "b", "labels": "c"},
        {"key": "a", "title": "b", "links": {}},
        {"key": "a", "title": "b", "attempt": -1},
        {"key": "a", "title": "b", "attempt": 10**30},
        {"key": "a", "title": "b", "markdown": "yes"},
        {"key": "a", "title": "b", "occurred_at": "yesterday"},
        {"key": "a", "title": "b", "occurred_at": 1e300},
        {"key": "a", "title": "b", "occurred_at": -1},
        {"key": "a", "title": "b", "source_id": "source-of-nobody"},
    ],
    ids=repr,
)
def test_wrong_types_are_refused_by_the_native_api(tocsin: Refusing, document: object) -> None:
    refusal(tocsin.post("native", json.dumps(document).encode()), 400, PROBLEM)


@every_inlet
def test_a_body_that_is_too_large_is_refused(tocsin: Refusing, inlet: str) -> None:
    """Ten megabytes are too much for one message, and twenty for a batch."""
    mebibytes = 10 if inlet == "victorops" else 20
    body = b'{"message_type": "CRITICAL", "key": "a", "title": "' + b"b" * (mebibytes << 20) + b'"}'
    assert "larger" in refusal(tocsin.post(inlet, body), 413, tocsin.inlets[inlet].answer)


def test_ten_megabytes_in_one_event_are_refused_by_the_native_api(tocsin: Refusing) -> None:
    body = json.dumps({"key": "a", "title": "b" * (10 << 20)}).encode()
    assert "title" in refusal(tocsin.post("native", body), 400, PROBLEM)


@every_inlet
@pytest.mark.parametrize("end", [-8, -9, 20, 3], ids=str)
def test_gzip_that_ends_too_early_is_refused(tocsin: Refusing, inlet: str, end: int) -> None:
    body = gzip.compress(GOOD * 20)[:end]
    answer = tocsin.post(inlet, body, Content_Encoding="gzip")
    assert "gzip" in refusal(answer, 400, tocsin.inlets[inlet].answer)


@every_inlet
def test_what_is_not_gzip_is_refused_where_it_says_so(tocsin: Refusing, inlet: str) -> None:
    answer = tocsin.post(inlet, GOOD, Content_Encoding="gzip")
    assert "gzip" in refusal(answer, 400, tocsin.inlets[inlet].answer)


@every_inlet
def test_another_encoding_is_refused(tocsin: Refusing, inlet: str) -> None:
    answer = tocsin.post(inlet, GOOD, Content_Encoding="br")
    assert "br" in refusal(answer, 415, tocsin.inlets[inlet].answer)


@every_inlet
def test_a_gzip_bomb_is_refused_without_unpacking_it(tocsin: Refusing, inlet: str) -> None:
    answer = tocsin.post(inlet, bomb(), Content_Encoding="gzip")
    assert "larger" in refusal(answer, 413, tocsin.inlets[inlet].answer)
    assert peak_mebibytes(tocsin.process) < BOMB_MEBIBYTES // 2


@functools.cache
def bomb() -> bytes:
    """Give a gzip body that is a thousand times larger when it is unpacked."""
    members, mebibytes = 12, BOMB_MEBIBYTES // 12
    return gzip.compress(bytes(mebibytes << 20)) * members


def peak_mebibytes(process: int) -> int:
    """Give the most memory that a process ever had."""
    status = Path(f"/proc/{process}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) >> 10


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/integrations/generic/20131114/alert/nobodys-key/team", VICTOROPS),
        ("/integrations/generic/20131114/alert/00000000000000000000000000000000", VICTOROPS),
        ("/integrations/generic/20131114/alert", VICTOROPS),
        ("/in/source-of-nobody/00000000000000000000000000000000", PROBLEM),
    ],
)
def test_an_unknown_key_is_refused(tocsin: Refusing, path: str, kind: str) -> None:
    answer = tocsin.client.post(path, content=GOOD)
    assert "key" in refusal(answer, 404, kind)


def test_a_key_is_refused_under_the_id_of_another_source(tocsin: Refusing) -> None:
    own, other = tocsin.server.create_source("own"), tocsin.server.create_source("other")
    answer = tocsin.client.post(f"/in/{other.id}/{own.access_key}", content=GOOD)
    assert "key" in refusal(answer, 404, PROBLEM)


@pytest.mark.parametrize(
    "credential", ["", "Bearer", "Bearer nobodys", "Bearer tocsin_nobodys", "Basic YTpi"]
)
def test_an_unknown_token_is_refused(tocsin: Refusing, credential: str) -> None:
    answer = tocsin.client.post("/api/v1/events", content=GOOD, headers={"Authorization": credential})
    refusal(answer, 401, PROBLEM)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_disabled_source_is_refused_and_not_unknown(tocsin: Refusing) -> None:
    source = tocsin.server.create_source("disabled")
    change = tocsin.server.request("PATCH", f"/api/v1/sources/{source.id}", json={"enabled": False})
    assert change.status_code == 200
    victorops = f"/integrations/generic/20131114/alert/{source.access_key}/team"
    refusal(tocsin.client.post(victorops, content=GOOD), 403, VICTOROPS)
    refusal(tocsin.client.post(source.urls["webhook"], content=GOOD), 403, PROBLEM)
    as_source = {"Authorization": f"Bearer {source.access_key}"}
    refusal(tocsin.client.post("/api/v1/events", content=GOOD, headers=as_source), 403, PROBLEM)
    named = json.dumps({"key": "a", "title": "b", "source_id": source.id}).encode()
    refusal(tocsin.post("native", named), 400, PROBLEM)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/integrations/", VICTOROPS),
        ("/integrations/generic/20131114/alarm/key/team", VICTOROPS),
        ("/integrations/generic/20131114/alert/key/team/more", VICTOROPS),
        ("/in/", PROBLEM),
        ("/in/source", PROBLEM),
        ("/in/source/key/more", PROBLEM),
        ("/api/v1/event", PROBLEM),
        ("/api/v2/nothing", PROBLEM),
        ("/nothing", PROBLEM),
        ("/%00", PROBLEM),
        ("/in/%ff/%00", PROBLEM),
    ],
)
def test_an_unknown_path_is_refused(tocsin: Refusing, path: str, kind: str) -> None:
    refusal(tocsin.client.post(path, content=GOOD), 404, kind)


@every_inlet
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "GET"])
def test_a_wrong_method_is_refused(tocsin: Refusing, inlet: str, method: str) -> None:
    if inlet == "native" and method == "GET":
        method = "TRACE"  # to get is to search
    to = tocsin.inlets[inlet]
    answer = tocsin.client.request(method, to.path, headers=to.headers)
    refusal(answer, 405, to.answer)
    assert "POST" in answer.headers["allow"]


def test_a_bad_item_is_rejected_alone(tocsin: Refusing) -> None:
    items = [{"key": ""}, 5, {"key": "a", "title": "b", "kind": "disaster"}]
    lines = b"\n".join(json.dumps(item).encode() for item in items) + b"\n{broken\n"
    answer = tocsin.post("native", lines, Content_Type="application/x-ndjson")
    assert answer.status_code == 200
    receipts = answer.json()["receipts"]
    assert [receipt["index"] for receipt in receipts] == [0, 1, 2, 3]
    for receipt in receipts:
        assert (receipt["outcome"], receipt["id"], receipt["seq"]) == ("rejected", "", 0)
        assert receipt["reason"]
