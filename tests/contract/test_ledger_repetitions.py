"""A request with an Idempotency-Key is recorded once, however often and wherever it comes again."""

import pytest
from sqlalchemy import Connection

from tests.contract.scene import DAY, SECOND, Scene, new_source, problem, submission
from tests.contract.statements import Statement, heard
from tocsin.hub.housekeeping import Housekeeping, Keep
from tocsin.model.source import Source
from tocsin.model.submission import Once, Refusal, Standing, Submission
from tocsin.store.ledger import Ledger

pytestmark = pytest.mark.anyio


def request(source: Source, *keys: str, once: Once | None) -> Submission:
    made = submission(source, *map(problem, keys))
    made.once = once
    return made


async def test_a_repeated_request_gets_its_receipts_again_from_any_node(scene: Scene) -> None:
    (first,) = await scene.write(request(scene.source, "a", "b", once=Once("k", "f")))
    before = await scene.alerts()
    scene.ledger = Ledger(1000, scene.clock)
    again = Once("k", "f")
    assert await scene.write(request(scene.source, "a", "b", once=again)) == [first]
    assert again.standing is Standing.REPEATED
    assert await scene.alerts() == before
    assert [await scene.count(table) for table in ("event", "payload", "idempotency")] == [2, 1, 1]
    (receipt,) = await scene.record(problem("a"))
    assert receipt.seq == 3


async def test_another_request_with_the_key_is_not_recorded(scene: Scene) -> None:
    await scene.write(request(scene.source, "a", once=Once("k", "f")))
    other = Once("k", "another")
    assert await scene.write(request(scene.source, "b", once=other)) == [[]]
    assert other.standing is Standing.OTHER
    assert [event.key for event in await scene.events()] == ["a"]


async def test_within_a_batch_the_first_request_with_a_key_answers_for_the_next(scene: Scene) -> None:
    onces = [Once("k", "f"), Once("k", "f"), Once("k", "another"), Once("m", "f")]
    plain = request(scene.source, "a", once=None)
    given = await scene.write(plain, *(request(scene.source, "a", once=once) for once in onces))
    assert [[receipt.seq for receipt in receipts] for receipts in given] == [[1], [2], [2], [], [3]]
    assert [once.standing for once in onces] == ["new", "repeated", "other", "new"]
    assert await scene.count("event") == 3


async def test_the_parts_of_a_request_for_several_sources_are_one_answer(scene: Scene) -> None:
    other = await new_source(scene.database, "main", "other")

    def parts(once: Once) -> list[Submission]:
        made = [request(scene.source, "a", once=once), request(other, "b", once=once)]
        made[0].refusals = [Refusal(7, "no")]
        made[1].signals[0].index = 1
        return made

    first = await scene.write(*parts(Once("k", "f")))
    both = [receipt for receipts in first for receipt in receipts]
    assert [(receipt.index, receipt.outcome) for receipt in both] == [
        (0, "opened"),
        (7, "rejected"),
        (1, "opened"),
    ]
    # Apart, and twice in one batch with something else between.
    repeated = await scene.write(
        *parts(Once("k", "f")), request(other, "c", once=None), *parts(Once("k", "f"))
    )
    assert [repeated[0], repeated[1], repeated[3], repeated[4]] == [both, [], both, []]
    assert await scene.count("event") == 3
    assert await scene.count("rejected") == 1


async def test_a_key_is_of_its_domain(scene: Scene) -> None:
    other = await new_source(scene.database, "umbrella")
    given = await scene.write(
        request(scene.source, "a", once=Once("k", "f")), request(other, "a", once=Once("k", "f"))
    )
    assert [[receipt.outcome for receipt in receipts] for receipts in given] == [["opened"], ["opened"]]


async def test_what_was_not_committed_is_not_answered(scene: Scene) -> None:
    def fail(connection: Connection) -> None:
        scene.ledger.write(connection, [request(scene.source, "a", once=Once("k", "f"))])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await scene.database.write(fail)
    scene.ledger.forget()
    once = Once("k", "f")
    ((receipt,),) = await scene.write(request(scene.source, "a", once=once))
    assert (once.standing, receipt.outcome, await scene.count("event")) == ("new", "opened", 1)


async def test_only_a_batch_with_a_key_looks_for_answers_and_many_cost_as_few_statements(
    scene: Scene,
) -> None:
    async def statements(*onces: Once | None) -> list[str]:
        batch = [request(scene.source, "a", once=once) for once in onces]
        found: list[Statement] = []
        await scene.database.write(heard(lambda c: scene.ledger.write(c, batch), found))
        return [each.text for each in found if "idempotency" in each.text]

    await statements(None)
    assert await statements(None, None) == []
    assert len(await statements(Once("k", "f"))) == 2
    assert len(await statements(*(Once(f"k-{n}", "f") for n in range(64)))) == 2
    assert len(await statements(*(Once(f"k-{n}", "f") for n in range(64)))) == 1


async def test_answers_are_kept_for_a_day(scene: Scene) -> None:
    await scene.write(request(scene.source, "a", once=Once("k", "f")))
    for later, kept in ((DAY, 1), (SECOND, 0)):
        scene.clock.now += later
        await Housekeeping(scene.database, Keep(), scene.clock).round()
        assert await scene.count("idempotency") == kept
