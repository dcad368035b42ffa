"""The resource Alert: what the methods do that show alerts."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from tocsin.dialects.cloudforet.alert_info import MINIMAL, TIMES, alert_info, document, is_field
from tocsin.dialects.cloudforet.caller import Caller
from tocsin.dialects.cloudforet.chosen import chosen
from tocsin.dialects.cloudforet.dates import moment
from tocsin.dialects.cloudforet.document_query import Document, Kind
from tocsin.dialects.cloudforet.errors import CloudforetError, invalid, not_found, unknown
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.cloudforet.methods import Operation
from tocsin.dialects.cloudforet.statistics import Statistics
from tocsin.hub.alerts import Alerts as Records
from tocsin.hub.alerts import Case
from tocsin.hub.hub import clock
from tocsin.model.access import Action
from tocsin.model.identifiers import seq_of
from tocsin.query.fields import ALERT_FIELDS
from tocsin.query.tree import All, Expression, conjunction, one_of

_RESOURCE_ID: Final = "resource.resource_id"
KIND: Final = Kind(
    is_field,
    parameters=(
        *("alert_number", "alert_id", "title", "state", "assignee", "urgency", "severity", "is_snoozed"),
        *(_RESOURCE_ID, "provider", "account", "triggered_by", "webhook_id", "escalation_policy_id"),
        "project_id",
    ),
    keywords=("alert_id", "title"),
    minimal=MINIMAL,
    order="created_at",
    newest_first=True,
    times=TIMES,
)
_BY_STORE: Final = {"project_id": "project_id", "webhook_id": "source_id", "triggered_by": "source_id"}
"""The parameters that the store narrows by, and the fields that they mean there."""


class Alerts:
    """The methods of Alert that show alerts.

    Args:
        records: reads the alerts.
        list_limit: how many are listed at once; 0 for any number.
    """

    def __init__(self, records: Records, *, list_limit: int = 0) -> None:
        self._records = records
        self._list_limit = list_limit

    @property
    def operations(self) -> dict[str, Operation]:
        """Give what stands behind the methods."""
        return {
            "Alert.get": Operation(self.get, Action.READ, ("alert_id", "domain_id")),
            "Alert.list": Operation(self.listing, Action.READ),
            "Alert.stat": Operation(self.stat, Action.READ, ("query", "domain_id")),
        }

    async def get(self, request: Plain, caller: Caller) -> Plain:
        """Give one alert."""
        only = request.get("only", [])
        for path in only:
            if not is_field(path):
                raise unknown(f'Cannot resolve field "{path}"')
        return chosen(alert_info(await self.find(request["alert_id"], caller)), only)

    async def listing(self, request: Plain, caller: Caller) -> Plain:
        """List the alerts that a query asks for, those first that were opened last."""
        query = request.get("query", {})
        paths = KIND.shown(query)
        holds = KIND.test(query, _wanted(request), moment(clock()))
        names = {"alert_id", *(key.key.partition(".")[0] for key in KIND.sorting(query))}

        def work(cases: Iterator[Case], _: Callable[[], None]) -> list[Document]:
            # Only what they are sorted by is held of each.
            return [
                {name: each[name] for name in names if name in each}
                for each in map(document, cases)
                if holds(each)
            ]

        rows = await self._records.through(caller.domain_id, _narrowed(request), caller.sees, work)
        if query.get("count_only"):
            return {"total_count": len(rows)}
        page = KIND.page(query, rows)
        if self._list_limit and len(page) > self._list_limit:
            reason = f"more than {self._list_limit} alerts are asked for at once: ask for a page of them"
            raise invalid("query.page", reason)
        seqs = [seq for each in page if (seq := seq_of(each["alert_id"], "alert"))]
        shown = await self._records.numbered(caller.domain_id, seqs, caller.sees)
        return {"results": [chosen(alert_info(case), paths) for case in shown], "total_count": len(rows)}

    async def stat(self, request: Plain, caller: Caller) -> Plain:
        """Give what the alerts that a query asks for come to."""
        query: dict[str, Any] = request["query"]
        statistics = Statistics(query)
        holds = KIND.test(query, {}, moment(clock()))

        def work(cases: Iterator[Case], go_on: Callable[[], None]) -> Plain:
            return statistics.answer(filter(holds, map(document, cases)), go_on=go_on)

        return await self._records.through(caller.domain_id, All(), caller.sees, work)

    async def find(self, identifier: str, caller: Caller, action: Action = Action.READ) -> Case:
        """Give an alert that somebody may read, or do something with.

        Raises:
            CloudforetError: the domain has none with that id, or it is outside what they may do that with.
        """
        seq = seq_of(identifier, "alert")
        found = await self._records.numbered(caller.domain_id, [seq] if seq else [], caller.reach(action))
        if not found:
            raise no_such_alert(identifier, caller.domain_id)
        return found[0]


def _wanted(request: Plain) -> Plain:
    """Give the parameters around a query, under the names of the fields that they mean."""
    wanted = dict(request)
    if "resource_id" in request:
        wanted[_RESOURCE_ID] = request["resource_id"]
    if "is_snoozed" in request:
        wanted["is_snoozed"] = request["is_snoozed"].lower() == "true"
    return wanted


def _narrowed(request: Plain) -> Expression:
    return conjunction(
        one_of(ALERT_FIELDS.by_name[field], [request[name]])
        for name, field in _BY_STORE.items()
        if name in request
    )


def no_such_alert(identifier: str, domain_id: str) -> CloudforetError:
    """Make the error of an alert that a domain has not, or not for whoever asks."""
    return not_found("('alert_id', 'domain_id')", f"('{identifier}', '{domain_id}')")
