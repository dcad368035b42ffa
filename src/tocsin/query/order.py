"""The order that a list of records is asked for in."""

import msgspec

from tocsin.query.fields import Field


class SortKey(msgspec.Struct, frozen=True):
    """One key of an order. Texts go by their code points; a label that is missing stands before all others.

    Attributes:
        field: what to sort by; a severity by its text.
        is_descending: the greatest first.
        unit: by how many microseconds times must differ to be told apart.
    """

    field: Field
    is_descending: bool = False
    unit: int = 1
