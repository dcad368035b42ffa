"""What time brings: things that happen at a moment, whoever is listening."""

from enum import StrEnum

import msgspec


class DueKind(StrEnum):
    """What happens.

    Attributes:
        ACKNOWLEDGEMENT: an acknowledgement ends; the subject is the alert's number.
        ALERT: an alert had no signal for its source's `resolve_after`; the subject is its number.
        SILENCE: a silence ends; the subject is its id.
        DOWNTIME_END: a downtime ends; the subject is its entry's id.
        DOWNTIME_START: a downtime begins; the subject is its entry's id.
        SOURCE: a source had no signal for its `silent_after`, or is gone; the subject is its id.
        TARGET: a target is gone; the subject is its id.
    """

    ACKNOWLEDGEMENT = "acknowledgement"
    ALERT = "alert"
    DOWNTIME_END = "downtime_end"
    DOWNTIME_START = "downtime_start"
    SILENCE = "silence"
    SOURCE = "source"
    TARGET = "target"


class Due(msgspec.Struct, frozen=True):
    """One thing that is to happen at a moment, microseconds UTC. Each subject has one at most of a kind."""

    domain_id: str
    kind: DueKind
    subject: str
    due_at: int
