"""Several nodes on one store: one open alert per key, dense numbers, and readers that miss nothing.

On SQLite the second node stands for the commands that work on the store beside a server.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from functools import partial

import pytest

from tests.contract.scene import ALL, DAY, NOON, Scene, new_source, open_scene, problem, recovery, submission
from tocsin.model.alert import AlertState
from tocsin.model.receipt import Outcome, Receipt
from tocsin.model.source import Source
from tocsin.model.submission import Submission
from tocsin.store import reading, schema
from tocsin.store.database import open_database

pytestmark = pytest.mark.anyio

KEYS = 12
BATCHES = 15


@pytest.fixture
async def nodes(store_url: str) -> AsyncIterator[list[Scene]]:
    """Give two nodes on one store: each with connections and a ledger of its own."""
    first, second = open_database(store_url), open_database(store_url)
    await schema.migrate(first)
    scene = await open_scene(first)
    other = Scene(second, scene.clock, scene.source)
    yield [scene, other]
    await first.close()
    await second.close()


def some_batch(chance: random.Random, sources: list[Source]) -> list[Submission]:
    """Make a few requests whose problems and recoveries are of few keys."""
    return [
        submission(
            chance.choice(sources),
            *(
                chance.choice((problem, problem, recovery))(f"key-{chance.randrange(KEYS)}")
                for _ in range(chance.randint(1, 6))
            ),
        )
        for _ in range(chance.randint(1, 3))
    ]


async def write_much(node: Scene, seed: int, sources: list[Source]) -> dict[str, list[Receipt]]:
    """Write batch after batch. Gives the receipts of each domain, in order."""
    chance = random.Random(seed)
    given: dict[str, list[Receipt]] = {source.domain_id: [] for source in sources}
    for _ in range(BATCHES):
        batch = some_batch(chance, sources)
        for request, receipts in zip(batch, await node.write(*batch), strict=True):
            given[request.source.domain_id] += receipts
    return given


async def test_nodes_that_record_the_same_keys_agree(nodes: list[Scene]) -> None:
    first, second = nodes
    sources = [first.source, await new_source(first.database, "umbrella")]
    # Batches of two domains are given in both orders, so that nodes could wait for each other.
    given = await asyncio.gather(
        write_much(first, 1, sources),
        write_much(second, 2, sources[::-1]),
        write_much(first, 3, sources[::-1]),
        write_much(second, 4, sources),
    )
    alerts = await first.alerts()
    open_keys = [(a.domain_id, a.key) for a in alerts if a.state is not AlertState.RESOLVED]
    assert len(open_keys) == len(set(open_keys))
    for source in sources:
        domain_id = source.domain_id
        events = await second.events(domain_id)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        receipts = sorted(
            (receipt for each in given for receipt in each[domain_id]), key=lambda receipt: receipt.seq
        )
        assert [(r.seq, r.outcome, r.alert_seq) for r in receipts] == [
            (e.seq, e.outcome, e.alert_seq) for e in events
        ]
        for alert in (each for each in alerts if each.domain_id == domain_id):
            own = [event for event in events if event.alert_seq == alert.seq]
            assert own[0].outcome == Outcome.OPENED
            assert [event.outcome for event in own[1:-1]] == [Outcome.JOINED] * len(own[1:-1])
            assert alert.count == sum(event.kind == "problem" for event in own)
            assert alert.last_seq == own[-1].seq
            assert (own[-1].outcome == Outcome.RESOLVED) == (alert.state is AlertState.RESOLVED)


async def test_nodes_that_see_the_same_hosts_make_each_object_once(nodes: list[Scene]) -> None:
    async def record(node: Scene, start: int) -> None:
        for n in range(20):
            await node.record(problem(f"ping-{start}", host=f"web-{(start + n) % 20}"))

    await asyncio.gather(*(record(node, start) for start, node in enumerate(nodes * 2)))
    objects = await nodes[0].objects()
    assert sorted(each.host for each in objects) == sorted(f"web-{n}" for n in range(20))
    assert [each.id for each in objects] == list(range(1, 21))


async def test_a_reader_that_asks_for_what_comes_next_never_misses_one(nodes: list[Scene]) -> None:
    first, second = nodes
    sources = [first.source, await new_source(first.database, "umbrella")]
    writing = asyncio.gather(
        *(write_much(node, seed, sources) for seed, node in enumerate([first, second, first, second]))
    )
    seen: dict[str, list[int]] = {source.domain_id: [] for source in sources}

    async def follow(node: Scene, domain_id: str) -> None:
        numbers = seen[domain_id]
        while True:
            finished = writing.done()
            last = numbers[-1] if numbers else 0
            page = await node.database.read(
                partial(reading.events_after, domain_id=domain_id, seq=last, limit=ALL)
            )
            numbers += [event.seq for event in page]
            if finished and not page:
                return

    await asyncio.gather(*(follow(second, domain_id) for domain_id in seen))
    given = await writing
    for domain_id, numbers in seen.items():
        total = sum(len(each[domain_id]) for each in given)
        assert numbers == list(range(1, total + 1))


async def test_nodes_that_come_into_a_new_day_together_both_record(nodes: list[Scene]) -> None:
    first, second = nodes
    other = await new_source(first.database, "umbrella")
    for day in range(1, 6):
        first.clock.now = NOON + day * DAY
        await asyncio.gather(
            first.write(submission(first.source, problem("disk"))),
            second.write(submission(other, problem("disk"))),
        )
    for domain_id in ("main", "umbrella"):
        assert [event.seq for event in await first.events(domain_id)] == [1, 2, 3, 4, 5]
