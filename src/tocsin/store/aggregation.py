"""Aggregation: how many events or alerts there are, in groups and by time. The one place that counts so.

The engine groups where it is exact, else Python counts the rows that the predicate let through. Both ways
give the same counts.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, func, literal, select

from tocsin.model.event import type_of
from tocsin.model.identifiers import alert_id, event_id
from tocsin.query.fields import Field, FieldType
from tocsin.query.tree import All, Expression
from tocsin.store import search
from tocsin.store.errors import TooManyGroups
from tocsin.store.glimpse import Glimpse
from tocsin.store.question import Question

EVENTS: Final = search.EVENTS
ALERTS: Final = search.ALERTS

MOST: Final = 10_000
"""So many counts an answer holds at most."""
_BEFORE_ALL_TIME: Final = 2**60
"""Microseconds, 36,000 years: no event is so long ago."""
HELD: Final = 500_000
"""So many groups Python keeps at once."""
TIMES: Final = {"event": "time", "alert": "opened_at"}
"""By which time the rows of a table are counted."""

Writer: TypeAlias = Callable[[Any], str]

_decode_labels: Final = msgspec.json.Decoder(dict[str, str]).decode


class Count(msgspec.Struct, frozen=True):
    """How many records fall into one group, within one stretch of time.

    Attributes:
        start: when the stretch begins, microseconds UTC; 0 where time does not count.
        values: what they have in the keys, as text; None for all groups that are not shown by themselves.
        count: how many.
    """

    start: int
    values: tuple[str, ...] | None
    count: int


class Counts(msgspec.Struct, frozen=True):
    """Counts of records.

    Attributes:
        total: of all records, which is the sum of all counts.
        groups: how many different groups there are, shown or not.
        counts: by time, in each stretch the greatest groups of all first, and the rest of them last.
    """

    total: int
    groups: int
    counts: Sequence[Count]


class Ranked(msgspec.Struct, frozen=True):
    """One line of the counting: a group's place, the greatest first, and its count in one stretch of time."""

    place: int
    start: int
    values: tuple[Any, ...]
    count: int


class Ranking(msgspec.Struct, frozen=True):
    """What was counted, as the engine has the values.

    Attributes:
        total: of all records.
        groups: how many different groups there are.
        lines: by time, then by the groups' places.
    """

    total: int
    groups: int
    lines: Sequence[Ranked]

    def counts(self, write: Sequence[Writer], limit: int) -> Counts:
        """Give the counts, their values as text.

        Args:
            write: makes a text of what stands in each field.
            limit: how many groups are shown by themselves.

        Raises:
            TooManyGroups: the answer would be too large.
        """
        if len(self.lines) > MOST:
            raise TooManyGroups(f"this makes more than {MOST} counts: take a longer bucket, or fewer groups")
        return Counts(
            self.total,
            self.groups,
            [
                Count(
                    line.start,
                    None
                    if line.place > limit
                    else tuple(text(value) for text, value in zip(write, line.values, strict=True)),
                    line.count,
                )
                for line in self.lines
            ],
        )


def aggregate(
    connection: Connection,
    records: search.Records[Any],
    domain_id: str,
    tree: Expression,
    *,
    by: Sequence[Field],
    bucket: int = 0,
    limit: int,
    deadline: float | None = None,
) -> Counts:
    """Count the records that match, by what they have in some fields.

    Groups are told apart by the exact text; a label that is missing is ''. Sources and projects are given by
    name, times by when an event occurred and an alert was opened.

    Args:
        connection: within a read.
        records: `EVENTS` or `ALERTS`.
        domain_id: whose.
        tree: as it was parsed; sources and projects may stand by name.
        by: the keys, fields of these records but no times; none for one group of all.
        bucket: how long a stretch of time is, in microseconds, counted from 1970; 0 for no stretches.
        limit: how many groups are shown by themselves, the greatest of all.
        deadline: when to give up, on the clock of `time.monotonic`, in seconds. It counts where the predicate
            decides; what the engine does has the limit of `Database.read`.

    Raises:
        TookTooLong: the deadline has passed.
        TooManyGroups: the answer, or what must be kept to find it, would be too large.
    """
    question, rest = search.ask(connection, records, domain_id, tree)
    values = [question.compiler.value(field) for field in by]
    if isinstance(rest, All) and all(value is not None for value in values):
        ranking = _in_sql(connection, question, values, bucket, limit)
    else:
        ranking = _in_python(_counted(connection, records, question, rest, by, bucket, deadline), limit)
    return ranking.counts(writers(connection, by, domain_id), limit)


def attributes(by: Sequence[Field]) -> list[str]:
    """Give the columns that hold what events or alerts have in some fields."""
    return ["kind" if field.attribute == "type" else field.attribute for field in by]


def _in_sql(
    connection: Connection, question: Question, values: Sequence[Any], bucket: int, limit: int
) -> Ranking:
    columns = labelled(question.table.c[TIMES[question.table.name]], values, bucket)
    return rank(connection, search.matching(connection, question, columns), limit, is_timed=bucket > 0)


