"""What was sent and not recorded."""

import msgspec


class Rejected(msgspec.Struct, frozen=True):
    """An item of a request that was not recorded.

    Attributes:
        id: its own.
        source_id: the source that sent it.
        payload_id: the id of the item that holds the request's body: one for all items of a request.
        index: its place in the request, from 0.
        reason: why it was not recorded.
        format: the dialect of the request.
        rejected_at: microseconds UTC.
    """

    id: str
    domain_id: str
    source_id: str
    payload_id: str
    index: int
    reason: str
    format: str
    rejected_at: int
