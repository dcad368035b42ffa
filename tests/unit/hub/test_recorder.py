"""The recorder: group commits, a bounded queue, and senders that are told the truth."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from tests.contract.scene import Scene, new_source, open_scene, problem, problems, recovery, submission
from tests.contract.trouble import Trouble
from tests.unit.hub.occupied import occupied
from tocsin.hub import recorder
from tocsin.hub.errors import Unavailable
from tocsin.hub.metrics import Metrics
from tocsin.hub.recorder import Limits, Recorder
from tocsin.model.delivery import Delivery
from tocsin.model.receipt import Outcome, Receipt
from tocsin.model.submission import Payload, Refusal, Submission
from tocsin.store import schema, tables
from tocsin.store.database import open_database
from tocsin.store.ledger import Written
from tocsin.store.payloads import payload_of

pytestmark = pytest.mark.anyio


class Companion:
    """Takes part as a test says, and remembers whether it was told of failures."""

    def __init__(self) -> None:
        self.trouble: Exception | None = None
        self.taken_part = 0
        self.failures = 0

    def take_part(self, _: Connection, new: list[Delivery]) -> list[Delivery]:
        self.taken_part += 1
        if self.trouble is not None:
            raise self.trouble
        return new

    def failed(self, *, refused: bool) -> None:
        self.failures += 1


class Desk:
    """A recorder at work, what it counts, and the domains of which it said that they have news."""

    def __init__(self, scene: Scene, limits: Limits) -> None:
        self.scene = scene
        self.metrics = Metrics()
        self.news: list[set[str]] = []
        self.companion = Companion()
        self.recorder = Recorder(
            scene.database, scene.ledger, self.metrics, limits, self._committed, self.companion
        )

    def _committed(self, written: Written) -> None:
        self.news.append(written.domains)

    def send(self, *keys: str, body: bytes = b"{}") -> "asyncio.Task[list[Receipt]]":
        """Send a problem for each key as one request."""
        request = submission(self.scene.source, *problems(keys), body=body)
        return asyncio.create_task(self.recorder.record(request))

    def figure(self, name: str, **labels: str) -> float:
        """Give one of the figures that it counts; 0 where it counted nothing yet."""
        return self.metrics.registry.get_sample_value(f"tocsin_{name}", labels) or 0.0

    async def keys(self) -> list[str]:
        """Give the keys of all events, in order."""
        return [event.key for event in await self.scene.events()]


@asynccontextmanager
async def at_work(scene: Scene, limits: Limits | None = None) -> AsyncIterator[Desk]:
    desk = Desk(scene, limits or Limits())
    desk.recorder.start()
    try:
        yield desk
    finally:
        await desk.recorder.stop()


async def settle() -> None:
    """Let everything run that can run without the store."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_receipt_is_given_for_what_is_on_disk(scene: Scene, store_url: str) -> None:
    async with at_work(scene) as desk:
        receipts = await desk.send("a", "b")
        elsewhere = open_database(store_url)
        statement = select(tables.event.c.key).order_by(tables.event.c.seq)
        assert await elsewhere.read(lambda c: c.execute(statement).scalars().all()) == ["a", "b"]
        await elsewhere.close()
    assert receipts == [Receipt(0, Outcome.OPENED, "", 1, 1), Receipt(1, Outcome.OPENED, "", 2, 2)]


