"""The feed: committed events in their order, each once, on every node."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from tests.contract.scene import Scene, new_source, problem, problems, submission
from tests.contract.trouble import Trouble
from tocsin.hub.feed import PAGE, POLL_SECONDS, Feed
from tocsin.hub.metrics import Metrics
from tocsin.model.event import Event
from tocsin.store.database import open_database
from tocsin.store.notify import Notifier

pytestmark = pytest.mark.anyio


class Node:
    """A feed at work beside a ledger, with figures of its own."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.metrics = Metrics()
        self.feed = Feed(scene.database, Notifier(scene.database), self.metrics)

    async def record(self, *keys: str) -> None:
        """Record problems, and tell the feed as the recorder does."""
        await self.scene.record(*problems(keys))
        self.feed.committed({self.scene.source.domain_id})

    @property
    def listeners(self) -> float | None:
        return self.metrics.registry.get_sample_value("tocsin_feed_listeners")


@pytest.fixture
async def node(scene: Scene) -> AsyncIterator[Node]:
    started = Node(scene)
    await started.feed.start()
    yield started
    await started.feed.stop()


@pytest.fixture
async def other(scene: Scene, store_url: str) -> AsyncIterator[Node]:
    """Give another node on the same store."""
    database = open_database(store_url)
    started = Node(Scene(database, scene.clock, scene.source))
    await started.feed.start()
    yield started
    await started.feed.stop()
    await database.close()


async def take(stream: AsyncIterator[list[Event]], count: int) -> list[Event]:
    """Take events from a stream until there are so many."""
    taken: list[Event] = []
    async with asyncio.timeout(20):
        while len(taken) < count:
            taken += await anext(stream)
    return taken


async def test_events_come_from_where_the_listener_left(node: Node) -> None:
    await node.record(*"abcde")
    stream = node.feed.follow("main", 2)
    assert [event.key for event in await take(stream, 3)] == ["c", "d", "e"]
    await node.record("f")
    assert [event.seq for event in await take(stream, 1)] == [6]


async def test_news_of_this_node_come_at_once(node: Node) -> None:
    stream = node.feed.follow("main", 0)
    for n in range(5):
        waiting = asyncio.create_task(take(stream, 1))
        await asyncio.sleep(0.05)
        started = time.monotonic()
        await node.record(f"key-{n}")
        assert [event.key for event in await waiting] == [f"key-{n}"]
        assert time.monotonic() - started < POLL_SECONDS / 2


async def test_a_listener_without_news_gets_an_empty_page_now_and_then(node: Node) -> None:
    stream = node.feed.follow("main", 0)
    started = time.monotonic()
    assert await anext(stream) == []
    assert POLL_SECONDS * 0.9 < time.monotonic() - started < POLL_SECONDS * 3


async def test_many_events_come_page_by_page(node: Node) -> None:
    await node.record(*(f"key-{n}" for n in range(PAGE + 10)))
    stream = node.feed.follow("main", 0)
    assert [len(await anext(stream)), len(await anext(stream))] == [PAGE, 10]


async def test_a_listener_hears_its_own_domain_only(node: Node) -> None:
    source = await new_source(node.scene.database, "umbrella")
    await node.scene.write(
        submission(source, problem("theirs")), submission(node.scene.source, problem("ours"))
    )
    node.feed.committed({"main", "umbrella"})
    assert [event.key for event in await take(node.feed.follow("umbrella", 0), 1)] == ["theirs"]
    assert [event.key for event in await take(node.feed.follow("main", 0), 1)] == ["ours"]


async def test_the_last_number_is_known(node: Node) -> None:
    assert await node.feed.last("main") == 0
    await node.record("a", "b")
    assert await node.feed.last("main") == 2


async def test_every_node_hears_the_events_of_all_once_and_in_order(node: Node, other: Node) -> None:
    count = 30
    following = [asyncio.create_task(take(each.feed.follow("main", 0), 2 * count)) for each in (node, other)]

    async def record(each: Node, name: str) -> None:
        for n in range(count):
            await each.record(f"{name}-{n}")

    await asyncio.gather(record(node, "one"), record(other, "two"))
    for events in await asyncio.gather(*following):
        assert [event.seq for event in events] == list(range(1, 2 * count + 1))
        for name in ("one", "two"):
            own = [event.key for event in events if event.key.startswith(name)]
            assert own == [f"{name}-{n}" for n in range(count)]


async def test_a_node_on_postgresql_is_told_and_need_not_ask(node: Node, other: Node) -> None:
    # On SQLite there is no second node: what commands write beside a server is noticed by asking.
    limit = POLL_SECONDS * 3 if node.scene.database.is_sqlite else POLL_SECONDS / 2
    stream = other.feed.follow("main", 0)
    await node.record("first")
    await take(stream, 1)
    waiting = asyncio.create_task(take(stream, 1))
    # It has just asked, so that it would ask again only after a while.
    await asyncio.sleep(0.2)
    started = time.monotonic()
    await node.record("second")
    assert [event.key for event in await waiting] == ["second"]
    assert time.monotonic() - started < limit


async def test_the_end_of_the_feed_ends_every_stream(node: Node) -> None:
    await node.record("a")
    behind, waiting = node.feed.follow("main", 0), node.feed.follow("main", 1)
    await take(behind, 1)
    pending = asyncio.create_task(anext(waiting, None))
    await asyncio.sleep(0.05)
    started = time.monotonic()
    node.feed.end()
    assert await pending is None
    assert await anext(behind, None) is None
    assert time.monotonic() - started < POLL_SECONDS / 2


async def test_listeners_are_counted(node: Node) -> None:
    await node.record("a")
    stream = node.feed.follow("main", 0)
    assert node.listeners == 0
    await anext(stream)
    assert node.listeners == 1
    await stream.aclose()  # type: ignore[attr-defined]
    assert node.listeners == 0


async def test_a_stream_goes_on_after_the_store_was_away(node: Node, trouble: Trouble) -> None:
    await node.record("before")
    stream = node.feed.follow("main", 0)
    await take(stream, 1)
    with trouble.lasting():
        assert await anext(stream) == []
    await node.record("after")
    assert [event.key for event in await take(stream, 1)] == ["after"]
