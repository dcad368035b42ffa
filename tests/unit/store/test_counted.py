from collections.abc import Mapping, Sequence
from random import Random

import pytest

from tocsin.query.fields import EVENT_FIELDS, label_field
from tocsin.query.order import SortKey
from tocsin.query.pattern import Pattern
from tocsin.query.tree import All, Comparison, Expression, Judged, Operator, Text, conjunction
from tocsin.store import counted
from tocsin.store.columnar.held import Floor
from tocsin.store.counted import NEWEST_FIRST, Counted, Place, Row, is_fixed
from tocsin.store.progress import Progress

HOUR = 3_600_000_000
TIME = EVENT_FIELDS.by_name["occurred"]
OLDEST_FIRST = [SortKey(TIME, False, 1_000_000)]
EMPTY = Counted(Progress(Floor(), 0, 0), HOUR, 0, {}, [])


def until(last_seq: int, last_at: int) -> Progress:
    return Progress(Floor(), last_seq, last_at)


def of(stretches: Mapping[int, int]) -> Counted:
    return Counted(Progress(Floor(), 100, 1), HOUR, 100, stretches, [])


def test_what_joins_a_list_is_counted() -> None:
    rows: list[Row] = [(3, 1, HOUR), (5, 1, HOUR - 1), (6, 2, 2 * HOUR - 1), (8, 2, -1)]
    first = EMPTY.joined_by(rows[:3], until(7, 2))
    assert (first.total, first.newest, first.until) == (3, 6, until(7, 2))
    assert first.stretches == {0: 1, 1: 2}
    second = first.joined_by(rows[3:], until(9, 3))
    assert second.stretches == {-1: 1, 0: 1, 1: 2}
    assert (second.total, second.newest, second.rows) == (4, 8, [rows[2], rows[0], rows[1], rows[3]])
    third = second.joined_by([], until(10, 3))
    assert (third.total, third.newest, third.until) == (4, 8, until(10, 3))
    assert first.total == 3


def test_of_many_events_the_newest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "FEW", 2)
    second = 1_000_000
    few = EMPTY.joined_by([(1, 1, 5 * second), (2, 1, 6 * second)], until(2, 1))
    assert (few.rows, few.has_all) == ([(2, 1, 6 * second), (1, 1, 5 * second)], True)
    many = few.joined_by([(3, 1, 7 * second), (4, 1, second)], until(4, 1))
    assert (many.rows, many.total, many.has_all) == ([(3, 1, 7 * second), (2, 1, 6 * second)], 4, False)
    assert many.page(NEWEST_FIRST, 1, 1) == [(2, 1, 6 * second)]
    assert many.page(NEWEST_FIRST, 1, 2) is None
    assert many.page(OLDEST_FIRST, 0, 1) is None
    assert many.joined_by([(5, 1, 6 * second)], until(5, 1)).rows == [(3, 1, 7 * second), (5, 1, 6 * second)]
    assert many.joined_by([(5, 1, 2 * second)], until(5, 1)).rows == many.rows


def test_few_events_are_sorted_by_time_and_then_by_number() -> None:
    second = 1_000_000
    rows: list[Row] = [(1, 1, 2 * second), (2, 1, second + 9), (3, 1, second), (4, 1, 0), (5, 1, -1)]
    known = EMPTY.joined_by(rows, until(5, 1))

    def numbers(order: Sequence[SortKey], skip: int = 0, limit: int = 9) -> list[int] | None:
        found = known.page(order, skip, limit)
        return None if found is None else [seq for seq, _, _ in found]

    assert numbers(NEWEST_FIRST) == [1, 3, 2, 4, 5]
    assert numbers(NEWEST_FIRST, 1, 2) == [3, 2]
    assert numbers(NEWEST_FIRST, 5, 2) == []
    assert numbers(OLDEST_FIRST) == [5, 4, 2, 3, 1]
    assert numbers(OLDEST_FIRST, 3, 1) == [3]
    assert numbers([SortKey(TIME, False)]) is None
    assert numbers([SortKey(EVENT_FIELDS.by_name["host"])]) is None
    assert numbers([*NEWEST_FIRST, SortKey(EVENT_FIELDS.by_name["host"])]) is None


