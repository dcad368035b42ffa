"""Notes on alerts, for those who may not touch the store themselves."""

import time
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection

from tocsin.hub.archive import told
from tocsin.hub.configuring import Configuring
from tocsin.hub.errors import Missing, TooMany
from tocsin.model.audit import Author
from tocsin.model.event import Event
from tocsin.model.note import Note, Revision
from tocsin.model.signal import Kind
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.tree import Expression, conjunction, one_of
from tocsin.store import audit, notes, scanning
from tocsin.store.counting import Counting
from tocsin.store.database import Database
from tocsin.store.errors import NotFound

MOST: Final = 10_000
"""So many notes are looked at to answer one question."""
_SECONDS: Final = 20.0
"""How long a search may take."""
_NOTES: Final = one_of(EVENT_FIELDS.by_name["kind"], [Kind.NOTE.value])


class Notes:
    """Finds and changes notes. Writing one is an event, by `AlertWork.act`.

    Args:
        database: where they stand.
        counting: finds them among the events.
        configuring: changes them.
    """

    def __init__(self, database: Database, counting: Counting, configuring: Configuring) -> None:
        self._database = database
        self._counting = counting
        self._configuring = configuring

    async def find(self, domain_id: str, tree: Expression, sees: Expression) -> list[Note]:
        """Give the notes whose events match, those first that were written last.

        Args:
            domain_id: whose.
            tree: which.
            sees: what whoever asks may see.

        Raises:
            TooMany: there are more than can be looked at.
            TooSlow, Unavailable: it cannot be told now.
        """
        wanted = conjunction([_NOTES, tree, sees])
        deadline = time.monotonic() + _SECONDS
        with told():
            events = await scanning.events(
                self._database, self._counting, domain_id, wanted, limit=MOST + 1, deadline=deadline
            )
            if len(events) > MOST:
                raise TooMany(f"there are more than {MOST} notes: ask for those of an alert")
            return await self._database.read(lambda connection: _as_they_stand(connection, events))

    async def one(self, domain_id: str, seq: int, sees: Expression) -> Note:
        """Give the note that the event with a number recorded.

        Raises:
            Missing: there is none, or it is not to be seen.
            TooSlow, Unavailable: it cannot be told now.
        """
        found = await self.find(domain_id, one_of(EVENT_FIELDS.by_name["id"], [seq]), sees)
        if not found:
            raise Missing("there is no such note")
        return found[0]

    async def change(self, author: Author, note: Note, text: str) -> None:
        """Let a note say something else; '' deletes it. The event stays as it was recorded.

        Args:
            author: who does it.
            note: which.
            text: what it is to say.

        Raises:
            Missing: somebody deleted it meanwhile.
            Unavailable: it cannot be done now.
        """

        def work(connection: Connection) -> None:
            event = note.event
            own = Revision(event.domain_id, event.seq, event.alert_seq, event.comment)
            before = notes.revisions(connection, event.domain_id, [event.seq]).get(event.seq, own)
            if before.deleted_at:
                raise NotFound("there is no such note")
            after = replace(before, text=text, deleted_at=0 if text else author.at)
            notes.write(connection, after)
            action = "note.change" if text else "note.delete"
            audit.write(connection, author, action, before=before, after=after)

        await self._configuring.change(work)


def _as_they_stand(connection: Connection, events: Sequence[Event]) -> list[Note]:
    if not events:
        return []
    revised = notes.revisions(connection, events[0].domain_id, [event.seq for event in events])
    return [
        Note(event, revised[event.seq].text if event.seq in revised else event.comment)
        for event in events
        if event.seq not in revised or not revised[event.seq].deleted_at
    ]
