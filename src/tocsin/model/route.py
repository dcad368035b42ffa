"""A route: a filter that says what goes where."""

import msgspec


class Route(msgspec.Struct, frozen=True):
    """What goes where.

    Attributes:
        id: 'route-' and 12 hex digits.
        position: its place among the routes of its domain, the smallest first.
        expression: which events it takes, in the expression language; '' for all.
        targets: the ids of the targets that they go to.
        every_event: takes all that matches; else only what changed its alert.
        fallback: takes what no other route takes, and what has a routing key that no route names.
        created_at: microseconds UTC.
    """

    id: str
    domain_id: str
    name: str
    position: int
    expression: str
    targets: tuple[str, ...]
    every_event: bool
    fallback: bool
    enabled: bool
    created_at: int
