"""What the ledger writes: events, alerts, payloads and what was rejected, and receipts that say the same."""

import pytest
import zstandard
from msgspec.structs import replace
from sqlalchemy import Connection, select

from tests.contract.scene import NOON, SECOND, Scene, new_source, problem, problems, recovery, submission
from tocsin.model.alert import AlertState
from tocsin.model.life_cycle import (
    ALREADY_OLD,
    NO_OPEN_ALERT,
    NOT_ITS_ALERT,
    TRIGGERED_AGAIN,
    WARNING_OPENS_NOTHING,
)
from tocsin.model.receipt import Outcome, Receipt
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import SourceOptions
from tocsin.model.submission import Payload, Refusal, Submission
from tocsin.store import reading, tables
from tocsin.store.errors import NotFound
from tocsin.store.payloads import payload_of

pytestmark = pytest.mark.anyio


async def test_a_problem_opens_an_alert(scene: Scene) -> None:
    (receipt,) = await scene.record(problem("disk", host="web-1", service="disk", labels={"région": "eu"}))
    assert receipt == Receipt(0, Outcome.OPENED, "", 1, 1)
    (alert,) = await scene.alerts()
    (event,) = await scene.events()
    assert (alert.seq, alert.key, alert.state, alert.severity) == (1, "disk", "open", "critical")
    assert (alert.count, alert.last_seq, alert.opened_at, alert.resolved_at) == (1, 1, NOON, 0)
    assert (alert.host, alert.service, alert.labels) == ("web-1", "disk", {"région": "eu"})
    assert (alert.domain_id, alert.project_id, alert.source_id) == (
        scene.source.domain_id,
        scene.source.project_id,
        scene.source.id,
    )
    assert (event.seq, event.alert_seq, event.outcome, event.object_id) == (1, 1, "opened", alert.object_id)
    assert (event.recorded_at, event.time, event.occurred_at) == (NOON, NOON, 0)


@pytest.mark.parametrize("batched", [True, False])
async def test_an_alert_lives_the_same_in_one_batch_and_in_many(scene: Scene, batched: bool) -> None:
    signals = [
        Signal(Kind.INFO, "disk"),
        problem("disk", Severity.WARNING),
        problem("disk", Severity.WARNING),
        Signal(Kind.ACKNOWLEDGEMENT, "disk", author="ann", comment="on it"),
        problem("disk", Severity.CRITICAL),
        Signal(Kind.INFO, "disk"),
        recovery("disk"),
        recovery("disk"),
        problem("disk"),
    ]
    if batched:
        receipts = await scene.record(*signals)
    else:
        receipts = [receipt for signal in signals for receipt in await scene.record(signal)]

    assert [(r.seq, r.outcome, r.alert_seq, r.reason) for r in receipts] == [
        (1, Outcome.RECORDED, 0, NO_OPEN_ALERT),
        (2, Outcome.OPENED, 2, ""),
        (3, Outcome.JOINED, 2, ""),
        (4, Outcome.ACKNOWLEDGED, 2, ""),
        (5, Outcome.JOINED, 2, TRIGGERED_AGAIN),
        (6, Outcome.JOINED, 2, ""),
        (7, Outcome.RESOLVED, 2, ""),
        (8, Outcome.RECORDED, 0, NO_OPEN_ALERT),
        (9, Outcome.OPENED, 9, ""),
    ]
    first, second = await scene.alerts()
    assert (first.seq, first.state, first.severity, first.count, first.last_seq) == (
        2,
        AlertState.RESOLVED,
        Severity.CRITICAL,
        3,
        7,
    )
    assert (second.seq, second.state, second.count) == (9, AlertState.OPEN, 1)


async def test_an_acknowledgement_is_kept_and_read_back_by_the_next_batch(scene: Scene) -> None:
    acknowledgement = Signal(
        Kind.ACKNOWLEDGEMENT, "disk", author="ann", comment="on it", window_end=NOON + 60 * SECOND
    )
    await scene.record(problem("disk", Severity.WARNING), acknowledgement)
    scene.clock.now += SECOND
    await scene.record(problem("disk", Severity.WARNING))
    (alert,) = await scene.alerts()
    assert (alert.state, alert.count) == (AlertState.ACKNOWLEDGED, 2)
    assert (alert.acknowledged_at, alert.acknowledged_until) == (NOON, NOON + 60 * SECOND)
    assert (alert.acknowledged_by, alert.acknowledged_comment) == ("ann", "on it")
    assert (alert.opened_at, alert.last_at) == (NOON, NOON + SECOND)


