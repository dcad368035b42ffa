"""A silence: a filter with a window. What it matches is flagged and not passed on, and never dropped."""

import msgspec

from tocsin.model.identifiers import alert_id


class Silence(msgspec.Struct, frozen=True):
    """What is not passed on for a while. Times are microseconds UTC.

    Attributes:
        id: 'silence-' and 12 hex digits.
        expression: which events it matches, in the expression language.
        scope: an expression that says on what its author could act; it matches nothing beyond that. '' for
            everything.
        starts_at: the first moment in it.
        ends_at: the first moment after it.
        author: who made it.
        comment: why.
    """

    id: str
    domain_id: str
    expression: str
    scope: str
    starts_at: int
    ends_at: int
    author: str
    comment: str
    created_at: int


def snooze_of(alert_seq: int) -> str:
    """Give the expression of a silence that matches one alert and nothing else."""
    return f"alert_id={alert_id(alert_seq)}"
