"""Search on both stores: pages, names, limits, and what only the predicate can decide."""

import time
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete

from tests.contract.scene import DAY, NOON, SECOND, Scene, new_source, problem, recovery, submission
from tocsin.model.alert import Alert
from tocsin.model.event import Event
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS, label_field
from tocsin.query.language import MAX_DEPTH, MAX_TERMS, parse
from tocsin.query.pattern import Pattern
from tocsin.query.tree import Comparison, Expression, Not, Operator, Text, conjunction, disjunction, one_of
from tocsin.store import glimpse, search, tables
from tocsin.store.errors import TookTooLong

pytestmark = pytest.mark.anyio

ENOUGH = 1_000
TITLE = EVENT_FIELDS.by_name["title"]
SEQ = EVENT_FIELDS.by_name["seq"]
OBJECT = EVENT_FIELDS.by_name["object_id"]


async def find(
    scene: Scene, asked: str | Expression, *, limit: int = ENOUGH, before: int = 0, domain: str = "main"
) -> list[Event]:
    tree = parse(asked, EVENT_FIELDS, NOON) if isinstance(asked, str) else asked
    work = partial(search.events, domain_id=domain, tree=tree, limit=limit, before=before)
    return await scene.database.read(work)


async def find_alerts(scene: Scene, q: str, *, limit: int = ENOUGH, before: int = 0) -> list[Alert]:
    tree = parse(q, ALERT_FIELDS, NOON)
    work = partial(search.alerts, domain_id="main", tree=tree, limit=limit, before=before)
    return await scene.database.read(work)


async def count(scene: Scene, asked: str | Expression) -> int:
    tree = parse(asked, EVENT_FIELDS, NOON) if isinstance(asked, str) else asked
    return await scene.database.read(partial(search.count_events, domain_id="main", tree=tree))


def mixed(numbers: range) -> list[Signal]:
    """Make problems of every third severity and of seven hosts."""
    severities = [Severity.CRITICAL, Severity.WARNING, Severity.INFO]
    return [
        problem(f"key-{n}", severities[n % 3], host=f"web-{n % 7}", labels={"even": str(n % 2 == 0)})
        for n in numbers
    ]


EXPRESSIONS = [
    "",
    "severity=critical",
    "severity>=warning",
    "host:web-3",
    "host:web-*",
    "occurred>2025-01-01",
    "even=True -host:web-1",
    "host~^web-[0-3]$",
    "severity=critical host~[1-5]",
    "title~wrong OR host:web-2",
]


@pytest.mark.parametrize("q", EXPRESSIONS)
async def test_pages_give_every_event_once_and_in_order_while_new_ones_come_in(scene: Scene, q: str) -> None:
    for start in range(0, 60, 20):
        await scene.record(*mixed(range(start, start + 20)))
    wanted = await find(scene, q)
    assert len(wanted) >= 8
    assert len(wanted) == await count(scene, q)

    seen: list[Event] = []
    page = await find(scene, q, limit=7)
    while page:
        seen += page
        await scene.record(*mixed(range(60, 65)))
        page = await find(scene, q, limit=7, before=seen[-1].seq)
    assert seen == wanted
    assert [event.seq for event in seen] == sorted({event.seq for event in seen}, reverse=True)


@pytest.mark.parametrize("q", ["", "state=open", "state=open OR state=resolved", "host~^web-[2-6]$"])
async def test_pages_of_alerts(scene: Scene, q: str) -> None:
    await scene.record(*mixed(range(40)))
    await scene.record(*(recovery(f"key-{n}") for n in range(0, 40, 4)))
    wanted = await find_alerts(scene, q)
    assert len(wanted) >= 20
    seen: list[Alert] = []
    page = await find_alerts(scene, q, limit=6)
    while page:
        seen += page
        page = await find_alerts(scene, q, limit=6, before=seen[-1].seq)
    assert seen == wanted
    tree = parse(q, ALERT_FIELDS, NOON)
    assert len(seen) == await scene.database.read(partial(search.count_alerts, domain_id="main", tree=tree))


