"""A query over documents that are few enough to be looked at one by one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from tocsin.dialects.cloudforet.errors import CloudforetError, db_query
from tocsin.dialects.cloudforet.operators import Contains, Finds, OneOf, Ordered, Test, read
from tocsin.dialects.cloudforet.paths import reach
from tocsin.dialects.cloudforet.timediff import iso_8601
from tocsin.query.pipeline.evaluate import evaluate
from tocsin.query.pipeline.stages import Sort, SortKey

Document: TypeAlias = Mapping[str, Any]

_Query: TypeAlias = Mapping[str, Any]
_Holds: TypeAlias = Callable[[Document], bool]


@dataclass(frozen=True, slots=True)
class Kind:
    """What queries of one kind of document can ask for.

    Attributes:
        is_field: says whether a dotted path leads to something that a document can have.
        parameters: the parameters around the query that name a field and the value it must have.
        keywords: the fields that the words of a keyword are looked for in.
        minimal: what is shown where the least is asked for.
        order: the field that documents are sorted by unless the query says another.
        newest_first: that order is descending.
        times: the fields that are times.
    """

    is_field: Callable[[str], bool]
    parameters: Sequence[str]
    keywords: Sequence[str]
    minimal: Sequence[str]
    order: str
    newest_first: bool = False
    times: frozenset[str] = frozenset({"created_at"})

    def matching(
        self, query: _Query, request: _Query, documents: Iterable[Document], now: datetime
    ) -> list[Document]:
        """Give the documents that are asked for: by all of `filter` and of the parameters, and by one of
        `filter_or` and the keyword.

        Args:
            query: what of the request is a query.
            request: the parameters around it.
            documents: all that the caller sees.
            now: what relative times count from, UTC.

        Raises:
            CloudforetError: a condition means nothing, or names a field that they do not have.
        """
        return list(filter(self.test(query, request, now), documents))

    def test(self, query: _Query, request: _Query, now: datetime) -> Callable[[Document], bool]:
        """Give what says whether a document is asked for. Parameters and errors are those of `matching`."""
        every = [self._condition(each, now) for each in query.get("filter", ())]
        every += [self._test(name, OneOf((request[name],))) for name in self.parameters if name in request]
        some = [self._condition(each, now) for each in query.get("filter_or", ())]
        if words := tuple(query.get("keyword", "").split()):
            some += [self._test(name, Contains(words)) for name in self.keywords]
        return lambda document: (
            all(holds(document) for holds in every) and (not some or any(holds(document) for holds in some))
        )

    def page(self, query: _Query, documents: Iterable[Document]) -> list[Document]:
        """Give the documents on the page that a query asks for, in its order."""
        rows = list(evaluate([Sort(self.sorting(query))], documents))
        page = query.get("page", {})
        start = max(page.get("start", 1), 1) - 1
        limit = page.get("limit", 0)
        return rows[start : start + limit] if limit else rows

    def sorting(self, query: _Query) -> tuple[SortKey, ...]:
        """Give the keys that a query sorts by."""
        given: _Query = query.get("sort", {})
        named: Sequence[_Query] = [given] if given.get("key") else given.get("keys", ())
        keys = [SortKey(each["key"], bool(each.get("desc"))) for each in named if each.get("key")]
        return (*keys, SortKey(self.order, self.newest_first))

    def shown(self, query: _Query) -> Sequence[str]:
        """Give the paths of what a query wants to see of each document; none for all.

        Raises:
            CloudforetError: one of them leads nowhere.
        """
        if query.get("minimal"):
            return self.minimal
        only: Sequence[str] = query.get("only", ())
        for path in only:
            if not self.is_field(path):
                raise _unresolved(path)
        return only

    def _condition(self, given: _Query, now: datetime) -> _Holds:
        key, test, is_negated = read(given, now)
        if not self.is_field(key):
            if isinstance(test, Finds):
                return lambda _: False
            raise _unresolved(key)
        holds = self._test(key, test)
        return (lambda document: not holds(document)) if is_negated else holds

    def _test(self, key: str, test: Test) -> _Holds:
        holds = (_of_time(test) if key in self.times else test).predicate()
        path = key.split(".")
        return lambda document: holds(reach(document, path))


def _of_time(test: Test) -> Test:
    """Let a test of a time read texts as dates; a text that is none stays, and matches nothing."""
    match test:
        case OneOf(values):
            return OneOf(tuple(map(_date, values)))
        case Ordered(order, bound):
            return Ordered(order, _date(bound))
        case _:
            return test


def _date(value: object) -> object:
    try:
        return iso_8601(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _unresolved(path: str) -> CloudforetError:
    return db_query(f'Cannot resolve field "{path}"')
