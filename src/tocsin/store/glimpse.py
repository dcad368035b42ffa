"""A glimpse of a record: as much of its row as a predicate asks for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Column, Row, Table

from tocsin.model.event import type_of
from tocsin.query.fields import Fields
from tocsin.query.tree import Expression, Text, leaves

_decode_labels: Final = msgspec.json.Decoder(dict[str, str]).decode

_READERS: Final[dict[str, Callable[[str], object]]] = {"labels": _decode_labels, "type": type_of}


class Glimpse:
    """Reads rows into records that have only the attributes which a tree asks for.

    A predicate often looks at many thousand rows, and to read each of them whole takes ten times as long.

    Args:
        table: of the events or the alerts.
        fields: those of its records.
        tree: what the predicate was compiled from.

    Attributes:
        columns: what to select, `seq` first.
    """

    def __init__(self, table: Table, fields: Fields, tree: Expression) -> None:
        asked = {"seq"}
        for leaf in leaves(tree):
            named = fields.searched if isinstance(leaf, Text) else (leaf.field,)
            asked.update(field.attribute for field in named)
        names = ["seq", *sorted(asked - {"seq"})]
        self.columns: Sequence[Column[Any]] = [table.c["kind" if name == "type" else name] for name in names]
        self._record = msgspec.defstruct("Record", names)
        self._readers = [(names.index(name), read) for name, read in _READERS.items() if name in asked]

    def read(self, rows: Iterable[Row[Any]]) -> Iterator[tuple[int, object]]:
        """Give the number and the record of each row."""
        for row in rows:
            values = list(row)
            for place, read in self._readers:
                values[place] = read(values[place])
            yield values[0], self._record(*values)
