"""What somebody with a browser gets, measured on a small store, and what is made of it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import live_tail, measure
from tests.bench.bars import bars
from tests.bench.console import PAGES, measure_console
from tests.bench.figures import Console, LiveTail, Painting, Result
from tests.bench.filters import CHANGES
from tests.bench.live_tail import growth
from tests.bench.preload import preload
from tests.bench.report import markdown
from tests.bench.scene import Scene
from tests.bench.stores import SQLITE, Store
from tests.bench.visit import Paint, painting_of
from tests.servers.tocsin import Tocsin
from tocsin.store.database import open_database, sqlite_url

EVENTS = 6_000
"""Enough for a past of three days: the ledger gets 2,000 at a time."""
SECONDS = 4
FAST = Painting(100, 200, 300, 300, 400)
SLOW = Painting(100, 301, 200, 301, 301)
TAIL = LiveTail(60, 490, 3_600, 0, 40, 0, 0, 150, 300, 0, [4, 5, 6, 10, 10, 10, 11, 11, 11])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    url = sqlite_url(tmp_path)
    return Store(SQLITE, url, asyncio.run(fill(url)), tmp_path)


async def fill(url: str) -> Scene:
    database = open_database(url)
    try:
        return await preload(database, EVENTS)
    finally:
        await database.close()


@pytest.fixture
def server(store: Store) -> Iterator[Tocsin]:
    with measure.server_on(store) as running:
        yield running


def test_a_browser_measures_what_it_is_shown(
    server: Tocsin, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_tail, "RATE", 100)
    found = measure_console(SQLITE, server, store, tail_seconds=SECONDS, rounds=1)
    assert [*found.first] == [*PAGES]
    assert [*found.changes] == [*CHANGES]
    for [page] in found.first.values():
        assert 0 < page.list_ms <= page.painted_ms <= page.settled_ms
        assert page.facets_ms <= page.painted_ms
    for [change] in found.changes.values():
        assert 0 < change.chart_ms <= change.painted_ms <= change.settled_ms
    tail = found.tail
    assert tail.events_per_second > 10
    assert tail.frames > 0
    assert tail.longest_frame_ms > 0
    assert tail.gaps == 0
    assert 0 < tail.behind_p50_ms <= tail.behind_p99_ms
    assert min(tail.heap_mb) > 1


def test_each_part_is_done_when_it_was_painted_last_and_the_chart_with_its_first_number() -> None:
    paints = [
        Paint("facets", 1_010),
        Paint("chart", 1_150),
        Paint("total", 1_150),
        Paint("list", 1_200),
        Paint("facets", 1_250),
        Paint("chart", 1_300),
    ]
    assert painting_of(paints, since=1_000) == Painting(200, 250, 150, 250, 300)
    assert painting_of(paints[:1], since=1_000) == Painting(0, 10, 0, 10, 10)


def test_the_last_third_of_the_memory_is_held_against_the_one_before() -> None:
    assert growth([1, 2, 3, 10, 40, 10, 11, 11, 90]) == 1.1


def verdicts(found: Console) -> list[str]:
    measured = bars(Result({}, [], [], None, console=found))
    return [bar.verdict for bar in measured if bar.what.startswith("Console: ")]


def test_a_console_is_held_against_its_bars() -> None:
    pages = {page: [Painting(1, 1, 1, 1_000, 1_000)] for page in PAGES}
    fast = Console(SQLITE, 2_000, "Chromium 1", [0.5, 1.5], pages, {each: [FAST] for each in CHANGES}, TAIL)
    assert set(verdicts(fast)) == {"pass"}
    late = {page: [Painting(1, 1, 1, 1_001, 1_001)] for page in PAGES}
    grown = LiveTail(60, 489, 3_600, 1, 101, 0, 0, 150, 300, 1, [1, 2, 3])
    slow = Console(SQLITE, 2_000, "", [0, 0], late, {each: [FAST, SLOW, SLOW] for each in CHANGES}, grown)
    assert set(verdicts(slow)) == {"MISS"}
    page = markdown(Result({}, [], [], None, console=fast))
    assert "## Console: Chromium 1, 2,000 events, load average 0.5 to 1.5" in page
    assert "| a word, typed | 100 | 200 | 300 | 300 | 300 | 400 |" in page
    assert "| events missing in the list | 0 |" in page
