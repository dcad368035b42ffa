"""A receipt: what became of one signal."""

from enum import StrEnum

import msgspec


class Outcome(StrEnum):
    """What a signal did."""

    OPENED = "opened"
    JOINED = "joined"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    RECORDED = "recorded"
    REJECTED = "rejected"


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """What became of one signal, told to its sender after the commit.

    Attributes:
        index: place of the signal in its request, from 0.
        outcome: what it did.
        reason: why, in plain words; '' where the outcome says all.
        seq: number of its event in the domain; 0 for a rejected signal.
        alert_seq: number of the event that opened its alert; 0 where it has none.
        silenced_by: id of the silence that matched, '' for none.
    """

    index: int
    outcome: Outcome
    reason: str = ""
    seq: int = 0
    alert_seq: int = 0
    silenced_by: str = ""


class KeptReceipt(msgspec.Struct, frozen=True, gc=False):
    """A receipt as it is found again later.

    Attributes:
        source_id: the source that sent the signal.
        at: when it was recorded or rejected, microseconds UTC.
        rejected_id: of what is kept of a rejected one, '' for one that was recorded.
    """

    receipt: Receipt
    source_id: str
    at: int
    rejected_id: str = ""