@pytest.mark.parametrize(
    ("skip", "limit", "is_descending", "found"),
    [
        (0, 1, True, (9, 9, 0, 3)),
        (0, 3, True, (9, 9, 0, 3)),
        (0, 4, True, (7, 9, 0, 7)),
        (2, 1, True, (9, 9, 2, 3)),
        (3, 1, True, (7, 7, 0, 4)),
        (5, 3, True, (2, 7, 2, 8)),
        (8, 50, True, (2, 2, 1, 4)),
        (0, 50, True, (2, 9, 0, 11)),
        (0, 4, False, (2, 2, 0, 4)),
        (4, 4, False, (7, 7, 0, 4)),
        (3, 2, False, (2, 7, 3, 8)),
    ],
)
def test_a_page_lies_in_few_stretches(
    skip: int, limit: int, is_descending: bool, found: tuple[int, int, int, int]
) -> None:
    first, last, before, number = found
    wanted = Place(first * HOUR, (last + 1) * HOUR - 1, before, number)
    assert of({2: 4, 9: 3, 7: 4}).place(skip, limit, is_descending=is_descending) == wanted


def test_nothing_lies_nowhere() -> None:
    place = of({}).place(0, 50, is_descending=True)
    assert place.latest < place.earliest
    assert place.number == 0


@pytest.mark.parametrize("is_descending", [True, False])
def test_every_page_is_found_in_its_time(is_descending: bool) -> None:
    chance = Random(1)
    times = [chance.randrange(-3, 40) * HOUR // 3 for _ in range(200)]
    rows: list[Row] = [(seq, 1, time) for seq, time in enumerate(times, start=1)]
    known = EMPTY.joined_by(rows, until(200, 1))
    ordered = known.page(NEWEST_FIRST if is_descending else OLDEST_FIRST, 0, 200)
    assert ordered is not None
    for skip in range(0, 200, 7):
        place = known.place(skip, 7, is_descending=is_descending)
        within = [row for row in ordered if place.earliest <= row[2] <= place.latest]
        assert len(within) == place.number
        assert within[place.skip : place.skip + 7] == ordered[skip : skip + 7]


@pytest.mark.parametrize(
    ("tree", "fixed"),
    [
        (All(), True),
        (Text("disk"), True),
        (Comparison(EVENT_FIELDS.by_name["host"], Operator.MATCHES, Pattern(("web", ""))), True),
        (Comparison(EVENT_FIELDS.by_name["alert_id"], Operator.EQUAL, 5), False),
        (Comparison(EVENT_FIELDS.by_name["project"], Operator.EQUAL, "default"), False),
        (Comparison(EVENT_FIELDS.by_name["project_id"], Operator.EQUAL, "default"), False),
        (Comparison(EVENT_FIELDS.by_name["source"], Operator.EQUAL, "first"), False),
        (Comparison(label_field("team"), Operator.EQUAL, "a"), True),
        (Comparison(EVENT_FIELDS.by_name["type"], Operator.EQUAL, "ALERT"), True),
        (Comparison(EVENT_FIELDS.by_name["keyword"], Operator.EQUAL, "shop"), False),
        (Judged(("host",), lambda _: True), False),
    ],
)
def test_only_what_stays_the_same_is_kept(tree: Expression, fixed: bool) -> None:
    assert is_fixed(tree) is fixed
    assert is_fixed(conjunction([Text("a"), tree])) is fixed


def test_how_many_are_newer_than_a_number_is_known_from_one_question_to_the_next() -> None:
    known = of({0: 60, 1: 40}).told(10, 90)
    assert known.up_to == {10: 10}
    grown = known.joined_by([(101, 1, HOUR)], until(101, 2))
    assert grown.total - grown.up_to[10] == 91
    for after in range(20, 20 + 2 * counted._ASKED):
        grown = grown.told(after, 1)
    assert list(grown.up_to) == list(range(20 + counted._ASKED, 20 + 2 * counted._ASKED))