async def test_a_batch_waits_a_moment_for_as_many_as_were_answered_last(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(scene) as desk:
        await asyncio.gather(desk.send("a"), desk.send("b"))
        assert len(desk.news) == 1
        monkeypatch.setattr(recorder, "_GATHER_SECONDS", 3600.0)
        first = desk.send("c")
        await settle()
        assert not first.done()
        await asyncio.gather(first, desk.send("d"))
        assert len(desk.news) == 2
        monkeypatch.setattr(recorder, "_GATHER_SECONDS", 0.01)
        await desk.send("e")
        assert len(desk.news) == 3
        monkeypatch.setattr(recorder, "_GATHER_SECONDS", 3600.0)
        await desk.send("f")
        assert await desk.keys() == ["a", "b", "c", "d", "e", "f"]


async def test_what_takes_part_keeps_nothing_from_being_recorded(scene: Scene) -> None:
    async with at_work(scene) as desk:
        desk.companion.trouble = ZeroDivisionError("not the signals' fault")
        await desk.send("a", "b")
        assert (desk.companion.taken_part, desk.companion.failures) == (1, 1)
        desk.companion.trouble = None
        await desk.send("c")
        assert (desk.companion.taken_part, desk.companion.failures) == (2, 1)
        assert await desk.keys() == ["a", "b", "c"]


async def test_what_waits_goes_into_the_next_commit_together(scene: Scene) -> None:
    async with at_work(scene) as desk:
        async with occupied(scene.database):
            first = desk.send("first")
            await settle()
            others = [desk.send(f"key-{n}") for n in range(50)]
            await settle()
            assert desk.figure("queue_signals") == 51
        receipts = await asyncio.gather(first, *others)
        assert [receipt.seq for (receipt,) in receipts] == list(range(1, 52))
        # The first may have its commit for itself: a write takes what waits as it begins.
        assert desk.figure("commit_seconds_count") <= 2
        assert desk.figure("queue_signals") == desk.figure("queue_bytes") == 0


async def test_what_comes_in_one_round_of_the_loop_goes_into_one_commit(scene: Scene) -> None:
    async with at_work(scene) as desk:
        receipts = await asyncio.gather(*(desk.send(f"key-{n}") for n in range(50)))
        assert [receipt.seq for (receipt,) in receipts] == list(range(1, 51))
        assert desk.figure("commit_seconds_count") == 1


@pytest.fixture
def handed_over(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """All work that the recorder handed over to the store so far."""
    given: list[object] = []
    write = scene.database.write

    def listening(work: Any, **options: Any) -> Any:
        given.append(work)
        return write(work, **options)

    monkeypatch.setattr(scene.database, "write", listening)
    return given


async def test_a_commit_waits_while_every_round_of_the_loop_brings_more(
    scene: Scene, handed_over: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "_GATHER_SECONDS", 60)
    async with at_work(scene) as desk:
        sent = []
        for n in range(50):
            sent.append(desk.send(f"key-{n}"))
            await asyncio.sleep(0)
        assert not handed_over
        await asyncio.gather(*sent)
        assert len(handed_over) == 1


@pytest.mark.parametrize(
    ("limits", "seconds"), [(Limits(), 0.0), (Limits(batch_signals=10), 60.0)], ids=["time", "signals"]
)
async def test_a_commit_does_not_wait_for_an_end_of_what_comes(
    scene: Scene,
    handed_over: list[object],
    monkeypatch: pytest.MonkeyPatch,
    limits: Limits,
    seconds: float,
) -> None:
    monkeypatch.setattr(recorder, "_GATHER_SECONDS", seconds)
    async with at_work(scene, limits) as desk:
        sent: list[asyncio.Task[list[Receipt]]] = []
        while not handed_over and len(sent) < 100:
            sent.append(desk.send(f"key-{len(sent)}"))
            await asyncio.sleep(0)
        assert handed_over
        monkeypatch.setattr(recorder, "_GATHER_SECONDS", 0.0)  # for those that wait for others still
        await asyncio.gather(*sent)


async def test_a_commit_takes_no_more_than_its_limit_and_a_larger_request_whole(scene: Scene) -> None:
    async with at_work(scene, Limits(batch_signals=10)) as desk:
        async with occupied(scene.database):
            first = desk.send("first")
            await settle()
            small = [desk.send(f"key-{n}") for n in range(25)]
            large = desk.send(*(f"large-{n}" for n in range(30)))
            last = desk.send("last")
            await settle()
        await asyncio.gather(first, *small, large, last)
        assert desk.figure("commit_seconds_count") == 3 + 1 + 1
        assert desk.figure("batch_signals_sum") == 1 + 25 + 30 + 1
    keys = await desk.keys()
    assert keys == ["first", *(f"key-{n}" for n in range(25)), *(f"large-{n}" for n in range(30)), "last"]


@pytest.mark.parametrize(
    ("limits", "body"),
    [(Limits(queue_signals=5), b""), (Limits(queue_bytes=500), b"x" * 100)],
    ids=["signals", "bytes"],
)
async def test_a_full_queue_refuses_and_takes_nothing_by_half(
    scene: Scene, limits: Limits, body: bytes
) -> None:
    async with at_work(scene, limits) as desk:
        async with occupied(scene.database):
            taken = [desk.send("in flight", body=body)]
            await settle()
            taken += [desk.send(f"waiting-{n}", body=body) for n in range(3)]
            await settle()
            refused = [desk.send("too", "large", body=body * 2)]
            await settle()
            taken.append(desk.send("fits", body=body))
            await settle()
            refused.append(desk.send("too late", body=body))
            for each in refused:
                with pytest.raises(Unavailable, match="try again") as caught:
                    await asyncio.wait_for(each, 5)
                assert caught.value.retry_after >= 1
            assert desk.figure("signals_rejected_total", reason="queue_full") == 3
        await asyncio.gather(*taken)
        assert desk.figure("signals_received_total", format="auto") == len(taken)
        await desk.send("afterwards")
    wanted = ["in flight", *(f"waiting-{n}" for n in range(3)), "fits", "afterwards"]
    assert await desk.keys() == wanted


async def test_a_request_larger_than_the_queue_is_taken_when_nothing_waits(scene: Scene) -> None:
    async with at_work(scene, Limits(queue_signals=2, queue_bytes=1)) as desk:
        assert len(await desk.send("a", "b", "c")) == 3


async def test_a_sender_that_hangs_up_leaves_the_others_and_its_own_signals(scene: Scene) -> None:
    async with at_work(scene) as desk:
        async with occupied(scene.database):
            in_flight = [desk.send("one"), desk.send("two")]
            await settle()
            waiting = [desk.send("three"), desk.send("four")]
            await settle()
            in_flight[0].cancel()
            waiting[0].cancel()
            await settle()
        assert [r.outcome for r in await in_flight[1]] == [Outcome.OPENED]
        assert [r.outcome for r in await waiting[1]] == [Outcome.OPENED]
    assert in_flight[0].cancelled()
    assert waiting[0].cancelled()
    assert await desk.keys() == ["one", "two", "three", "four"]


async def test_several_sources_of_one_request_are_recorded_together(scene: Scene) -> None:
    other = await new_source(scene.database, "umbrella")
    async with at_work(scene) as desk:
        requests = [submission(scene.source, *problems("ab")), submission(other, problem("c"))]
        given = await desk.recorder.record_together(requests)
        single = await desk.send("d")
    assert [[receipt.seq for receipt in receipts] for receipts in given] == [[1, 2], [1]]
    assert single[0].seq == 3
    assert desk.news == [{"main", "umbrella"}, {"main"}]


async def test_several_sources_of_one_request_are_refused_together(scene: Scene) -> None:
    other = await new_source(scene.database, "umbrella")
    async with at_work(scene, Limits(queue_signals=2)) as desk:
        async with occupied(scene.database):
            first = desk.send("first")
            await settle()
            waiting = desk.send("waiting")
            await settle()
            requests = [submission(scene.source, problem("a")), submission(other, problem("b"))]
            with pytest.raises(Unavailable):
                await asyncio.wait_for(desk.recorder.record_together(requests), 5)
        await asyncio.gather(first, waiting)
    assert await desk.keys() == ["first", "waiting"]
    assert await scene.events("umbrella") == []


async def test_a_stop_writes_what_waits_and_takes_nothing_more(scene: Scene) -> None:
    desk = Desk(scene, Limits(batch_signals=2))
    desk.recorder.start()
    async with occupied(scene.database):
        sent = [desk.send(f"key-{n}") for n in range(7)]
        await settle()
        stopping = asyncio.create_task(desk.recorder.stop())
        await settle()
        with pytest.raises(Unavailable, match="stopping"):
            await desk.send("too late")
        assert not stopping.done()
    await stopping
    assert all(each.done() for each in sent)
    assert [receipt.seq for each in sent for receipt in each.result()] == list(range(1, 8))
    assert await desk.keys() == [f"key-{n}" for n in range(7)]


async def test_a_stop_without_work_ends_at_once(scene: Scene) -> None:
    desk = Desk(scene, Limits())
    desk.recorder.start()
    await settle()
    await asyncio.wait_for(desk.recorder.stop(), 1)


async def test_when_the_store_fails_senders_are_told_and_intake_resumes_by_itself(
    scene: Scene, trouble: Trouble
) -> None:
    async with at_work(scene) as desk:
        await desk.send("before")
        assert desk.recorder.trouble == ""
        with trouble.lasting():
            lost = [desk.send("lost", body=b"x" * 100_000), desk.send("lost too", body=b"x" * 100_000)]
            for each in lost:
                with pytest.raises(Unavailable, match="does not take events now"):
                    await each
            assert desk.recorder.trouble
            assert desk.figure("commit_failures_total") >= 1
        assert (await desk.send("after"))[0].seq == 2
        assert desk.recorder.trouble == ""
    assert await desk.keys() == ["before", "after"]
    assert desk.news == [{"main"}, {"main"}]


async def test_a_statement_that_fails_blames_no_signal(scene: Scene) -> None:
    async with at_work(scene) as desk:
        await scene.database.write(lambda c: c.execute(text("alter table event rename to elsewhere")))
        with pytest.raises(Unavailable):
            await desk.send("lost")
        await scene.database.write(lambda c: c.execute(text("alter table elsewhere rename to event")))
        await desk.send("after")
    assert await desk.keys() == ["after"]
    assert await scene.count("rejected") == 0


LONE_SURROGATE = "\ud800"


@pytest.mark.parametrize("field", ["key", "title", "labels", "host"])
async def test_a_signal_that_breaks_the_transaction_is_rejected_alone(scene: Scene, field: str) -> None:
    broken = problem("broken", host="web-1")
    value: object = {"x": LONE_SURROGATE} if field == "labels" else LONE_SURROGATE
    setattr(broken, field, value)
    async with at_work(scene) as desk:
        async with occupied(scene.database):
            first = desk.send("in flight")
            await settle()
            good = desk.send("a", "b")
            mixed = asyncio.create_task(
                desk.recorder.record(
                    submission(scene.source, problem("c"), broken, recovery("a"), body=b"as it came")
                )
            )
            last = desk.send("d")
            await settle()
        await asyncio.gather(first, good, last)
        receipts = await mixed
        assert desk.figure("signals_rejected_total", reason="bad_item") == 1
    assert [(r.index, r.outcome, r.seq) for r in receipts] == [
        (0, Outcome.OPENED, 4),
        (1, Outcome.REJECTED, 0),
        (2, Outcome.RESOLVED, 5),
    ]
    assert receipts[1].reason
    assert LONE_SURROGATE not in receipts[1].reason
    assert await desk.keys() == ["in flight", "a", "b", "c", "a", "d"]
    (row,) = await scene.database.read(lambda c: c.execute(select(tables.rejected)).all())
    assert (row.payload_index, row.reason) == (1, receipts[1].reason)
    assert payload_of(row).body == b"as it came"


async def test_a_request_whose_every_signal_breaks_is_rejected_whole(scene: Scene) -> None:
    async with at_work(scene) as desk:
        broken = [problem(f"key-{n}", description=LONE_SURROGATE) for n in range(3)]
        request = submission(scene.source, *broken)
        request.refusals = [Refusal(3, "not understood")]
        receipts = await desk.recorder.record(request)
        await desk.send("after")
    assert [(r.index, r.outcome) for r in receipts] == [(n, Outcome.REJECTED) for n in range(4)]
    assert await desk.keys() == ["after"]
    assert [await scene.count(table) for table in ("rejected", "alert")] == [4, 1]


async def test_on_postgresql_a_nul_is_rejected_alone(postgresql_url: str) -> None:
    database = open_database(postgresql_url)
    await schema.migrate(database)
    scene = await open_scene(database)
    async with at_work(scene) as desk:
        given = await desk.recorder.record(
            submission(scene.source, problem("good"), problem("bad", title="a\0b"), problem("key\0"))
        )
    assert [receipt.outcome for receipt in given] == [Outcome.OPENED, Outcome.REJECTED, Outcome.REJECTED]
    await database.close()


async def test_refused_items_get_their_receipts_in_their_place(scene: Scene) -> None:
    good = problem("good")
    good.index = 1
    payload = Payload("native", "application/json", {}, b"[1, {}]")
    async with at_work(scene) as desk:
        receipts = await desk.recorder.record(
            Submission(scene.source, payload, [good], [Refusal(0, "a number is no event")])
        )
        assert desk.figure("signals_received_total", format="native") == 1
    assert [(r.index, r.outcome) for r in receipts] == [(0, Outcome.REJECTED), (1, Outcome.OPENED)]


async def test_what_became_of_signals_is_counted(scene: Scene) -> None:
    async with at_work(scene) as desk:
        await desk.recorder.record(
            submission(scene.source, problem("a"), problem("a"), recovery("a"), recovery("a"), problem("b"))
        )
        counted = {
            outcome.value: desk.figure("signals_recorded_total", outcome=outcome.value) for outcome in Outcome
        }
    assert counted == {
        "opened": 2,
        "joined": 1,
        "acknowledged": 0,
        "resolved": 1,
        "recorded": 1,
        "rejected": 0,
    }
