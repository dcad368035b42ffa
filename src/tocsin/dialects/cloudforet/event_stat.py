"""Event.stat: what the events that a query asks for come to."""

from collections.abc import Callable, Iterable, Mapping
from itertools import repeat
from typing import Any, Final

from tocsin.dialects.cloudforet.caller import Caller
from tocsin.dialects.cloudforet.conditions import asked_for
from tocsin.dialects.cloudforet.dates import moment
from tocsin.dialects.cloudforet.document import FIELDS
from tocsin.dialects.cloudforet.event_info import RawData
from tocsin.dialects.cloudforet.keys import MILLISECOND, Keys
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.cloudforet.statistics import Statistics
from tocsin.hub.archive import Archive
from tocsin.hub.hub import clock
from tocsin.query.pipeline.tally import EXACT
from tocsin.query.pipeline.values import Row
from tocsin.query.tree import conjunction

_TIMES: Final = ("created_at", "occurred_at")


class EventStat:
    """Counts events.

    Args:
        archive: where they stand.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    async def answer(self, request: Plain, caller: Caller) -> Plain:
        """Answer an EventStatQuery. The documents are those of Event.list, the newest first.

        Raises:
            CloudforetError: the query cannot be answered.
        """
        query: Mapping[str, Any] = request["query"]
        keys = Keys(caller.domain_id, RawData())
        tree = conjunction([caller.sees, asked_for(query, {}, keys, moment(clock()))])
        statistics = Statistics(query)
        wanted = FIELDS if statistics.reads is None else [name for name in FIELDS if name in statistics.reads]
        parts = {name: key for name in wanted if (key := keys.find(name))}

        def document(event: Any) -> Row:
            return {name: value for name, key in parts.items() for value in key.found(event)}

        def work(events: Iterable[Any], go_on: Callable[[], None], times: Iterable[int] = repeat(1)) -> Plain:
            return statistics.answer(map(document, events), times, go_on)

        if statistics.units is not None:
            units = {
                attribute: max(statistics.units[name], MILLISECOND) if name in _TIMES else EXACT
                for name, key in parts.items()
                for attribute in key.reads
            }
            if (found := await self._archive.tally(caller.domain_id, tree, units, work)) is not None:
                return found
        attributes = [attribute for key in parts.values() for attribute in key.reads]
        return await self._archive.through(caller.domain_id, tree, attributes, work)
