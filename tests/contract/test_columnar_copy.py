"""The columnar copy: exact at every moment, whatever of the ledger it holds, and never depended on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import Connection, Subquery, event, func, select, text, update

from tests.contract.scene import DAY, NOON, Scene, new_source, problem, problems, recovery, submission
from tocsin.hub.archive import Archive
from tocsin.hub.copier import Copier
from tocsin.hub.housekeeping import Housekeeping, Keep
from tocsin.hub.metrics import Metrics
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.pattern import Pattern
from tocsin.query.tree import All, Comparison, Expression, Operator, Text, conjunction, leaves
from tocsin.store import aggregation, counting, scanning, search, tables
from tocsin.store.aggregation import EVENTS
from tocsin.store.columnar import file, rows
from tocsin.store.columnar.copy import Copy
from tocsin.store.columnar.file import CopyFailed, CopyInUse
from tocsin.store.columnar.held import Floor
from tocsin.store.counting import Counting
from tocsin.store.database import open_database, sqlite_url
from tocsin.store.errors import TookTooLong
from tocsin.store.schema import migrate

pytestmark = pytest.mark.anyio


class Bench:
    """A scene with a columnar copy, that nothing follows by itself."""

    def __init__(self, scene: Scene, copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
        self.scene = scene
        self.copy = copy
        self.metrics = Metrics()
        self.copier = Copier(scene.database, copy, self.metrics)
        self._monkeypatch = monkeypatch

    async def follow(self) -> None:
        """Copy all that is new, and leave out all that is gone."""
        self.copier = Copier(self.scene.database, self.copy, self.metrics)
        await self.copier.round(self.copy)

    async def count(self, domain_id: str = "main") -> int:
        """Count the events of a domain, by the copy where it can."""
        return await count(Counting(self.scene.database, self.copy), domain_id)

    async def count_by_copy(self, domain_id: str = "main") -> int:
        """Count the events of a domain, and fail where the ledger has to answer alone."""

        def refuse(*_: object, **__: object) -> None:
            raise AssertionError("the copy did not answer")

        with self._monkeypatch.context() as patch:
            patch.setattr(aggregation, "aggregate", refuse)
            return await self.count(domain_id)


async def count(counting_: Counting, domain_id: str) -> int:
    counts = await counting_.aggregate(EVENTS, domain_id, All(), by=[], limit=10, deadline=monotonic() + 60)
    return counts.total


@pytest.fixture
async def bench(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    copy = Copy(tmp_path / "columnar")
    await copy.open()
    yield Bench(scene, copy, monkeypatch)
    await copy.close()
    copy.end()


async def test_an_answer_is_the_copy_and_what_came_after_it(bench: Bench) -> None:
    await bench.scene.record(*problems("abc"))
    assert await bench.count() == 3
    await bench.follow()
    await bench.scene.record(*problems("de"))
    held = bench.copy.held("main")
    assert held is not None
    assert held.last_seq == 3
    assert await bench.count_by_copy() == 5


async def test_facets_by_the_copy_are_those_of_the_ledger(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.scene.record(*problems("abcab"), recovery("c"))
    await bench.follow()
    await bench.scene.record(*problems("d"))
    names = ("severity", "kind", "type", "source", "host", "key", "labels.none")
    fields = [EVENT_FIELDS.find(name) for name in names]
    asked: dict[str, Any] = {"fields": fields, "limit": 2, "deadline": monotonic() + 60}
    by_ledger = await Counting(bench.scene.database, None).facets(EVENTS, "main", All(), **asked)
    with monkeypatch.context() as patch:
        patch.setattr(Counting, "aggregate", None)
        by_copy = await Counting(bench.scene.database, bench.copy).facets(EVENTS, "main", All(), **asked)
    for name, ours, theirs in zip(names, by_copy, by_ledger, strict=True):
        assert (ours.total, ours.groups) == (theirs.total, theirs.groups) == (7, ours.groups), name
        assert [*ours.counts] == [each for each in theirs.counts if each.values], name
    assert by_copy[5].groups == 4
    nothing = Comparison(EVENT_FIELDS.by_name["host"], Operator.EQUAL, "nowhere")
    none = await Counting(bench.scene.database, bench.copy).facets(EVENTS, "main", nothing, **asked)
    assert [(each.total, each.groups, [*each.counts]) for each in none] == [(0, 0, [])] * len(names)


async def test_what_is_counted_over_time_is_gone_through_once(bench: Bench) -> None:
    await bench.scene.record(*problems("abcab"))
    await bench.follow()

    def explained(connection: Connection, found: Subquery) -> str:
        asked: list[tuple[str, Any]] = []
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
        columns = aggregation.labelled(found.c.time, [found.c.severity], 60_000_000)
        aggregation.rank(connection, select(*columns).select_from(found), 10, is_timed=True)
        statement, values = asked[0]
        return "".join(row[1] for row in connection.exec_driver_sql(f"explain {statement}", values))

    plan = await Counting(bench.scene.database, bench.copy).within_copy(
        "main", All(), ["time", "severity"], explained, monotonic() + 60
    )
    assert plan is not None
    assert plan.count("SEQ_SCAN") == 1, plan


async def test_two_domains_never_mix(bench: Bench) -> None:
    other = await new_source(bench.scene.database, "other")
    await bench.scene.record(*problems("abc"))
    await bench.scene.write(submission(other, *problems("ab")))
    await bench.follow()
    await bench.scene.write(submission(other, problem("c")))
    assert await bench.count_by_copy("main") == 3
    assert await bench.count_by_copy("other") == 3
    assert await bench.count("nobody") == 0


async def test_what_retention_takes_is_not_counted_from_then_on(bench: Bench) -> None:
    await bench.scene.record(*problems("abc"))
    bench.scene.clock.now += 9 * DAY
    await bench.scene.record(*problems("de"))
    await bench.follow()
    await Housekeeping(bench.scene.database, Keep(events_days=5), bench.scene.clock).round()
    assert await bench.count_by_copy() == 2
    await bench.follow()
    held = bench.copy.held("main")
    assert held is not None
    assert held.floor != Floor()
    assert await bench.count_by_copy() == 2
    assert await bench.copy.ask(events_in_copy, 60) == 2


async def test_nothing_is_counted_once_all_is_gone_and_numbers_go_on(bench: Bench) -> None:
    await bench.scene.record(*problems("abc"))
    await bench.follow()
    bench.scene.clock.now += 9 * DAY
    await Housekeeping(bench.scene.database, Keep(events_days=5), bench.scene.clock).round()
    assert await bench.count() == 0
    await bench.follow()
    assert await bench.count() == 0
    await bench.scene.record(problem("d"))
    await bench.follow()
    assert await bench.count_by_copy() == 1


async def test_a_copy_that_lost_what_an_answer_needs_is_not_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.scene.record(*problems("abc"))
    await bench.follow()
    look = rows.look

    def look_and_lose(*values: Any) -> Any:
        looked = look(*values)
        bench.copy._file.forget(["main"])  # as if it came between the two looks
        return looked

    monkeypatch.setattr(counting, "look", look_and_lose)
    assert await bench.count() == 3


async def test_the_copy_of_another_store_is_made_anew(bench: Bench, tmp_path: Path) -> None:
    await bench.scene.record(*problems("abc"))
    await bench.follow()
    await bench.copy.close()
    (tmp_path / "other").mkdir()
    database = open_database(sqlite_url(tmp_path / "other"))
    await migrate(database)
    other = Scene(database, bench.scene.clock, await new_source(database, "main"))
    other.clock.now += 1
    await other.record(*problems("abcde"))
    await database.write(lambda c: c.execute(update(tables.domain).values(created_at=NOON + 1)))
    await bench.copy.open()
    assert bench.copy.held("main") is None
    assert await count(Counting(database, bench.copy), "main") == 5
    copier = Copier(database, bench.copy, Metrics())
    await copier.round(bench.copy)
    assert await bench.copy.ask(events_in_copy, 60) == 5
    await database.close()


async def test_a_past_that_a_backup_has_undone_is_made_anew(bench: Bench) -> None:
    await bench.scene.record(*problems("abc"))
    await bench.follow()
    await bench.scene.database.write(
        lambda connection: connection.execute(
            update(tables.event)
            .where(tables.event.c.seq == 3)
            .values(recorded_at=tables.event.c.recorded_at + 1)
        )
    )
    await bench.scene.record(problem("d"))
    assert bench.copy.domains == {"main"}
    await bench.follow()
    assert await bench.copy.ask(events_in_copy, 60) == 4
    assert await bench.count_by_copy() == 4


async def test_work_within_the_copy_sees_every_event_once(bench: Bench) -> None:
    await bench.scene.record(*problems("aab"))
    await bench.follow()
    await bench.scene.record(*problems("bbc"))

    def sums(connection: Connection, found: Subquery) -> list[tuple[Any, ...]]:
        columns = (
            found.c.key,
            func.count(),
            func.min(found.c.seq),
            func.max(found.c.seq),
            func.sum(found.c.seq),
        )
        return [tuple(row) for row in connection.execute(select(*columns).group_by("key").order_by("key"))]

    counting_ = Counting(bench.scene.database, bench.copy)
    given = await counting_.within_copy("main", All(), ["key", "seq"], sums, monotonic() + 60)
    assert given == [("a", 2, 1, 2, 3), ("b", 3, 3, 5, 12), ("c", 1, 6, 6, 6)]
    without = Counting(bench.scene.database, None)
    assert await without.within_copy("main", All(), ["key", "seq"], sums, monotonic() + 60) is None


async def test_a_page_and_what_is_in_an_id_are_counted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.scene.record(*problems(map(str, range(20))), recovery("nothing"))
    await bench.follow()
    await bench.scene.record(problem("later"))
    archive = Archive(bench.scene.database, Counting(bench.scene.database, bench.copy))

    async def page(name: str, *parts: str) -> tuple[int, list[int]]:
        tree = Comparison(EVENT_FIELDS.by_name[name], Operator.MATCHES, Pattern(parts))
        with monkeypatch.context() as patch:
            patch.setattr(search, "count_events", None)  # the ledger does not count
            found = await archive.page("main", tree, lambda kept: kept.event.seq, limit=2)
        return found.total, list(found.items)

    assert await page("key", "", "") == (22, [22, 21])
    assert await page("id", "", "01", "") == (8, [22, 21])
    assert await page("id", "EVENT-", "1") == (2, [17, 1])
    assert await page("alert_id", "alert", "") == (21, [22, 20])
    assert await page("alert_id", "") == (1, [21])


@pytest.mark.parametrize("newest", [0, 2, 100])
async def test_events_with_a_word_are_found_wherever_they_stand(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, newest: int
) -> None:
    monkeypatch.setattr(scanning, "NEWEST", newest)
    await bench.scene.record(problem("a", title="word"), problem("b"), problem("c", title="a WORD"))
    await bench.follow()
    await bench.scene.record(problem("d"), problem("e", title="words"), problem("f"))
    counting_ = Counting(bench.scene.database, bench.copy)

    async def find(word: str, limit: int, before: int = 0) -> list[int]:
        found = await scanning.events(
            bench.scene.database, counting_, "main", Text(word),
            limit=limit, before=before, deadline=monotonic() + 60,
        )  # fmt: skip
        return [event.seq for event in found]

    assert await find("word", 10) == [5, 3, 1]
    assert await find("word", 2) == [5, 3]
    assert await find("word", 10, before=5) == [3, 1]
    assert await find("nowhere", 10) == []


async def test_a_time_and_a_severity_do_not_lead_the_ledger_through_all(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "NEWEST", 2)
    await bench.scene.record(problem("a", title="word"), *problems("bcdef"))
    await bench.follow()
    asked: list[Expression] = []
    events = search.events

    def noted(connection: Connection, domain_id: str, tree: Expression, **more: Any) -> Any:
        asked.append(tree)
        return events(connection, domain_id, tree, **more)

    monkeypatch.setattr(search, "events", noted)
    since = Comparison(EVENT_FIELDS.by_name["occurred"], Operator.GREATER_EQUAL, NOON - DAY)
    severe = Comparison(EVENT_FIELDS.by_name["severity"], Operator.EQUAL, "critical")

    async def find(*terms: Expression) -> tuple[list[int], int]:
        """Give what is found, and how often the ledger was not told among which numbers to look."""
        asked.clear()
        counting_ = Counting(bench.scene.database, bench.copy)
        found = await scanning.events(
            bench.scene.database, counting_, "main", conjunction(terms), limit=3, deadline=monotonic() + 60
        )
        fields = [
            {leaf.field.attribute for leaf in leaves(tree) if isinstance(leaf, Comparison)} for tree in asked
        ]
        return [event.seq for event in found], sum("seq" not in each for each in fields)

    assert await find(since, Text("word")) == ([1], 0)
    assert await find(severe, Text("word")) == ([1], 0)
    assert await find(since) == ([6, 5, 4], 0)
    assert await find(severe) == ([6, 5, 4], 1)


@pytest.fixture(params=["all of it", "its head", "the middle", "cut off", "another schema"])
def damage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a way to damage a file."""

    def spoil(path: Path) -> None:
        content = bytearray(path.read_bytes())
        match request.param:
            case "all of it":
                content = bytearray(b"nothing of the kind")
            case "its head":
                content[:64] = bytes(64)
            case "the middle":
                content[4096 : len(content) - 4096] = bytes(len(content) - 8192)
            case "cut off":
                del content[len(content) // 2 :]
            case _:
                monkeypatch.setattr(file, "SCHEMA", "a newer one")
        path.write_bytes(content)

    return spoil  # type: ignore[return-value]


async def test_a_damaged_copy_is_made_anew(bench: Bench, damage: Any, tmp_path: Path) -> None:
    await bench.scene.record(*problems("abcdefgh"))
    await bench.follow()
    await bench.copy.close()
    damage(tmp_path / "columnar" / file.NAME)
    await bench.copy.open()
    assert await bench.count() == 8
    await bench.follow()
    assert await bench.count_by_copy() == 8


async def test_one_process_has_the_copy(bench: Bench, tmp_path: Path) -> None:
    await bench.scene.record(*problems("abc"))
    second = Copy(tmp_path / "columnar")
    with pytest.raises(CopyInUse):
        await second.open()
    assert await count(Counting(bench.scene.database, second), "main") == 3
    await second.close()
    second.end()
    await bench.follow()
    assert await bench.count_by_copy() == 3


async def test_a_question_ends_at_its_deadline(bench: Bench) -> None:
    endless = text("select count(*) from range(100000000) a, range(100000) b where a.range % 7 = b.range % 5")
    with pytest.raises(TookTooLong):
        await bench.copy.ask(lambda connection: connection.execute(endless).all(), 0.2)
    with pytest.raises(TookTooLong):
        await bench.copy.ask(lambda connection: connection.execute(endless).all(), 0.0)
    assert await bench.copy.ask(events_in_copy, 60) == 0


async def test_what_does_not_fit_into_memory_is_counted_by_the_ledger(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.scene.record(*problems("abc"))
    await bench.follow()

    def fail(*_: object) -> None:
        raise CopyFailed("Out of Memory Error")

    monkeypatch.setattr(bench.copy, "_ask", fail)
    assert await bench.count() == 3


async def test_a_long_tail_is_counted_by_the_ledger(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.scene.record(*problems("abc"))
    await bench.follow()
    await bench.scene.record(*problems("defg"))
    monkeypatch.setattr(rows, "TAIL_ROWS", 3)
    assert await bench.count() == 7
    with pytest.raises(AssertionError, match="did not answer"):
        await bench.count_by_copy()


async def test_a_page_is_bounded_in_length_but_holds_an_event(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.store.columnar.pages.CHARACTERS", 1000)
    pages = []
    append = bench.copy.append

    async def note(domain_id: str, held: Any, page: Any) -> None:
        pages.append(page.lists.number)
        await append(domain_id, held, page)

    monkeypatch.setattr(bench.copy, "append", note)
    sizes = (400, 400, 3000, 10, 10)
    await bench.scene.record(*(problem(f"key-{n}", description="x" * size) for n, size in enumerate(sizes)))
    await bench.follow()
    assert pages == [2, 1, 2]
    assert await bench.count_by_copy() == 5


async def test_the_copier_follows_by_itself_and_says_how_far_it_is(scene: Scene, tmp_path: Path) -> None:
    await scene.record(*problems("abc"))
    copy = Copy(tmp_path / "columnar")
    metrics = Metrics()
    copier = Copier(scene.database, copy, metrics)
    copier.start()
    async with asyncio.timeout(30):
        while (held := copy.held("main")) is None or held.last_seq < 3:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.05)
    assert copier.note == ""
    assert metrics.registry.get_sample_value("tocsin_columnar_lag_events") == 0
    await copier.stop()


async def test_a_copier_without_a_place_says_why(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "columnar").write_text("no directory")
    copier = Copier(scene.database, Copy(tmp_path / "columnar"), Metrics())
    copier.start()
    async with asyncio.timeout(30):
        while str(tmp_path) not in copier.note:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.05)
    await copier.stop()
    assert Copier(scene.database, None, Metrics()).note == "off"


def events_in_copy(connection: Any) -> int:
    return int(connection.execute(text("select count(*) from event")).scalar_one())
