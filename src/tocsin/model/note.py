"""A note: what somebody wrote about an alert, which is an event of kind note, and what became of it since."""

import msgspec

from tocsin.model.event import Event
from tocsin.model.identifiers import note_id


class Revision(msgspec.Struct, frozen=True):
    """What was made of a note since it was recorded. The event itself never changes.

    Attributes:
        seq: number of its event.
        alert_seq: the alert that it was recorded with.
        text: as it stands now; '' where it was deleted.
        deleted_at: microseconds UTC; 0 for never.
    """

    domain_id: str
    seq: int
    alert_seq: int
    text: str
    deleted_at: int = 0

    @property
    def id(self) -> str:
        """The note's."""
        return note_id(self.seq)


class Note(msgspec.Struct, frozen=True):
    """A note as it stands.

    Attributes:
        event: by which it was recorded.
        text: as it stands now.
    """

    event: Event
    text: str

    @property
    def id(self) -> str:
        """'note-' and the digits of its event."""
        return note_id(self.event.seq)