async def test_the_receipts_say_what_the_rows_say(scene: Scene) -> None:
    other = await new_source(scene.database, "umbrella", options=SourceOptions(warning_opens=False))
    given = await scene.write(
        submission(scene.source, *problems(["a", "b"]), recovery("a")),
        submission(other, problem("a", Severity.WARNING), problem("b"), Signal(Kind.INFO, "b")),
        submission(scene.source, recovery("b"), recovery("b")),
    )
    assert [len(receipts) for receipts in given] == [3, 3, 2]
    assert given[1][0].reason == WARNING_OPENS_NOTHING
    rows = {domain: iter(await scene.events(domain)) for domain in ("main", "umbrella")}
    for receipts, domain in zip(given, ("main", "umbrella", "main"), strict=True):
        for receipt in receipts:
            event = next(rows[domain])
            assert receipt == Receipt(
                event.payload_index, event.outcome, event.reason, event.seq, event.alert_seq
            )
    assert [next(left, None) for left in rows.values()] == [None, None]


async def test_keys_of_two_projects_or_domains_do_not_meet(scene: Scene) -> None:
    other = await new_source(scene.database, "umbrella")
    await scene.write(submission(scene.source, problem("disk")), submission(other, problem("disk")))
    ((receipt,),) = await scene.write(submission(other, recovery("disk")))
    assert receipt.outcome == Outcome.RESOLVED
    assert {(a.domain_id, a.state) for a in await scene.alerts()} == {
        ("main", "open"),
        ("umbrella", "resolved"),
    }


async def test_two_sources_of_a_project_share_the_alert_of_a_key(scene: Scene) -> None:
    other = await new_source(scene.database, "main", "second")
    await scene.record(problem("disk"))
    ((receipt,),) = await scene.write(submission(other, problem("disk")))
    assert (receipt.outcome, receipt.alert_seq) == (Outcome.JOINED, 1)


async def test_a_request_is_kept_once_compressed_and_read_back_byte_for_byte(scene: Scene) -> None:
    body = b'{"list": "' + b"\x00\xff\xfe " * 20_000 + b'"}'
    payload = Payload("victorops", "text/plain", {"routing_key": "Ünï"}, body)
    first = submission(scene.source, problem("before"))
    second = Submission(scene.source, payload, [problem("a"), problem("b"), recovery("a")])
    for index, signal in enumerate(second.signals):
        signal.index = index
    await scene.write(first, second)

    events = await scene.events()
    assert [(e.payload_seq, e.payload_index) for e in events] == [(1, 0), (2, 0), (2, 1), (2, 2)]
    assert await scene.count("payload") == 2
    kept = await scene.database.read(lambda c: reading.payload(c, scene.source.domain_id, 2))
    assert kept == payload
    row = await scene.database.read(lambda c: c.execute(select(tables.payload).filter_by(seq=2)).one())
    assert (row.size, row.day, row.source_id) == (len(body), events[1].day, scene.source.id)
    assert len(row.body) < len(body) / 100
    assert zstandard.decompress(row.body) == body
    with pytest.raises(NotFound):
        await scene.database.read(lambda c: reading.payload(c, scene.source.domain_id, 3))


async def test_refused_items_are_kept_with_their_reason_and_payload(scene: Scene) -> None:
    payload = Payload("auto", "application/json", {"routing_key": "web"}, b"[1, {}, 2]")
    good = problem("good")
    good.index = 1
    refusals = [Refusal(0, "a number is no event"), Refusal(2, "neither is this")]
    scene.clock.now = NOON + 5
    ((*receipts,),) = await scene.write(Submission(scene.source, payload, [good], refusals))
    assert receipts == [
        Receipt(0, Outcome.REJECTED, "a number is no event"),
        Receipt(1, Outcome.OPENED, "", 1, 1),
        Receipt(2, Outcome.REJECTED, "neither is this"),
    ]
    statement = select(tables.rejected).order_by(tables.rejected.c.payload_index)
    rows = await scene.database.read(lambda c: c.execute(statement).all())
    assert [(row.payload_index, row.reason) for row in rows] == [(r.index, r.reason) for r in refusals]
    for row in rows:
        assert (row.domain_id, row.source_id) == (scene.source.domain_id, scene.source.id)
        assert (row.rejected_at, row.payload_id) == (NOON + 5, rows[0].id)
    assert payload_of(rows[0]) == payload
    assert payload_of(rows[1]) == replace(payload, body=b"")