def labelled(
    time: ColumnElement[int], values: Sequence[ColumnElement[Any]], bucket: int
) -> list[ColumnElement[Any]]:
    """Give what of each row is counted by: the start of its stretch of time, then its values."""
    # The remainder of a negative number is negative on every engine, so whole stretches are added before.
    start = time - (time + _BEFORE_ALL_TIME // bucket * bucket) % bucket if bucket else literal(0)
    return [start.label("start"), *(value.label(f"value_{place}") for place, value in enumerate(values))]


def rank(connection: Connection, matching: Select[Any], limit: int, *, is_timed: bool) -> Ranking:
    """Count rows in the engine, the greatest groups first.

    Args:
        connection: within a read.
        matching: the rows, as `labelled` makes their columns.
        limit: how many groups are shown by themselves.
        is_timed: whether there are stretches of time.
    """
    rows = matching.subquery()
    names = [column.name for column in rows.c][1:]
    keys = [rows.c[name] for name in names]
    start = rows.c.start if is_timed else literal(0).label("start")
    grouped = select(start, *keys, func.count().label("number")).select_from(rows)
    # A constant to group by would have SQLite sort what an index has in order.
    grouped = grouped.group_by(*([rows.c.start] if is_timed else []), *keys)
    # Without anything to group by there is a row even for none.
    counted = grouped.having(func.count() > 0).subquery()
    keys = [counted.c[name] for name in names]
    # A constant parts by nothing, and gives every row the same place where there is no key.
    of_group = func.sum(counted.c.number).over(partition_by=keys or [literal(0)])
    summed = select(counted, of_group.label("of_group")).subquery()
    keys = [summed.c[name] for name in names]
    place = func.dense_rank().over(order_by=[summed.c.of_group.desc(), *keys])
    placed = select(summed, place.label("place")).subquery()
    shown = func.min if connection.dialect.name == "sqlite" else func.least
    which = shown(placed.c.place, limit + 1)
    ranked = select(
        which.label("which"),
        placed.c.start,
        func.sum(placed.c.number).label("number"),
        func.sum(func.sum(placed.c.number)).over().label("total"),
        func.max(func.max(placed.c.place)).over().label("groups"),
        *(func.min(placed.c[name]).label(name) for name in names),
    ).group_by("which", placed.c.start)
    found = connection.execute(ranked.order_by(placed.c.start, "which").limit(MOST + 1)).all()
    if not found:
        return Ranking(0, 0, [])
    lines = [Ranked(row.which, row.start, tuple(row[5:]), int(row.number)) for row in found]
    return Ranking(int(found[0].total), found[0].groups, lines)


def _counted(
    connection: Connection,
    records: search.Records[Any],
    question: Question,
    rest: Expression,
    by: Sequence[Field],
    bucket: int,
    deadline: float | None,
) -> Mapping[tuple[int, tuple[Any, ...]], int]:
    """Count the rows that the predicate lets through, by the beginning of their stretch and their values."""
    time = TIMES[records.table.name]
    stored = attributes(by)
    given = list(dict.fromkeys(["seq", time, *stored]))
    read = [reader(field, given.index(name)) for field, name in zip(by, stored, strict=True)]
    place = given.index(time)
    counter: Counter[tuple[int, tuple[Any, ...]]] = Counter()
    glimpse = Glimpse(records.table, records.fields, rest, given, marks=question.marks)
    for row in search.decided(connection, question, glimpse, deadline):
        start = row[place] - row[place] % bucket if bucket else 0
        counter[start, tuple(value(row) for value in read)] += 1
        if len(counter) > HELD:
            raise TooManyGroups(f"this makes more than {HELD} groups: narrow it, or take fewer keys")
    return counter


def _in_python(counter: Mapping[tuple[int, tuple[Any, ...]], int], limit: int) -> Ranking:
    groups: Counter[tuple[Any, ...]] = Counter()
    for (_, values), number in counter.items():
        groups[values] += number
    places = {
        values: min(place, limit + 1)
        for place, values in enumerate(sorted(groups, key=lambda values: (-groups[values], values)), 1)
    }
    lines: dict[tuple[int, int], Ranked] = {}
    for (start, values), number in counter.items():
        place = places[values]
        before = lines[start, place].count if (start, place) in lines else 0
        lines[start, place] = Ranked(place, start, values, before + number)
    return Ranking(groups.total(), len(groups), [lines[each] for each in sorted(lines)])


def reader(field: Field, place: int) -> Callable[[tuple[Any, ...]], Any]:
    """Give what reads from a row what it has in a field.

    Args:
        field: no time.
        place: in the row, of the column that holds it.
    """
    if field.label:
        return lambda row: _decode_labels(row[place]).get(field.label, "")
    if field.attribute == "type":
        return lambda row: type_of(row[place])
    return lambda row: row[place]


def writers(connection: Connection, by: Sequence[Field], domain_id: str) -> list[Writer]:
    """Give for each field what makes a text of what stands in it; sources and projects go by name."""
    return [_writer(connection, field, domain_id) for field in by]


def _writer(connection: Connection, field: Field, domain_id: str) -> Writer:
    if field.type is FieldType.REFERENCE:
        names = search.names_of(connection, field.name, domain_id)
        return lambda identifier: str(names.get(identifier, identifier))
    if field.type is FieldType.IDENTIFIER:
        return alert_id if field.prefix == "alert" else event_id
    return str