async def test_an_expression_finds_what_it_says(scene: Scene) -> None:
    await scene.record(
        problem(
            "a", title="Disk full on Straße 7", host="WEB-1", labels={"region": "EU", "app/name": "shop"}
        ),
        problem("b", Severity.WARNING, description="50% of _all_", host="web-2", source_tool="Nagios"),
        Signal(Kind.INFO, "c", Severity.INFO, "nothing", output="ΟΔΟΣ"),
        recovery("a"),
    )
    answers = {
        "straSSE": "a",
        '"disk FULL"': "a",
        "50%": "b",
        "50_": "",
        "_all": "b",
        "οδος": "c",
        "nagios": "",
        "source_tool:nagios": "b",
        "source_tool=nagios": "",
        "host:web-*": "ab",
        "host=web-*": "",
        "host:*-2": "b",
        "host:w*b*1": "a",
        "region:eu": "a",
        "region=eu": "",
        'labels."app/name"=shop': "a",
        'labels."app/name":*h*p': "a",
        "team:* kind=info": "c",
        "-region:eu kind=problem": "b",
        "type:alert": "abc",
        "type:recovery": "a",
        "kind:recovery": "a",
        "severity>info": "ab",
        "severity>critical": "",
        "outcome=resolved": "a",
        "alert_id=alert-000000000001 kind=problem": "a",
        'alert_id=""': "c",
        "seq>=2 seq<4": "bc",
        "NOT (disk OR seq=4)": "bc",
    }
    found = {q: "".join(sorted({event.key for event in await find(scene, q)})) for q in answers}
    assert found == answers


async def test_sources_and_projects_are_found_by_name_and_by_id(scene: Scene) -> None:
    other = await new_source(scene.database, "main", "Über Nagios")
    await scene.record(problem("a"))
    await scene.write(submission(other, problem("b")))

    async def keys(q: str) -> str:
        return "".join(sorted(event.key for event in await find(scene, q)))

    assert await keys("source:probe") == "a"
    assert await keys('source:"über *"') == "b"
    assert await keys(f"source={other.id}") == "b"
    assert await keys(f"source_id={other.id}") == "b"
    assert await keys(f"source_id:{other.id.upper()}") == "b"
    assert await keys("-source:probe") == "b"
    assert await keys("project:default") == "ab"
    assert await keys("project:elsewhere") == ""
    # What is gone from the directory is found by its id.
    await scene.database.write(lambda c: c.execute(delete(tables.source).filter_by(id=other.id)))
    assert await keys('source:"über nagios"') == ""
    assert await keys(f"source={other.id}") == "b"


@pytest.mark.parametrize("q", ["", "host:web-1", "host:w*", "title~wrong", "seq>0"])
async def test_no_domain_sees_another(scene: Scene, q: str) -> None:
    other = await new_source(scene.database, "umbrella")
    await scene.record(problem("ours", host="web-1"))
    await scene.write(submission(other, problem("theirs", host="web-1"), problem("more", host="web-1")))
    assert [event.key for event in await find(scene, q)] == ["ours"]
    assert await count(scene, q) == 1
    assert [event.key for event in await find(scene, q, domain="umbrella")] == ["more", "theirs"]
    assert await find(scene, q, domain="nobody") == []


async def test_events_of_many_days_come_in_order_from_the_newest(scene: Scene) -> None:
    for _ in range(40):
        await scene.record(problem("daily", host="web-1"), problem("other", Severity.INFO, host="db-1"))
        scene.clock.now += DAY
    everything = await find(scene, "")
    assert [event.seq for event in everything] == list(range(80, 0, -1))
    for q in ("severity=critical", "host:web-1", "host:web*", "key~^daily$", "daily"):
        found = await find(scene, q)
        assert [event.seq for event in found] == list(range(79, 0, -2))
        assert await find(scene, q, limit=25) == found[:25]
        assert await find(scene, q, limit=10, before=found[19].seq) == found[20:30]


