"""How long alerts took, from when they were opened to when they were acknowledged or resolved."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from tocsin.query.fields import ALERT_FIELDS, Field
from tocsin.query.tree import All, Comparison, Expression, Operator, conjunction
from tocsin.store import aggregation, search
from tocsin.store.aggregation import ALERTS
from tocsin.store.errors import TooManyGroups
from tocsin.store.glimpse import Glimpse
from tocsin.store.question import Question

_SECOND: Final = 1_000_000
_HELD: Final = 500_000
"""So many different lengths of time, with their groups, are kept at once."""
_GROUPS: Final = 20_000
"""So many groups, each of which takes far more memory than a length of time."""


class Durations(msgspec.Struct, frozen=True):
    """Lengths of time, each in whole seconds, rounded down.

    Attributes:
        value: what the alerts have in the field, as text; None for all alerts.
        count: of how many alerts.
        mean: rounded.
        median: of every two alerts one took no longer.
        p95: of every twenty alerts nineteen took no longer.
    """

    value: str | None
    count: int
    mean: int
    median: int
    p95: int


def durations(
    connection: Connection,
    domain_id: str,
    tree: Expression,
    *,
    end: Field,
    since: int,
    until: int,
    by: Field,
    limit: int,
    deadline: float | None = None,
) -> tuple[Durations, list[Durations]]:
    """Say how long alerts took until something happened to them.

    Args:
        connection: within a read.
        domain_id: whose.
        tree: which alerts, as it was parsed; sources and projects may stand by name.
        end: the time that ends them: `acknowledged` or `resolved`.
        since: it lies then or later, microseconds UTC.
        until: it lies before, microseconds UTC.
        by: what parts alerts into groups, no time.
        limit: how many groups are given, the greatest.
        deadline: when to give up, on the clock of `time.monotonic`, in seconds. It counts where the predicate
            decides; what the engine does has the limit of `Database.read`.

    Returns:
        Those of all alerts, and of each group, the greatest first.

    Raises:
        TookTooLong: the deadline has passed.
        TooManyGroups: what must be kept to tell it is too much.
    """
    bounds = (
        Comparison(end, Operator.GREATER_EQUAL, since),
        Comparison(end, Operator.LESS, until),
        # 0 is no time.
        Comparison(end, Operator.GREATER, 0),
    )
    question, rest = search.ask(connection, ALERTS, domain_id, conjunction([tree, *bounds]))
    value = question.compiler.value(by)
    if isinstance(rest, All) and value is not None:
        counted = _in_sql(connection, question, end, value)
    else:
        counted = _in_python(connection, question, rest, end, by, deadline)
    (write,) = aggregation.writers(connection, [by], domain_id)
    groups: defaultdict[str, Counter[int]] = defaultdict(Counter)
    everything: Counter[int] = Counter()
    for (value, seconds), number in counted.items():
        groups[write(value)][seconds] += number
        everything[seconds] += number
        if len(groups) > _GROUPS:
            raise TooManyGroups(f"this makes more than {_GROUPS} groups: narrow it")
    ranked = sorted(groups, key=lambda value: (-groups[value].total(), value))
    return _summed(None, everything), [_summed(value, groups[value]) for value in ranked[:limit]]


def _in_sql(
    connection: Connection, question: Question, end: Field, value: ColumnElement[Any]
) -> Mapping[tuple[Any, int], int]:
    columns = question.table.c
    seconds = (columns[end.attribute] - columns.opened_at) // _SECOND
    matching = search.matching(connection, question, [value.label("value"), seconds.label("seconds")])
    rows = matching.subquery()
    keys = (rows.c.value, rows.c.seconds)
    counted = connection.execute(select(*keys, func.count()).group_by(*keys).limit(_HELD + 1)).all()
    _check(len(counted))
    return {(row[0], row[1]): row[2] for row in counted}


def _in_python(
    connection: Connection,
    question: Question,
    rest: Expression,
    end: Field,
    by: Field,
    deadline: float | None,
) -> Mapping[tuple[Any, int], int]:
    (stored,) = aggregation.attributes([by])
    given = list(dict.fromkeys(["seq", "opened_at", end.attribute, stored]))
    read = aggregation.reader(by, given.index(stored))
    opened, ended = given.index("opened_at"), given.index(end.attribute)
    glimpse = Glimpse(ALERTS.table, ALERT_FIELDS, rest, given, marks=question.marks)
    counter: Counter[tuple[Any, int]] = Counter()
    for row in search.decided(connection, question, glimpse, deadline):
        counter[read(row), (row[ended] - row[opened]) // _SECOND] += 1
        _check(len(counter))
    return counter


def _check(number: int) -> None:
    if number > _HELD:
        raise TooManyGroups(f"this makes more than {_HELD} lengths of time: narrow it")


def _summed(value: str | None, seconds: Mapping[int, int]) -> Durations:
    number = sum(seconds.values())
    if not number:
        return Durations(value, 0, 0, 0, 0)
    lengths = sorted(seconds)
    mean = round(sum(length * seconds[length] for length in lengths) / number)
    return Durations(value, number, mean, *(_rank(lengths, seconds, number, part) for part in (50, 95)))


def _rank(lengths: Sequence[int], seconds: Mapping[int, int], number: int, percent: int) -> int:
    """Give the nearest rank: the shortest length that so many percent do not exceed."""
    wanted = -(-number * percent // 100)
    for length in lengths:
        wanted -= seconds[length]
        if wanted <= 0:
            return length
    return lengths[-1]
