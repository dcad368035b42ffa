from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.unit.model.samples import problem
from tests.unit.server.in_process import Tenant, serving_on_sqlite
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.parsed import Parsed, Parser
from tocsin.dialects.reception import AUTO, Confirm, Reception, nothing_lost
from tocsin.hub.errors import RateExceeded
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import SourceOptions
from tocsin.model.submission import WHOLE, Payload, Refusal, Submission

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


async def nobody_asks(url: str) -> str:
    raise AssertionError(url)


def reception(tenant: Tenant, confirm: Confirm = nobody_asks) -> Reception:
    return Reception(tenant.served.hub, PARSERS, {}, lambda _: "keys", confirm)


async def test_a_payload_is_recorded_item_by_item(tenant: Tenant) -> None:
    receipts = await reception(tenant).deliver(tenant.source, payload(b'["a",0,"b"]'), nothing_lost)
    assert [receipt.index for receipt in receipts] == [0, 1, 2]
    events = await tenant.events()
    assert [event.kind for event in events] == ["problem", "error", "problem"]
    assert (events[0].key, events[1].title) == ("a", "payload not understood: no key")


async def test_what_the_format_does_not_understand_is_one_refusal(tenant: Tenant) -> None:
    parsed = reception(tenant).understand(tenant.source, payload(b"{}"))
    assert parsed == Parsed("keys", [], [Refusal(0, "no array")])


async def test_what_came_before_is_read_as_it_came(tenant: Tenant) -> None:
    victorops = await tenant.new_source(source_format="victorops")
    came = replace(payload(b'["a"]'), format="keys")
    assert [signal.key for signal in reception(tenant).read(victorops, came).signals] == ["a"]
    with pytest.raises(BadPayload, match="what came as opsview is not read here"):
        reception(tenant).read(victorops, replace(came, format="opsview"))


async def test_where_nothing_is_to_be_recorded_nothing_is(tenant: Tenant) -> None:
    assert await reception(tenant).deliver(tenant.source, payload(b"[]"), nothing_lost) == []
    assert await tenant.events() == []


@pytest.mark.parametrize("trouble", ["", "status 403"])
async def test_what_a_sender_wants_confirmed_is_recorded_only_where_that_fails(
    tenant: Tenant, trouble: str
) -> None:
    asked = []

    async def confirm(url: str) -> str:
        asked.append(url)
        return trouble

    def parse_question(document: Any, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
        return Parsed("question", [Signal(Kind.INFO, "k", title="may I?")], confirm="https://x/y")

    taking = Reception(tenant.served.hub, {"question": parse_question}, {}, lambda _: "question", confirm)
    receipts = await taking.deliver(tenant.source, payload(b"{}"), nothing_lost)
    assert asked == ["https://x/y"]
    assert [receipt.reason.partition(";")[0] for receipt in receipts] == (
        [f"not confirmed: {trouble}"] * bool(trouble)
    )
    assert len(await tenant.events()) == len(receipts)


async def test_nobody_is_asked_beyond_the_rate_of_the_source(tenant: Tenant) -> None:
    def parse_question(document: Any, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
        return Parsed("question", [], confirm="https://x/y")

    source = await tenant.new_source(options=SourceOptions(rate_limit=1))
    tenant.served.hub.rates.take(source, 10_000)
    taking = Reception(tenant.served.hub, {"question": parse_question}, {}, lambda _: "question", nobody_asks)
    with pytest.raises(RateExceeded):
        await taking.deliver(source, payload(b"{}"), nothing_lost)


async def test_what_is_no_json_is_kept(tenant: Tenant) -> None:
    with pytest.raises(BadPayload):
        await reception(tenant).deliver(tenant.source, payload(b"["), nothing_lost)
    assert await tenant.rejected() == [(WHOLE, "the body is not JSON: it ends too early")]


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