@pytest.mark.parametrize("extra", ["", " host:web*", " key~^dai"])
async def test_the_time_of_recording_bounds_a_search_to_the_microsecond(scene: Scene, extra: str) -> None:
    for _ in range(10):
        await scene.record(problem("daily", host="web-1"))
        scene.clock.now += DAY
    third = next(event for event in await find(scene, "") if event.seq == 3)
    assert third.recorded_at == NOON + 2 * DAY

    async def seqs(q: str) -> list[int]:
        found = [event.seq for event in await find(scene, q + extra)]
        assert await count(scene, q + extra) == len(found)
        return found

    assert await seqs("recorded<2026-01-03T12:00Z") == [2, 1]
    assert await seqs("recorded<=2026-01-03T12:00Z") == [3, 2, 1]
    assert await seqs("recorded=2026-01-03T12:00Z") == [3]
    assert await seqs("recorded>2026-01-03T12:00Z recorded<2026-01-06") == [5, 4]
    assert await seqs("recorded>=2026-01-09") == [10, 9]
    assert await seqs("recorded>2026-02-01") == []
    assert await seqs("recorded<2026-01-01") == []
    assert await seqs("-recorded<2026-01-09") == [10, 9]


async def test_the_domain_counts_what_retention_has_left(scene: Scene) -> None:
    assert await count(scene, "") == 0
    await scene.record(*mixed(range(10)))
    assert await count(scene, "") == 10
    columns = tables.event.c
    await scene.database.write(lambda c: c.execute(delete(tables.event).where(columns.seq <= 4)))
    assert await count(scene, "") == len(await find(scene, "")) == 6
    await scene.database.write(lambda c: c.execute(delete(tables.event)))
    assert await count(scene, "") == 0


NOWHERE: dict[str, Expression] = {
    "NUL": Comparison(TITLE, Operator.EQUAL, "a\0b"),
    "NUL in a pattern": Comparison(TITLE, Operator.MATCHES, Pattern(("\0", ""))),
    "NUL in a phrase": Text("\0"),
    "half a surrogate pair": one_of(TITLE, ["a", "\ud800"]),
    "a label's name with NUL": Comparison(label_field("a\0"), Operator.EQUAL, "x"),
    "a number beyond 64 bits": Comparison(SEQ, Operator.EQUAL, 2**63),
    "one far below": one_of(SEQ, [-(2**70), 0]),
    "a pattern longer than SQLite takes": Comparison(TITLE, Operator.MATCHES, Pattern(("a", "b" * 60_000))),
}


@pytest.mark.parametrize("what", NOWHERE)
async def test_what_no_store_can_hold_is_found_nowhere(scene: Scene, what: str) -> None:
    await scene.record(*mixed(range(5)))
    tree = NOWHERE[what]
    assert await find(scene, tree) == []
    assert await count(scene, tree) == 0
    assert len(await find(scene, Not(tree))) == await count(scene, Not(tree)) == 5


async def test_a_number_beyond_64_bits_still_has_its_place_in_the_order(scene: Scene) -> None:
    await scene.record(*mixed(range(5)))
    assert len(await find(scene, Comparison(SEQ, Operator.LESS, 2**70))) == 5
    assert await find(scene, Comparison(SEQ, Operator.GREATER, 2**70)) == []


async def test_characters_that_sqlite_reads_as_one_stay_apart(scene: Scene) -> None:
    await scene.record(*(problem(f"{n}", title=f"x{chr(n)}y") for n in (0xFFFD, 0xFFFE, 0xFFFF)))
    for n in (0xFFFD, 0xFFFE, 0xFFFF):
        for parts in ((f"x{chr(n)}", "y"), ("", f"{chr(n)}y"), ("", chr(n), ""), (f"x{chr(n)}", "")):
            tree = Comparison(TITLE, Operator.MATCHES, Pattern(parts))
            assert [event.key for event in await find(scene, tree)] == [f"{n}"]


async def test_prefixes_end_where_their_last_character_does(scene: Scene) -> None:
    hosts = ["a\U0010ffff", "a\U0010ffffb", "b", "\ud7ff", "\ue000", "\U0010ffff", "\U0010ffff\U0010ffffz"]
    await scene.record(*(problem(f"{n}", host=host) for n, host in enumerate(hosts)))
    host = EVENT_FIELDS.by_name["host"]
    for prefix in ("a", "a\U0010ffff", "\ud7ff", "\U0010ffff", "\U0010ffff\U0010ffff"):
        found = await find(scene, Comparison(host, Operator.MATCHES, Pattern((prefix, ""))))
        assert sorted(event.host for event in found) == sorted(h for h in hosts if h.startswith(prefix))


