"""What was sent and not recorded."""

import msgspec

from tocsin.model.audit import Author


class Rejected(msgspec.Struct, frozen=True):
    """An item of a request that was not recorded.

    Attributes:
        id: its own.
        source_id: the source that sent it.
        payload_id: the id of the item that holds the request's body: one for all items of a request.
        index: its place in the request, from 0, or `WHOLE`.
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


class Replay(msgspec.Struct, frozen=True):
    """Another try of what was rejected of a request: once it is recorded, it is not among the rejected.

    Attributes:
        rejected: one of the items; those of its request go together.
        author: who asks for it.
    """

    rejected: Rejected
    author: Author
