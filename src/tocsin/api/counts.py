"""`/api/v1/events/count` and its like: counts in groups, a histogram over time, and facets."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, get
from litestar.params import QueryParameter

from tocsin.api.events import Since, Until, moment_of, within
from tocsin.api.given import Asker, TheHub
from tocsin.api.problems import bad_input
from tocsin.api.search import Query, deadline, understand
from tocsin.api.shapes import moment
from tocsin.api.visible import sought
from tocsin.hub.hub import Hub
from tocsin.model.access import Action, Principal
from tocsin.query.facets import without
from tocsin.query.fields import Field, Fields, FieldType
from tocsin.query.times import parse_span
from tocsin.query.tree import Comparison, Expression, Operator, conjunction
from tocsin.store.aggregation import ALERTS, EVENTS, Counts
from tocsin.store.search import Records

_KEYS: Final = 4
_FACETS: Final = 20
_SECOND: Final = 1_000_000
_BARS: Final = 150
_FIRST_MOMENT: Final = -62_135_596_800 * _SECOND
"""When the year 1 begins, before which no moment can be written."""
_STEPS: Final = tuple(
    seconds * _SECOND
    for seconds in (
        *(1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 43200),
        *(days * 86_400 for days in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)),
    )
)
"""How long a bar can be; none over two and a half times the one before, so that there are never few."""
_COMMA: Final = re.compile(r"\s*,\s*")

By = Annotated[
    str,
    QueryParameter(description="Fields to group by, with commas between them: `severity,host,labels.team`."),
]
Bucket = Annotated[str, QueryParameter(description="Count by time as well: `30s`, `5m`, `1h`, `1d`.")]
Groups = Annotated[int, QueryParameter(ge=1, le=1000, description="How many groups at most.")]
Names = Annotated[str, QueryParameter(description="The fields, with commas between them.")]


class CountItem(msgspec.Struct):
    """How many there are in one group.

    Attributes:
        start: when its stretch of time begins, null without `bucket`.
        values: what they have in each field that was asked for; null for all groups that are not shown.
        count: how many.
    """

    start: str | None
    values: dict[str, str] | None
    count: int


class CountPage(msgspec.Struct):
    """Counts in groups; they add up to the total.

    Attributes:
        total: how many match.
        groups: how many groups there are, shown or not.
        items: the greatest groups first, or in the order of time; last the rest.
    """

    total: int
    groups: int
    items: Sequence[CountItem]


class Bar(msgspec.Struct):
    """One bar of a histogram: when it begins, and its count of each series."""

    start: str | None
    counts: list[int]


class Histogram(msgspec.Struct):
    """How many events occurred when.

    Attributes:
        bucket: how long a bar is, in seconds.
        series: the greatest values of the field; null, the last, for all others where there are any.
        bars: without a gap.
    """

    total: int
    bucket: int
    by: str
    series: list[str | None]
    bars: list[Bar]


class FacetValue(msgspec.Struct):
    """A value of a field, and how many have it."""

    value: str
    count: int


class Facet(msgspec.Struct):
    """The values of a field among what matches, whatever the expression asks of this field itself.

    Attributes:
        values: the most frequent first.
        distinct: how many different values there are.
        rest: how many have another value than those shown.
    """

    field: str
    total: int
    distinct: int
    values: list[FacetValue]
    rest: int


class Facets(msgspec.Struct):
    """The facets of a search, as they were asked for."""

    items: list[Facet]


class EventCounts(Controller):
    """Counts of events."""

    path = "/api/v1/events"
    tags = ["events"]

    @get("/count", opt={"action": Action.READ})
    async def count(
        self,
        hub: TheHub,
        principal: Asker,
        q: Query = "",
        by: By = "",
        bucket: Bucket = "",
        since: Since = "",
        until: Until = "",
        limit: Groups = 50,
    ) -> CountPage:
        """Count events, in groups and by the time when they occurred. The counts are exact."""
        return await _Counting(hub, principal, EVENTS).count(q, within(since, until), by, bucket, limit)

    @get("/histogram", opt={"action": Action.READ})
    async def histogram(
        self,
        hub: TheHub,
        principal: Asker,
        q: Query = "",
        by: Annotated[str, QueryParameter(description="The field that parts each bar.")] = "severity",
        since: Since = "-1d",
        until: Until = "now",
        limit: Annotated[int, QueryParameter(ge=1, le=20, description="How many series at most.")] = 10,
    ) -> Histogram:
        """Count events by the time when they occurred, in at most 150 bars, and by a field. Exact."""
        start, end = moment_of("from", since), moment_of("to", until)
        if end <= start:
            raise bad_input("to", "is not later than from")
        bucket = _step(start, end)
        field = field_of(EVENTS.fields, "by", by)
        tree = conjunction([understand(q, EVENTS.fields), *_between(start, end)])
        counting = _Counting(hub, principal, EVENTS)
        counts = await counting.aggregate(tree, [field], bucket, limit, deadline())
        return _histogram(counts, by, start - start % bucket, end, bucket)

    @get("/facets", opt={"action": Action.READ})
    async def facets(
        self,
        hub: TheHub,
        principal: Asker,
        fields: Names = "",
        q: Query = "",
        since: Since = "",
        until: Until = "",
        limit: Groups = 10,
    ) -> Facets:
        """Give the most frequent values of fields. Each leaves out what the expression asks of itself."""
        return await _Counting(hub, principal, EVENTS).facets(q, within(since, until), fields, limit)


class AlertCounts(Controller):
    """Counts of alerts."""

    path = "/api/v1/alerts"
    tags = ["alerts"]

    @get("/count", opt={"action": Action.READ})
    async def count(
        self,
        hub: TheHub,
        principal: Asker,
        q: Query = "",
        by: By = "",
        bucket: Bucket = "",
        limit: Groups = 50,
    ) -> CountPage:
        """Count alerts, in groups and by the time when they were opened. The counts are exact."""
        return await _Counting(hub, principal, ALERTS).count(q, [], by, bucket, limit)

    @get("/facets", opt={"action": Action.READ})
    async def facets(
        self, hub: TheHub, principal: Asker, fields: Names = "", q: Query = "", limit: Groups = 10
    ) -> Facets:
        """Give the most frequent values of fields. Each leaves out what the expression asks of itself."""
        return await _Counting(hub, principal, ALERTS).facets(q, [], fields, limit)


class _Counting:
    """Counts the records of one kind that somebody may see."""

    def __init__(self, hub: Hub, principal: Principal, records: Records[Any]) -> None:
        self._hub = hub
        self._principal = principal
        self._records = records

    async def aggregate(
        self, tree: Expression, by: Sequence[Field], bucket: int, limit: int, end: float
    ) -> Counts:
        domain_id = self._principal.domain_id
        seen = await self._sought(tree)
        return await self._hub.counting.aggregate(
            self._records, domain_id, seen, by=by, bucket=bucket, limit=limit, deadline=end
        )

    async def _sought(self, tree: Expression) -> Expression:
        return await sought(self._hub, self._principal, tree, self._records.fields)

    async def count(
        self, q: str, bounds: Sequence[Expression], by: str, bucket: str, limit: int
    ) -> CountPage:
        fields = self._records.fields
        tree = conjunction([understand(q, fields), *bounds])
        names = _names("by", by, _KEYS)
        keys = [field_of(fields, "by", name) for name in names]
        counts = await self.aggregate(tree, keys, _span(bucket), limit, deadline())
        items = [
            CountItem(
                moment(each.start),
                None if each.values is None else dict(zip(names, each.values, strict=True)),
                each.count,
            )
            for each in counts.counts
        ]
        return CountPage(counts.total, counts.groups, items)

    async def facets(self, q: str, bounds: Sequence[Expression], fields: str, limit: int) -> Facets:
        asked = understand(q, self._records.fields)
        names = _names("fields", fields, _FACETS)
        if not names:
            raise bad_input("fields", "names no field: severity,host")
        named = {name: field_of(self._records.fields, "fields", name) for name in names}
        end = deadline()
        # Fields of which the expression asks nothing are counted together, among the same records.
        together: list[tuple[Expression, list[str]]] = []
        for name, field in named.items():
            tree = without(asked, field)
            alike = next((names for other, names in together if other == tree), None)
            if alike is None:
                together.append((tree, [name]))
            else:
                alike.append(name)
        found: dict[str, Facet] = {}
        for tree, alike in together:
            seen = await self._sought(conjunction([tree, *bounds]))
            counted = await self._hub.counting.facets(
                self._records,
                self._principal.domain_id,
                seen,
                fields=[named[name] for name in alike],
                limit=limit,
                deadline=end,
            )
            found |= {name: _facet(name, counts) for name, counts in zip(alike, counted, strict=True)}
        return Facets([found[name] for name in named])


def _facet(name: str, counts: Counts) -> Facet:
    shown = [FacetValue(each.values[0], each.count) for each in counts.counts if each.values]
    rest = counts.total - sum(each.count for each in shown)
    return Facet(name, counts.total, counts.groups, shown, rest)


def _histogram(counts: Counts, by: str, start: int, end: int, bucket: int) -> Histogram:
    sizes: dict[str, int] = {}
    rest = 0
    for each in counts.counts:
        if each.values is None:
            rest += each.count
        else:
            sizes[each.values[0]] = sizes.get(each.values[0], 0) + each.count
    series: list[str | None] = [*sorted(sizes, key=lambda value: (-sizes[value], value))]
    if rest:
        series.append(None)
    places = {value: place for place, value in enumerate(series)}
    bars = {moment_: [0] * len(series) for moment_ in range(start, end, bucket)}
    for each in counts.counts:
        bars[each.start][places[each.values[0] if each.values else None]] = each.count
    shown = [Bar(moment(moment_), numbers) for moment_, numbers in bars.items()]
    return Histogram(counts.total, bucket // _SECOND, by, series, shown)


def _between(start: int, end: int) -> list[Expression]:
    occurred = EVENTS.fields.by_name["occurred"]
    return [
        Comparison(occurred, Operator.GREATER_EQUAL, start),
        Comparison(occurred, Operator.LESS, end),
    ]


def _step(start: int, end: int) -> int:
    """Give the shortest bar of which at most 150 reach from one moment to another.

    Raises:
        ProblemDetailsException: no bar is that long, or the first would begin before the year 1.
    """
    step = next((step for step in _STEPS if (end - 1) // step - start // step < _BARS), 0)
    if not step or start - start % step < _FIRST_MOMENT:
        raise bad_input("from", "lies too far back for a histogram")
    return step


def _names(parameter: str, text: str, most: int) -> list[str]:
    names = list(dict.fromkeys(_COMMA.split(text.strip()))) if text.strip() else []
    if len(names) > most:
        raise bad_input(parameter, f"has {len(names)} fields; {most} are the most")
    return names


def field_of(fields: Fields, parameter: str, name: str) -> Field:
    """Give a field to group by.

    Args:
        fields: those of the records.
        parameter: in which it was named.
        name: its own.

    Raises:
        ProblemDetailsException: nothing can be grouped by that.
    """
    field = fields.find(name)
    if field is None:
        raise bad_input(parameter, f"'{name}' is no field")
    if field.type is FieldType.TIME:
        raise bad_input(parameter, f"'{name}' is a time: count by time with bucket")
    if field.type is FieldType.MEMBERSHIP:
        raise bad_input(parameter, f"'{name}' can have several values: only ask for it")
    return field


def _span(text: str) -> int:
    if not text:
        return 0
    try:
        return parse_span(text)
    except ValueError as fault:
        raise bad_input("bucket", str(fault)) from None
