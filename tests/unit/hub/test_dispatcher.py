"""The dispatcher, with senders that do what a test says."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from os import urandom
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tests.contract.passing import outbox as all_deliveries
from tests.contract.passing import send_to
from tests.contract.scene import Scene, problem, recovery, submission
from tests.contract.trouble import Trouble
from tocsin.hub.errors import Unavailable
from tocsin.hub.hub import Hub, HubSettings
from tocsin.model.alert import Alert
from tocsin.model.delivery import Delivery, Sent, SentOutcome
from tocsin.model.event import Event
from tocsin.model.receipt import Receipt
from tocsin.model.retrying import RetryPlan
from tocsin.model.submission import Submission
from tocsin.model.target import Target, TargetOptions
from tocsin.store import deliveries, outbox, targets
from tocsin.store.outbox import Claimed, Settled

pytestmark = pytest.mark.anyio

ACCEPTED = Sent(SentOutcome.ACCEPTED, 200)
REFUSED = Sent(SentOutcome.REFUSED, 400, "it answered 400")
BUSY = Sent(SentOutcome.RETRY, 503, "it answered 503")


class _NoPartition(Exception):
    """What PostgreSQL's driver raises where a row has no partition to go to."""

    sqlstate = "23514"


class Fake:
    """A sender that answers as it is told, and remembers what it was given."""

    def __init__(self, answer: Callable[[Target], Sent]) -> None:
        self.answer = answer
        self.seen: list[tuple[str, str, str]] = []
        self.delay = 0.0
        self.under_way = self.most_at_once = 0
        self.closed = False

    async def send(self, target: Target, delivery: Delivery, event: Event, alert: Alert | None) -> Sent:
        assert alert is not None
        assert delivery.seq == event.seq
        self.seen.append((target.name, event.key, event.kind.value))
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        await asyncio.sleep(self.delay)
        self.under_way -= 1
        return self.answer(target)

    async def close(self) -> None:
        self.closed = True


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await condition():  # noqa: ASYNC110 - a row in the store makes no sound
            await asyncio.sleep(0.02)


def accept(_: Target) -> Sent:
    return ACCEPTED


@asynccontextmanager
async def running(scene: Scene, fake: Fake, trouble_after: float = 60.0) -> AsyncIterator[Hub]:
    plan = RetryPlan(first=0.02, longest=0.1, probe_longest=0.1, trouble_after=trouble_after)
    async with Hub(scene.database, HubSettings(retry_plan=plan), {"webhook": fake}).running() as hub:
        yield hub


async def states(scene: Scene) -> list[str]:
    return [each.state.value for each in await all_deliveries(scene)]


async def until(scene: Scene, expected: list[str]) -> None:
    async def reached() -> bool:
        return await states(scene) == expected

    await eventually(reached)


async def test_what_is_recorded_goes_out_in_the_order_of_its_key(scene: Scene) -> None:
    await send_to(scene, "pager")
    fake = Fake(accept)
    async with running(scene, fake) as hub:
        await hub.recorder.record(submission(scene.source, problem("a"), recovery("a"), problem("a")))
        await until(scene, ["delivered"] * 3)
    assert [kind for _, _, kind in fake.seen] == ["problem", "recovery", "problem"]
    registry = hub.metrics.registry
    labels = {"kind": "webhook", "outcome": "accepted", "reason": ""}
    assert registry.get_sample_value("tocsin_delivery_attempts_total", labels) == 3
    assert registry.get_sample_value("tocsin_delivery_seconds_count") == 3
    assert fake.closed


async def test_a_target_that_fails_is_tried_until_it_works_and_slows_no_other(scene: Scene) -> None:
    await send_to(scene, "bad")
    await send_to(scene, "good")
    fake = Fake(lambda target: BUSY if target.name == "bad" else ACCEPTED)
    async with running(scene, fake) as hub:
        for n in range(20):
            await hub.recorder.record(submission(scene.source, problem(f"key-{n}")))

        async def good_ones_are_there() -> bool:
            return (await states(scene)).count("delivered") == 20

        await eventually(good_ones_are_there)
        tried = sum(name == "bad" for name, *_ in fake.seen)
        assert 1 <= tried < 60
        fake.answer = accept
        await until(scene, ["delivered"] * 40)


