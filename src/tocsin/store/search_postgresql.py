"""How a table is searched on PostgreSQL.

The events are parted by day, and within a domain the days grow with the numbers. So the newest day comes
first and the older ones in growing groups: a statement over hundreds of partitions takes long to plan alone,
and one that merges them by number has to find the first row of each, however far back in it.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, select, true

from tocsin.model.event import day_of
from tocsin.query.tree import Comparison, Operator
from tocsin.store import partitions, tables
from tocsin.store.compile import Condition, conjunction
from tocsin.store.question import Question, Statement, Stretch

_AFTER: Final = frozenset({Operator.EQUAL, Operator.GREATER, Operator.GREATER_EQUAL})
_UNTIL: Final = frozenset({Operator.EQUAL, Operator.LESS, Operator.LESS_EQUAL})


def stretches(connection: Connection, question: Question) -> Iterator[Stretch]:
    """Give the stretches in which to look for an answer, from the newest on.

    Args:
        connection: within a read.
        question: what is looked for.
    """
    if question.table is not tables.event:
        yield partial(_ordered, question, true())
        return
    recorded_at = connection.execute(
        select(tables.domain.c.recorded_at).where(tables.domain.c.id == question.domain_id)
    ).scalar()
    if recorded_at is None:
        return
    day = tables.event.c.day
    newest = day_of(recorded_at)
    if _concerns(question, newest):
        yield partial(_ordered, question, day == newest)
    older = [each for each in partitions.days(connection) if each < newest and _concerns(question, each)]
    look = _ordered if all(path.branches for path in question.paths()) else _sorted
    size = 1
    while older:
        group = older[-size:]
        yield partial(look, question, and_(day >= group[0], day <= group[-1]))
        del older[-size:]
        size *= 2


def matching(question: Question, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """Give the statement for columns, or aggregates, of all answers, in no order."""
    where = [question.bounds(), _condition(question)]
    if question.table is tables.event:
        where += [tables.event.c.day >= day for day in _days(question, _AFTER)]
        where += [tables.event.c.day <= day for day in _days(question, _UNTIL)]
    return select(*columns).select_from(question.table).where(*where)


def _ordered(
    question: Question, days: Condition, columns: Sequence[Column[Any]], limit: int | None
) -> Statement:
    """Let the planner choose, by an index in the order of the numbers where it can."""
    return _where(question, days, columns).order_by(question.table.c.seq.desc()).limit(limit)


def _sorted(
    question: Question, days: Condition, columns: Sequence[Column[Any]], limit: int | None
) -> Statement:
    """Keep the planner from going through the partitions by number: the answers are few, and far back."""
    return _where(question, days, columns).order_by((question.table.c.seq + 0).desc()).limit(limit)


def _where(question: Question, days: Condition, columns: Sequence[Column[Any]]) -> Select[Any]:
    return select(*columns).where(question.bounds(), _condition(question), days)


def _condition(question: Question) -> Condition:
    """Give the condition for all terms, as indexes answer them where they do: they know of no unequal."""
    paths = [path for path in question.paths() if path.answered]
    answered = [term for path in paths for term in path.answered]
    return conjunction([*(path.condition for path in paths), question.condition(answered)])


def _concerns(question: Question, day: int) -> bool:
    """Say whether an event of a day can have been recorded when the question says."""
    first = max(_days(question, _AFTER), default=day)
    last = min(_days(question, _UNTIL), default=day)
    return first <= day <= last


def _days(question: Question, operators: frozenset[Operator]) -> list[int]:
    """Give the days of the moments with which the time of recording is compared in one of these ways."""
    return [
        day_of(term.value)
        for term in question.terms
        if isinstance(term, Comparison) and isinstance(term.value, int)
        if term.field.attribute == "recorded_at" and term.operator in operators
    ]
