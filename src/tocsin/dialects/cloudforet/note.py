"""The resource Note: what its methods do. A note is an event of kind note on the timeline of its alert."""

from typing import Any, Final

from tocsin.dialects.cloudforet.alert_acts import TEXT_LIMIT, AlertActs
from tocsin.dialects.cloudforet.caller import Caller, author_of
from tocsin.dialects.cloudforet.chosen import chosen
from tocsin.dialects.cloudforet.dates import moment, shown, written
from tocsin.dialects.cloudforet.document_query import Document, Kind
from tocsin.dialects.cloudforet.errors import CloudforetError, invalid, not_found, unknown
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.cloudforet.methods import Operation
from tocsin.dialects.cloudforet.statistics import Statistics
from tocsin.hub.errors import Missing, TooMany
from tocsin.hub.hub import clock
from tocsin.hub.notes import Notes as Records
from tocsin.model.access import Action
from tocsin.model.identifiers import alert_id, seq_of
from tocsin.model.note import Note
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.tree import All, Expression, conjunction, one_of

_FIELDS: Final = frozenset(
    {"note_id", "alert_id", "note", "created_by", "project_id", "domain_id", "created_at"}
)


def _is_field(path: str) -> bool:
    return path in _FIELDS


KIND: Final = Kind(
    _is_field,
    parameters=("note_id", "alert_id", "created_by", "project_id"),
    keywords=("note_id", "note"),
    minimal=("note_id", "alert_id", "note", "created_by"),
    order="created_at",
    newest_first=True,
)
_BY_STORE: Final = {"created_by": "author", "project_id": "project_id"}
"""The parameters that the store narrows by as they are, and the fields that they mean there."""


class Notes:
    """The methods of Note.

    Args:
        records: holds them.
        acts: writes them.
    """

    def __init__(self, records: Records, acts: AlertActs) -> None:
        self._records = records
        self._acts = acts

    @property
    def operations(self) -> dict[str, Operation]:
        """Give what stands behind the methods."""
        one = ("note_id", "domain_id")
        return {
            "Note.create": Operation(self.create, Action.ACT, ("alert_id", "note", "domain_id")),
            "Note.update": Operation(self.update, Action.ACT, one),
            "Note.delete": Operation(self.delete, Action.ACT, one),
            "Note.get": Operation(self.get, Action.READ, one),
            "Note.list": Operation(self.listing, Action.READ),
            "Note.stat": Operation(self.stat, Action.READ, ("query", "domain_id")),
        }

    async def create(self, request: Plain, caller: Caller) -> Plain:
        """Write a note on an open alert."""
        seq = await self._acts.note(request, _text(request), caller)
        return _info(await self._records.one(caller.domain_id, seq, All()))

    async def update(self, request: Plain, caller: Caller) -> Plain:
        """Let a note say something else."""
        note = await self._find(request, caller, Action.ACT)
        if "note" in request:
            await self._change(note, _text(request), request, caller)
        return _info(await self._find(request, caller, Action.ACT))

    async def delete(self, request: Plain, caller: Caller) -> Plain:
        """Delete a note."""
        await self._change(await self._find(request, caller, Action.ACT), "", request, caller)
        return {}

    async def get(self, request: Plain, caller: Caller) -> Plain:
        """Give one note."""
        only = request.get("only", [])
        for path in only:
            if not _is_field(path):
                raise unknown(f'Cannot resolve field "{path}"')
        return chosen(_info(await self._find(request, caller)), only)

    async def listing(self, request: Plain, caller: Caller) -> Plain:
        """List the notes that a query asks for, those first that were written last."""
        query = request.get("query", {})
        paths = KIND.shown(query)
        found = await self._matching(query, request, caller)
        if query.get("count_only"):
            return {"total_count": len(found)}
        page = [{**each, "created_at": shown(each["created_at"])} for each in KIND.page(query, found)]
        return {"results": [chosen(info, paths) for info in page], "total_count": len(found)}

    async def stat(self, request: Plain, caller: Caller) -> Plain:
        """Give what the notes that a query asks for come to."""
        query = request["query"]
        statistics = Statistics(query)
        return statistics.answer(KIND.page({}, await self._matching(query, {}, caller)))

    async def _matching(self, query: Plain, request: Plain, caller: Caller) -> list[Document]:
        try:
            found = await self._records.find(caller.domain_id, _narrowed(request), caller.sees)
        except TooMany as failure:
            raise invalid("query", str(failure)) from None
        return KIND.matching(query, request, map(_document, found), moment(clock()))

    async def _find(self, request: Plain, caller: Caller, action: Action = Action.READ) -> Note:
        seq = seq_of(request["note_id"], "note")
        try:
            return await self._records.one(caller.domain_id, seq or 0, caller.reach(action))
        except Missing:
            raise _no_such_note(request, caller) from None

    async def _change(self, note: Note, text: str, request: Plain, caller: Caller) -> None:
        try:
            await self._records.change(author_of(caller), note, text)
        except Missing:
            raise _no_such_note(request, caller) from None


def _narrowed(request: Plain) -> Expression:
    terms = [
        one_of(EVENT_FIELDS.by_name[field], [request[name]])
        for name, field in _BY_STORE.items()
        if name in request
    ]
    for name, field, prefix in (("note_id", "id", "note"), ("alert_id", "alert_id", "alert")):
        if name in request:
            seq = seq_of(request[name], prefix)
            terms.append(one_of(EVENT_FIELDS.by_name[field], [seq] if seq else []))
    return conjunction(terms)


def _text(request: Plain) -> str:
    """Read what a note is to say.

    Raises:
        CloudforetError: it cannot be kept.
    """
    text: str = request["note"]
    if len(text) > TEXT_LIMIT or "\0" in text:
        raise invalid("note", f"expected at most {TEXT_LIMIT} characters, none of them NUL")
    return text


def _document(note: Note) -> dict[str, Any]:
    return _info(note) | {"created_at": moment(note.event.recorded_at)}


def _info(note: Note) -> Plain:
    event = note.event
    return {
        "note_id": note.id,
        "alert_id": alert_id(event.alert_seq),
        "note": note.text,
        "created_by": event.author,
        "project_id": event.project_id,
        "domain_id": event.domain_id,
        "created_at": written(event.recorded_at),
    }


def _no_such_note(request: Plain, caller: Caller) -> CloudforetError:
    return not_found("('note_id', 'domain_id')", f"('{request['note_id']}', '{caller.domain_id}')")
