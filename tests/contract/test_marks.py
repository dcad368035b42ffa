"""Alerts that were merged, moved or deleted, on both stores: every reader sees events where they belong."""

from functools import partial
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import Connection

from tests.contract.scene import DAY, Scene, problem, recovery
from tocsin.hub.copier import Copier
from tocsin.hub.hub import Hub, clock
from tocsin.hub.metrics import Metrics
from tocsin.model.alert import Alert, AlertState
from tocsin.model.audit import Author
from tocsin.model.event import Event
from tocsin.model.receipt import Outcome
from tocsin.model.submission import Payload
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.order import SortKey
from tocsin.query.predicate import compile_predicate
from tocsin.store import aggregation, directory, keeping, listing, marks, reading, search
from tocsin.store.aggregation import EVENTS
from tocsin.store.columnar.copy import Copy
from tocsin.store.counting import Counting
from tocsin.store.errors import NotFound
from tocsin.store.tallying import Tallying

pytestmark = pytest.mark.anyio

MAIN = "main"
PAYLOAD = Payload("native", "", {}, b"{}")
QUESTIONS = (
    "",
    "alert_id=alert-000000000001",
    "alert_id=alert-000000000002",
    "-alert_id=alert-000000000001",
    'alert_id:""',
    "project:moved",
    "-project:moved",
    "project:default severity=critical",
    "project:moved OR alert_id=alert-000000000001",
    "project_id~project",
    "key:b* alert_id=alert-000000000001",
)


def author() -> Author:
    return Author("ann", "session", clock())


async def alert(scene: Scene, key: str) -> Alert:
    return next(each for each in await scene.alerts() if each.key == key)


async def new_project(scene: Scene) -> str:
    def make(connection: Connection) -> str:
        return directory.create_project(connection, MAIN, "moved", clock()).id

    return await scene.database.write(make)


async def fill(scene: Scene) -> tuple[Hub, str]:
    """Open the alerts a to e, merge b into a, move c, delete d, and leave e alone."""
    await scene.record(*(problem(key) for key in "abcdef"))
    await scene.record(*(problem(key) for key in "abcde"))
    hub, project_id = Hub(scene.database), await new_project(scene)
    work = hub.alert_work
    await work.merge(author(), await alert(scene, "a"), [await alert(scene, "b")], PAYLOAD)
    await work.move(author(), await alert(scene, "c"), project_id, PAYLOAD)
    await work.delete(author(), await alert(scene, "d"), PAYLOAD)
    scene.ledger.forget()
    return hub, project_id


async def seen(scene: Scene) -> list[Event]:
    events = await scene.events()
    return (await scene.database.read(lambda c: marks.read(c, MAIN))).seen(events)


async def test_every_search_sees_events_where_they_belong(scene: Scene, tmp_path: Path) -> None:
    await fill(scene)
    copy = Copy(tmp_path / "columnar")
    await copy.open()
    await Copier(scene.database, copy, Metrics()).round(copy)
    for q in QUESTIONS:
        await look_at(scene, Counting(scene.database, copy), q)
    await copy.close()
    copy.end()


async def look_at(scene: Scene, counting: Counting, q: str) -> None:
    """Ask for the same in every way, and compare each answer with what a predicate says of events."""
    tree, end = parse(q, EVENT_FIELDS, clock()), monotonic() + 60
    resolved = await scene.database.read(lambda c: search.resolved_events(c, MAIN, tree))
    matches = compile_predicate(resolved, EVENT_FIELDS)
    wanted = [event for event in reversed(await seen(scene)) if matches(event)]
    order = [SortKey(EVENT_FIELDS.by_name["alert_id"], is_descending=True)]

    def look(connection: Connection) -> None:
        assert search.events(connection, MAIN, tree, limit=100) == wanted
        assert search.count_events(connection, MAIN, tree) == len(wanted)
        keys = listing.find(connection, MAIN, tree, order=order).keys
        assert listing.read(connection, MAIN, keys) == sorted(wanted, key=lambda each: -each.alert_seq)

    await scene.database.read(look)
    assert await counting.count_events(MAIN, tree, end) == len(wanted)
    for name in ("alert_id", "project_id"):
        field = EVENT_FIELDS.by_name[name]
        counts = await counting.aggregate(EVENTS, MAIN, tree, by=[field], limit=100, deadline=end)
        values = [getattr(each, field.attribute) for each in wanted]
        assert sorted(each.count for each in counts.counts) == sorted(map(values.count, set(values)))
        work = partial(
            aggregation.aggregate, records=EVENTS, domain_id=MAIN, tree=tree, by=[field], limit=100
        )
        assert await scene.database.read(work) == counts
    units = {"alert_seq": 1, "project_id": 1}
    found = await Tallying(scene.database, counting).tally(
        MAIN, tree, units, lambda tally: {(each.alert_seq, each.project_id): n for each, n in tally}, end
    )
    pairs = [(each.alert_seq, each.project_id) for each in wanted]
    # Where a predicate decides, events are looked at one by one.
    assert found in (None, {pair: pairs.count(pair) for pair in pairs})

    def by_one(connection: Connection) -> list[tuple[int, str]]:
        events = search.parts_of_events(connection, MAIN, tree, units)
        return [(each.alert_seq, each.project_id) for each in events]

    assert await scene.database.read(by_one) == pairs