async def test_large_questions_are_answered(scene: Scene) -> None:
    await scene.record(*mixed(range(20)))
    words: list[Expression] = [Text(f"word-{n}") for n in range(MAX_TERMS)]
    assert await find(scene, disjunction([*words, Text("KEY-7")])) == await find(scene, "key:key-7")
    assert await count(scene, conjunction(map(Not, words))) == 20
    labels = (Comparison(label_field(f"l-{n}"), Operator.EQUAL, "x") for n in range(1_200))
    assert await find(scene, disjunction(labels)) == []
    deep: Expression = Text("key-7")
    for n in range(MAX_DEPTH):
        others = [Text(f"word-{n}-{m}") for m in range(MAX_TERMS // MAX_DEPTH - 1)]
        deep = disjunction([conjunction([deep, Text("key")]), *others])
    assert await find(scene, deep) == await find(scene, "key:key-7")


@pytest.mark.parametrize("size", [2, 16, 17, 40_000])
async def test_sets_of_any_size(scene: Scene, size: int) -> None:
    await scene.record(*mixed(range(20)))
    everything = await find(scene, "")
    chosen = {event.object_id for event in everything[::3]}
    unknown = range(10_000, 10_000 + size - len(chosen)) if size > len(chosen) else ()
    numbers = one_of(OBJECT, sorted([*sorted(chosen)[:size], *unknown]))
    wanted = [event for event in everything if event.object_id in sorted(chosen)[:size]]
    assert await find(scene, numbers) == wanted
    assert await count(scene, Not(numbers)) == len(everything) - len(wanted)
    titles = one_of(TITLE, [everything[4].title, *(f'no "such" title \\{n}' for n in range(size - 1))])
    assert await find(scene, titles) == [everything[4]]
    regions = one_of(label_field("even"), ["True", *(f"{n}" for n in range(size - 1))])
    assert await find(scene, regions) == await find(scene, "even=True")


@pytest.mark.parametrize("q", ["", "title~wrong", "host:web*"])
async def test_a_search_ends_at_its_deadline(scene: Scene, q: str) -> None:
    await scene.record(*mixed(range(20)))
    tree = parse(q, EVENT_FIELDS, NOON)

    async def read(work: Any, deadline: float) -> None:
        await scene.database.read(partial(work, domain_id="main", tree=tree, deadline=deadline))

    await read(partial(search.events, limit=5), time.monotonic() + 60)
    with pytest.raises(TookTooLong, match="narrow it"):
        await read(partial(search.events, limit=5), time.monotonic() - 1)


async def test_a_predicate_is_stopped_on_its_way(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await scene.record(*mixed(range(50)))
    monkeypatch.setattr(glimpse, "_MANY", 1)
    asked = iter(range(1_000))
    monkeypatch.setattr(search, "time", SimpleNamespace(monotonic=lambda: next(asked)))
    tree = parse("title~nowhere", EVENT_FIELDS, NOON)
    for work in (partial(search.events, limit=5), search.count_events):
        with pytest.raises(TookTooLong):
            await scene.database.read(partial(work, domain_id="main", tree=tree, deadline=20))
    assert next(asked) < 50


async def test_what_happened_when_is_found_by_the_senders_time(scene: Scene) -> None:
    late = problem("late", occurred_at=NOON - 3 * DAY)
    await scene.record(problem("now"), late)
    scene.clock.now += 5 * SECOND
    await scene.record(problem("after"))
    assert [event.key for event in await find(scene, "occurred<-1d")] == ["late"]
    assert [event.key for event in await find(scene, "occurred>-1d")] == ["after", "now"]
    assert [event.key for event in await find(scene, "occurred>now")] == ["after"]
    assert [event.key for event in await find(scene, 'occurred=""')] == []