async def test_of_a_request_of_nothing_but_faults_the_first_are_kept_and_its_body_once(scene: Scene) -> None:
    payload = Payload("auto", "", {}, b"[" + b"1," * 99_999 + b"1]")
    refusals = [Refusal(index, "a number is no event") for index in range(100_000)]
    requests = [Submission(scene.source, payload, [], refusals) for _ in range(2)]
    assert [len(receipts) for receipts in await scene.write(*requests)] == [100_000, 100_000]
    rows = await scene.database.read(lambda c: c.execute(select(tables.rejected)).all())
    assert sorted(row.payload_index for row in rows) == sorted([*range(100), *range(100)])
    holders = [row for row in rows if row.size]
    assert [payload_of(row).body for row in holders] == [payload.body, payload.body]
    assert {row.payload_id for row in rows} == {row.id for row in holders}


async def test_a_request_of_refusals_alone_makes_no_event_and_no_payload(scene: Scene) -> None:
    refused = Submission(scene.source, Payload("auto", "", {}, b"x"), [], [Refusal(0, "no")])
    assert await scene.write(refused) == [[Receipt(0, Outcome.REJECTED, "no")]]
    assert [await scene.count(table) for table in ("event", "payload", "rejected")] == [0, 0, 1]


async def test_a_signal_meant_for_an_alert_that_is_closed_is_rejected_and_takes_no_number(
    scene: Scene,
) -> None:
    await scene.record(problem("disk"), recovery("disk"), problem("disk"))
    late = Signal(Kind.ACKNOWLEDGEMENT, "disk", alert_seq=1)
    timely = Signal(Kind.ACKNOWLEDGEMENT, "disk", alert_seq=3)
    rejected, taken = await scene.record(late, timely)
    assert rejected == Receipt(0, Outcome.REJECTED, NOT_ITS_ALERT)
    assert (taken.outcome, taken.seq, taken.alert_seq) == (Outcome.ACKNOWLEDGED, 4, 3)
    assert [event.seq for event in await scene.events()] == [1, 2, 3, 4]
    assert await scene.count("rejected") == 1


async def test_a_source_that_goes_by_its_own_clock_compares_with_the_alert_resolved_last(
    scene: Scene,
) -> None:
    source = await new_source(scene.database, "main", "late", options=SourceOptions(source_time=True))

    async def send(signal: Signal, seconds: int) -> Receipt:
        signal.occurred_at = NOON + seconds * SECOND
        scene.clock.now += SECOND
        ((receipt,),) = await scene.write(submission(source, signal))
        return receipt

    assert (await send(problem("disk"), 10)).outcome == Outcome.OPENED
    assert (await send(recovery("disk"), 20)).outcome == Outcome.RESOLVED
    assert (await send(problem("disk"), 30)).outcome == Outcome.OPENED
    assert (await send(recovery("disk"), 40)).outcome == Outcome.RESOLVED
    old = await send(problem("disk"), 35)
    assert (old.outcome, old.reason, old.alert_seq) == (Outcome.RECORDED, ALREADY_OLD, 3)
    assert (await send(problem("disk"), 45)).outcome == Outcome.OPENED
    assert [(a.seq, a.state, a.count) for a in await scene.alerts()] == [
        (1, "resolved", 1),
        (3, "resolved", 1),
        (6, "open", 1),
    ]


async def test_a_source_can_make_its_own_keys(scene: Scene) -> None:
    options = SourceOptions(identity=("host", "labels.mount"))
    source = await new_source(scene.database, "main", "keyed", options=options)
    signals = [problem(f"alarm-{n}", host="web-1", labels={"mount": "/srv"}) for n in range(2)]
    ((first, second),) = await scene.write(submission(source, *signals))
    assert (first.outcome, second.outcome) == (Outcome.OPENED, Outcome.JOINED)
    assert [event.key for event in await scene.events()] == ["web-1//srv"] * 2


async def test_what_did_not_commit_leaves_nothing_and_takes_no_number(scene: Scene) -> None:
    class Trouble(Exception):
        pass

    def fail(connection: Connection) -> None:
        scene.ledger.write(connection, [submission(scene.source, problem("lost"))])
        raise Trouble

    with pytest.raises(Trouble):
        await scene.database.write(fail)
    scene.ledger.forget()
    assert [await scene.count(t) for t in ("event", "alert", "object", "payload")] == [0, 0, 0, 0]
    assert (await scene.record(problem("kept")))[0].seq == 1


async def test_a_request_without_signals_writes_nothing(scene: Scene) -> None:
    assert await scene.write(submission(scene.source)) == [[]]
    assert await scene.events() == []