async def test_what_is_merged_or_deleted_is_no_alert_any_more(scene: Scene) -> None:
    _, project_id = await fill(scene)
    found = await scene.database.read(
        lambda c: search.alerts(c, MAIN, parse("", ALERT_FIELDS, clock()), limit=100)
    )
    assert [(each.key, each.state, each.project_id == project_id) for each in found] == [
        ("f", AlertState.OPEN, False),
        ("e", AlertState.OPEN, False),
        ("c", AlertState.OPEN, True),
        ("a", AlertState.OPEN, False),
    ]
    for seq in (2, 4):
        with pytest.raises(NotFound):
            await scene.database.read(partial(reading.alert, domain_id=MAIN, seq=seq))
    with pytest.raises(NotFound):
        await scene.database.read(lambda c: reading.event(c, MAIN, 4))
    assert (await scene.database.read(lambda c: reading.event(c, MAIN, 2))).alert_seq == 1
    assert (await scene.database.read(lambda c: reading.event(c, MAIN, 3))).project_id == project_id


async def test_what_comes_later_joins_what_an_alert_was_merged_into(scene: Scene) -> None:
    hub, _ = await fill(scene)
    before = await alert(scene, "a")
    (joined,) = await scene.record(problem("b", title="b again"))
    assert (joined.outcome, joined.alert_seq) == (Outcome.JOINED, 1)
    after = await alert(scene, "a")
    assert (after.count, after.title) == (before.count + 1, before.title)
    # One batch with both keys changes one alert.
    receipts = await scene.record(problem("a"), problem("b"), recovery("b"), problem("b"), problem("a"))
    assert [(each.outcome, each.alert_seq == 1) for each in receipts] == [
        (Outcome.JOINED, True),
        (Outcome.JOINED, True),
        (Outcome.RESOLVED, True),
        (Outcome.OPENED, False),
        (Outcome.OPENED, False),
    ]
    assert receipts[3].alert_seq != receipts[4].alert_seq
    (own,) = await scene.record(problem("b"))
    assert (own.outcome, own.alert_seq) == (Outcome.JOINED, receipts[3].alert_seq)
    # What is moved or deleted takes no more of its key: the next problem opens another.
    receipts = await scene.record(problem("c"), problem("d"))
    assert [each.outcome for each in receipts] == [Outcome.OPENED, Outcome.OPENED]
    assert hub.alert_work is not None


async def test_what_was_merged_goes_where_its_alert_goes(scene: Scene) -> None:
    hub, project_id = await fill(scene)
    await hub.alert_work.merge(author(), await alert(scene, "e"), [await alert(scene, "a")], PAYLOAD)
    assert {each.alert_seq for each in await seen(scene) if each.key in "ab"} == {5}
    await hub.alert_work.move(author(), await alert(scene, "e"), project_id, PAYLOAD)
    assert {each.project_id for each in await seen(scene) if each.key in "abe"} == {project_id}
    await hub.alert_work.delete(author(), await alert(scene, "e"), PAYLOAD)
    assert {each.key for each in await seen(scene)} == {"c", "f"}


async def test_marks_go_with_their_alerts(scene: Scene) -> None:
    await fill(scene)
    assert await scene.count("mark") == 3
    day = clock() // DAY + 9
    while await scene.database.write(lambda c: keeping.drop_events(c, day)):
        pass
    await scene.database.write(lambda c: keeping.drop_alerts(c, keeping.old_alerts(c, day)))
    assert await scene.count("mark") == 1
    assert {each.key for each in await scene.alerts()} == {"a", "c", "e", "f"}
