from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.unit.model.samples import problem
from tests.unit.server.in_process import Tenant, serving_on_sqlite
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.parsed import Parsed, Parser
from tocsin.dialects.reception import AUTO, Reception, nothing_lost
from tocsin.model.signal import Kind, Signal
from tocsin.model.submission import Payload, Refusal, Submission

pytestmark = pytest.mark.anyio


@pytest.fixture
async def tenant(tmp_path: Path) -> AsyncIterator[Tenant]:
    async with serving_on_sqlite(tmp_path) as served:
        yield await served.new_tenant()


def payload(body: bytes) -> Payload:
    return Payload(AUTO, "", {"routing_key": "dba"}, body)


def parse(document: Any, context: Mapping[str, str], options: Mapping[str, object]) -> Parsed:
    """Take an array of keys; 0 is an item that is none."""
    if not isinstance(document, list):
        raise BadPayload("no array")
    assert (context, options) == ({"routing_key": "dba"}, {})
    parsed = Parsed("keys", [], [])
    for index, key in enumerate(document):
        if key:
            parsed.signals.append(Signal(Kind.PROBLEM, key, title="t", index=index))
        else:
            parsed.refusals.append(Refusal(index, "no key"))
    return parsed


PARSERS: Mapping[str, Parser] = {"keys": parse}


def reception(tenant: Tenant) -> Reception:
    return Reception(tenant.served.hub, PARSERS, lambda _: "keys")


async def test_a_payload_is_recorded_item_by_item(tenant: Tenant) -> None:
    receipts = await reception(tenant).deliver(tenant.source, payload(b'["a",0,"b"]'), nothing_lost)
    assert [receipt.index for receipt in receipts] == [0, 1, 2]
    events = await tenant.events()
    assert [event.kind for event in events] == ["problem", "error", "problem"]
    assert (events[0].key, events[1].title) == ("a", "payload not understood: no key")


async def test_what_the_format_does_not_understand_is_one_refusal(tenant: Tenant) -> None:
    parsed = reception(tenant).understand(tenant.source, payload(b"{}"))
    assert parsed == Parsed("keys", [], [Refusal(0, "no array")])


async def test_where_nothing_is_to_be_recorded_nothing_is(tenant: Tenant) -> None:
    assert await reception(tenant).deliver(tenant.source, payload(b"[]"), nothing_lost) == []
    assert await tenant.events() == []


async def test_what_is_no_json_is_kept(tenant: Tenant) -> None:
    with pytest.raises(BadPayload):
        await reception(tenant).deliver(tenant.source, payload(b"["), nothing_lost)
    assert await tenant.rejected() == [(0, "the body is not JSON: it ends too early")]


async def test_submissions_of_one_request_are_answered_in_the_order_of_its_items(tenant: Tenant) -> None:
    other = await tenant.new_source()
    body = payload(b"[]")
    first = Submission(tenant.source, body, [problem(index=1)])
    second = Submission(other, body, [problem(index=0), problem(index=2)])
    receipts = await reception(tenant).record([first, second])
    assert [receipt.index for receipt in receipts] == [0, 1, 2]


def test_a_misfit_takes_the_place_of_what_is_not_understood() -> None:
    parsed = Parsed("keys", [problem(index=1)], [Refusal(0, "odd")])
    found = nothing_lost(parsed, lambda reason: Signal(Kind.ERROR, "k", title=reason))
    assert [(signal.index, signal.title) for signal in found] == [(0, "odd"), (1, "")]
