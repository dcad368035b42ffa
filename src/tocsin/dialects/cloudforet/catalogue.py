"""get, list and stat of a resource of which there are few enough to look at them one by one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from tocsin.dialects.cloudforet.caller import Caller
from tocsin.dialects.cloudforet.chosen import chosen
from tocsin.dialects.cloudforet.dates import moment, shown
from tocsin.dialects.cloudforet.document_query import Document, Kind
from tocsin.dialects.cloudforet.errors import CloudforetError, not_found, unknown
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.cloudforet.methods import Operation
from tocsin.dialects.cloudforet.statistics import Statistics
from tocsin.hub.hub import clock
from tocsin.model.access import Action

Documents: TypeAlias = Callable[[Caller], Awaitable[list[Document]]]
"""What a caller sees of a resource, its times as aware datetimes."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Shows the documents of a resource.

    Attributes:
        resource: its name, such as EventRule.
        key: the field that names one of them, such as event_rule_id.
        kind: what queries can ask for.
        documents: gives them.
    """

    resource: str
    key: str
    kind: Kind
    documents: Documents

    @property
    def operations(self) -> dict[str, Operation]:
        """Give what stands behind the three methods."""
        return {
            f"{self.resource}.get": Operation(self.get, Action.READ, (self.key, "domain_id")),
            f"{self.resource}.list": Operation(self.listing, Action.READ),
            f"{self.resource}.stat": Operation(self.stat, Action.READ, ("query", "domain_id")),
        }

    async def get(self, request: Plain, caller: Caller) -> Plain:
        """Give one."""
        only = request.get("only", [])
        for path in only:
            if not self.kind.is_field(path):
                raise unknown(f'Cannot resolve field "{path}"')
        for document in await self.documents(caller):
            if document[self.key] == request[self.key]:
                return chosen(self.info(document), only)
        raise self.missing(request, caller)

    async def listing(self, request: Plain, caller: Caller) -> Plain:
        """List what a query asks for."""
        query = request.get("query", {})
        paths = self.kind.shown(query)
        found = await self._matching(query, request, caller)
        if query.get("count_only"):
            return {"total_count": len(found)}
        page = [chosen(self.info(each), paths) for each in self.kind.page(query, found)]
        return {"results": page, "total_count": len(found)}

    async def stat(self, request: Plain, caller: Caller) -> Plain:
        """Give what those come to that a query asks for."""
        query = request["query"]
        statistics = Statistics(query)
        return statistics.answer(self.kind.page({}, await self._matching(query, {}, caller)))

    def info(self, document: Document) -> Plain:
        """Write a document as an answer shows it."""
        return {**document} | {name: shown(document[name]) for name in self.kind.times}

    def missing(self, request: Plain, caller: Caller) -> CloudforetError:
        """Make the error of one that is not there, or not there for whoever asks."""
        return not_found(f"('{self.key}', 'domain_id')", f"('{request[self.key]}', '{caller.domain_id}')")

    async def _matching(self, query: Plain, request: Plain, caller: Caller) -> list[Document]:
        return self.kind.matching(query, request, await self.documents(caller), moment(clock()))