async def test_what_is_tried_again_is_due_at_its_time_and_not_at_the_next_look(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.hub.dispatcher.POLL_SECONDS", 3600.0)
    await send_to(scene, "pager")
    answers = [BUSY] * 6
    fake = Fake(lambda _: answers.pop() if answers else ACCEPTED)
    async with running(scene, fake) as hub:
        await hub.recorder.record(submission(scene.source, problem("a")))
        await until(scene, ["delivered"])
    assert len(fake.seen) == 7


async def test_a_sender_that_breaks_is_a_failed_attempt(scene: Scene) -> None:
    await send_to(scene, "pager")

    def break_down(_: Target) -> Sent:
        raise ZeroDivisionError

    fake = Fake(break_down)
    async with running(scene, fake) as hub:
        await hub.recorder.record(submission(scene.source, problem("a")))

        async def tried() -> bool:
            return (await all_deliveries(scene))[0].attempts > 0

        await eventually(tried)
        fake.answer = accept
        await until(scene, ["delivered"])
    (delivered,) = await all_deliveries(scene)
    made = await scene.database.read(lambda connection: deliveries.attempts(connection, delivered))
    assert made[0].reason == "the sender failed: ZeroDivisionError"
    assert made[-1].outcome is SentOutcome.ACCEPTED


async def test_what_is_for_a_target_that_is_deleted_meanwhile_is_given_up(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.hub.dispatcher.POLL_SECONDS", 0.02)
    pager = await send_to(scene, "pager")
    late = submission(scene.source, problem("a"))
    late.only_to = (pager, "target-00000000dead")
    async with running(scene, Fake(accept)) as hub:
        await hub.recorder.record(late)

        async def both_have_ended() -> bool:
            return sorted(await states(scene)) == ["dead", "delivered"]

        await eventually(both_have_ended)
    found = {each.target_id: each for each in await all_deliveries(scene)}
    assert found["target-00000000dead"].reason == "the target was deleted"
    assert found["target-00000000dead"].done_at > 0


async def test_a_stop_gives_back_what_does_not_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.hub.dispatcher.STOP_SECONDS", 0.05)
    await send_to(scene, "pager")
    fake = Fake(accept)
    fake.delay = 5.0
    async with running(scene, fake) as hub:
        await hub.recorder.record(submission(scene.source, problem("a")))

        async def under_way() -> bool:
            return bool(fake.seen)

        await eventually(under_way)
    (given_back,) = await all_deliveries(scene)
    assert (given_back.state.value, given_back.leased_by, given_back.attempts) == ("pending", "", 0)


async def test_a_target_that_fails_for_long_is_said_once_and_that_it_works_again(scene: Scene) -> None:
    target_id = await send_to(scene, "pager")
    fake = Fake(lambda _: BUSY)

    async def said() -> list[tuple[str, str, str]]:
        found = [each for each in await scene.events() if each.key == f"target/{target_id}"]
        return [(each.kind.value, each.title, each.description) for each in found]

    async with running(scene, fake, trouble_after=0.05) as hub:
        await hub.recorder.record(submission(scene.source, problem("a")))

        async def is_said() -> bool:
            return bool(await said())

        await eventually(is_said)
        fake.answer = accept

        async def works_again() -> bool:
            return len(await said()) == 2

        await eventually(works_again)
        await until(scene, ["delivered"] * 3)
    first, second = await said()
    assert first[:2] == ("problem", "the target pager fails")
    assert "it answered 503" in first[2]
    assert second[:2] == ("recovery", "the target pager works again")


async def test_a_target_that_is_changed_is_tried_at_once_however_long_it_asked_to_wait(scene: Scene) -> None:
    await send_to(scene, "pager")
    wait = Sent(SentOutcome.RETRY, 429, "it answered 429", retry_after=3600.0)
    fake = Fake(lambda target: ACCEPTED if target.url.endswith("/mended") else wait)

    async def is_put_off() -> bool:
        (delivery,) = await all_deliveries(scene)
        return delivery.status == 429

    def mend(connection: Connection) -> None:
        (target,) = targets.all_targets(connection)
        targets.change_target(connection, replace(target, url=target.url + "mended"))

    async with running(scene, fake) as hub:
        await hub.recorder.record(submission(scene.source, problem("a")))
        await eventually(is_put_off)
        await scene.database.write(mend)
        await until(scene, ["delivered"])


async def test_trouble_that_could_not_be_said_is_said_later(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    target_id = await send_to(scene, "pager")
    failures = [Unavailable("occupied")] * 2

    async def said() -> bool:
        return any(each.key == f"target/{target_id}" for each in await scene.events())

    async with running(scene, Fake(lambda _: BUSY), trouble_after=0.05) as hub:

        async def record(spoken: Submission) -> list[Receipt]:
            if failures:
                raise failures.pop()
            return await hub.recorder.record(spoken)

        monkeypatch.setattr(hub.dispatcher, "_record", record)
        await hub.recorder.record(submission(scene.source, problem("a")))
        await eventually(said)
    assert not failures


async def test_what_is_recorded_is_sent_without_a_claim_while_nothing_waits(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send_to(scene, "pager")
    claims: list[str] = []

    def claim(connection: Connection, target: Target, **given: Any) -> tuple[list[Claimed], bool]:
        claimed, is_all = real(connection, target, **given)
        claims.extend(each.delivery.key for each in claimed)
        return claimed, is_all

    real = outbox.claim
    monkeypatch.setattr("tocsin.hub.holding.outbox.claim", claim)
    fake = Fake(accept)
    async with running(scene, fake) as hub:
        await hub.recorder.record(submission(scene.source, problem("key-0")))
        await until(scene, ["delivered"])
        # Nothing but the recorder writes from now on.
        monkeypatch.setattr("tocsin.hub.dispatcher.SETTLE_SECONDS", 3600.0)
        monkeypatch.setattr("tocsin.hub.dispatcher.POLL_SECONDS", 3600.0)
        await asyncio.sleep(1.1)  # until the last look of those that come by themselves is over
        claims.clear()
        for n in range(1, 20):
            await hub.recorder.record(submission(scene.source, problem(f"key-{n}")))
        await eventually(lambda: _all_seen(fake, 20))
    assert [key for _, key, _ in fake.seen] == [f"key-{n}" for n in range(20)]
    assert claims == []


async def test_what_was_given_up_is_sent_in_its_turn_and_not_at_the_next_look(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send_to(scene, "pager")
    fake = Fake(lambda _: REFUSED)
    async with running(scene, fake) as hub:
        await hub.recorder.record(submission(scene.source, *[problem(f"key-{n}") for n in range(60)]))
        await until(scene, ["dead"] * 60)
        fake.answer = accept
        monkeypatch.setattr("tocsin.hub.dispatcher.POLL_SECONDS", 3600.0)
        await asyncio.sleep(1.1)  # until the last look of those that come by themselves is over
        now = time.time_ns() // 1000
        found = await all_deliveries(scene)
        await scene.database.write(lambda connection: outbox.retry(connection, found, now))
        hub.dispatcher.hurry({each.target_id for each in found})
        await until(scene, ["delivered"] * 60)


async def test_what_the_store_refuses_to_settle_keeps_up_nothing_else(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send_to(scene, "pager")
    fake = Fake(accept)

    def settle(connection: Connection, settled: list[Settled], *given: Any, **named: Any) -> Any:
        if any(each.delivery.key == "poison" for each in settled):
            raise IntegrityError("insert", None, _NoPartition("no partition of relation attempt"))
        return real(connection, settled, *given, **named)

    real = outbox.settle
    monkeypatch.setattr("tocsin.hub.holding.outbox.settle", settle)
    async with running(scene, fake) as hub:
        await hub.recorder.record(submission(scene.source, problem("poison"), problem("a")))
        await eventually(lambda: _all_seen(fake, 2))
        for n in range(5):
            await hub.recorder.record(submission(scene.source, problem(f"key-{n}")))
        await until(scene, ["pending"] + ["delivered"] * 6)
        assert hub.recorder.trouble == ""


async def _all_seen(fake: Fake, count: int) -> bool:
    return len(fake.seen) == count


async def test_a_storm_waits_its_turn_and_no_more_are_under_way_than_may_be(scene: Scene) -> None:
    target_id = await send_to(scene, "pager")
    await scene.database.write(
        lambda connection: targets.change_target(
            connection,
            replace(targets.find_target(connection, "main", target_id), options=TargetOptions(at_once=2)),
        )
    )
    fake = Fake(accept)
    fake.delay = 0.002
    async with running(scene, fake) as hub:
        for n in range(60):
            signals = [problem(f"key-{n:02}-{part}") for part in "ab"]
            await hub.recorder.record(submission(scene.source, *signals))
        await until(scene, ["delivered"] * 120)
    assert fake.most_at_once == 2
    order = [key for _, key, _ in fake.seen]
    # What is recorded while others wait comes after them, but for what is recorded while they are looked for.
    assert max(abs(place - sorted(order).index(key)) for place, key in enumerate(order)) < 60


async def test_what_a_commit_that_fails_would_have_settled_is_settled_by_the_next(
    scene: Scene, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send_to(scene, "pager")
    fake = Fake(accept)
    async with running(scene, fake) as hub:
        await hub.recorder.record(submission(scene.source, problem("first")))
        await until(scene, ["delivered"])
        monkeypatch.setattr("tocsin.hub.dispatcher.SETTLE_SECONDS", 3600.0)
        monkeypatch.setattr("tocsin.hub.dispatcher.POLL_SECONDS", 3600.0)
        await asyncio.sleep(1.1)  # until the last look of those that come by themselves is over
        await hub.recorder.record(submission(scene.source, problem("a")))
        with trouble.lasting(), pytest.raises(Unavailable):
            await hub.recorder.record(submission(scene.source, problem("b"), body=urandom(1_000_000)))
        assert await states(scene) == ["delivered", "pending"]
        await hub.recorder.record(submission(scene.source, problem("c")))
        assert await states(scene) == ["delivered", "delivered", "pending"]
    assert await states(scene) == ["delivered"] * 3
    assert [key for _, key, _ in fake.seen] == ["first", "a", "c"]
