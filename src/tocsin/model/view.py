"""A view: a page of the console as somebody saved it, for themselves or for all of the domain."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec


class Page(StrEnum):
    """The pages that can be saved."""

    EVENTS = "events"
    ALERTS = "alerts"


class View(msgspec.Struct, frozen=True):
    """What somebody saved: the whole state of a page, in the words of its address. '' is what is usual there.

    Attributes:
        id: 'view-' and 12 hex digits.
        owner_id: the user who made it.
        name: taken once among what its owner keeps for themselves, or else among what the domain shares.
        expression: what is looked for.
        since: of events, from when: RFC 3339, or '-1h'.
        until: of events, until when; '' for now.
        columns: of events, which and how wide: 'time:120,title:0'.
        group: the field that they are grouped by.
        show: of alerts, in which state.
        order: of alerts, which come first.
        shared: everybody in the domain who may read sees it; else its owner alone.
        created_at: microseconds UTC.
    """

    id: str
    domain_id: str
    owner_id: str
    name: str
    page: Page
    expression: str
    since: str
    until: str
    columns: str
    group: str
    show: str
    order: str
    shared: bool
    created_at: int


STATE_OF: Final[Mapping[Page, tuple[str, ...]]] = {
    Page.EVENTS: ("since", "until", "columns", "group"),
    Page.ALERTS: ("group", "show", "order"),
}
"""What the state of each page holds beside the expression."""
