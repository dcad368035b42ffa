"""What a StatisticsQuery asks of documents, of whatever resource."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import repeat
from time import monotonic
from typing import Any

from tocsin.dialects.cloudforet.errors import db_query, required, took_too_long
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.cloudforet.stages import read_stages
from tocsin.query.pipeline.errors import PipelineError
from tocsin.query.pipeline.evaluate import distinct, evaluate
from tocsin.query.pipeline.memory import Memory
from tocsin.query.pipeline.stages import reads
from tocsin.query.pipeline.tally import EXACT, units
from tocsin.query.pipeline.values import Row


class Statistics:
    """Makes the answer out of the documents that the query's filter lets through.

    Args:
        query: of which it takes aggregate, distinct and page.

    Attributes:
        reads: the names of the fields that it looks at; None for all.
        units: what it is enough to know of them, as `tally.units` says; None where every document counts by
            itself.

    Raises:
        CloudforetError: the query cannot be answered as it is written.
    """

    def __init__(self, query: Mapping[str, Any]) -> None:
        self._page: Mapping[str, int] = query.get("page", {})
        self._distinct: str = query.get("distinct", "")
        self._stages = read_stages(query.get("aggregate", ()))
        if not self._stages and not self._distinct:
            raise required("aggregate")
        name = self._distinct.partition(".")[0]
        self.reads = reads(self._stages) if self._stages else frozenset({name})
        self.units = units(self._stages) if self._stages else {name: EXACT}

    def answer(
        self,
        documents: Iterable[Row],
        times: Iterable[int] = repeat(1),
        go_on: Callable[[], None] | None = None,
    ) -> Plain:
        """Give the answer.

        Args:
            documents: in their order, each looked at once.
            times: how many equal documents each of them stands for; only where `units` is not None.
            go_on: called now and then; what it raises ends the work. If left out, it ends after a second.

        Raises:
            CloudforetError: a document has what a stage cannot work on, too much has to be kept, or it takes
                too long.
        """
        memory, go_on = Memory(), go_on or _for_a_second()
        try:
            if self._stages:
                return self._shown(evaluate(self._stages, documents, memory, times, go_on), memory)
            return self._shown(distinct(self._distinct, documents, memory), memory)
        except PipelineError as error:
            raise db_query(str(error)) from None

    def _shown(self, found: Iterable[Any], memory: Memory) -> Plain:
        """Give the part that the page asks for; with a page, how much was found too."""
        limit = self._page.get("limit", 0)
        if not limit:
            return {"results": list(_written(found, memory))}
        start = max(self._page.get("start", 1), 1) - 1
        results: list[Any] = []
        total = 0
        for total, each in enumerate(found, 1):
            if start < total <= start + limit:
                results += _written([each], memory)
        return {"results": results, "total_count": total}


def _for_a_second() -> Callable[[], None]:
    end = monotonic() + 1

    def go_on() -> None:
        if monotonic() > end:
            raise took_too_long("the stages make too many rows: narrow it")

    return go_on


def _written(values: Iterable[Any], memory: Memory) -> Iterator[Any]:
    for value in values:
        memory.hold(value)
        yield _plain(value)


def _plain(value: Any) -> Any:
    """Write the moments in a value: to the microsecond, and without a fraction where there is none."""
    match value:
        case datetime():
            return value.replace(tzinfo=None).isoformat() + "Z"
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case _:
            return value
