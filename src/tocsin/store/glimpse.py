"""What an engine leaves open is decided by the predicate, on a glimpse of each row."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Column, Row, Table

from tocsin.model.event import type_of
from tocsin.query.fields import Fields
from tocsin.query.predicate import compile_predicate
from tocsin.query.tree import Expression, Text, leaves

_decode_labels: Final = msgspec.json.Decoder(dict[str, str]).decode

_READERS: Final[dict[str, Callable[[str], object]]] = {"labels": _decode_labels, "type": type_of}


class Glimpse:
    """Decides on rows, of which it reads no more than the attributes that a tree asks for.

    A predicate often looks at many thousand rows, and to read each of them whole takes ten times as long.

    Args:
        table: of the events or the alerts.
        fields: those of its records.
        tree: what the engine left open.
        given: the columns to give of each row that matches; `seq` is among them. Each once.

    Attributes:
        given: these columns.
        columns: what to select, those that are given first.
    """

    def __init__(self, table: Table, fields: Fields, tree: Expression, given: Iterable[str]) -> None:
        names = dict.fromkeys(given)
        self.given: Sequence[Column[Any]] = [table.c[name] for name in names]
        for leaf in leaves(tree):
            named = fields.searched if isinstance(leaf, Text) else (leaf.field,)
            names.update(dict.fromkeys(field.attribute for field in named))
        self.columns: Sequence[Column[Any]] = [table.c["kind" if name == "type" else name] for name in names]
        self._record = msgspec.defstruct("Record", list(names))
        self._readers = [(place, _READERS[name]) for place, name in enumerate(names) if name in _READERS]
        self._matches = compile_predicate(tree, fields)

    def matching(self, rows: Iterable[Row[Any]]) -> Iterator[tuple[Any, ...]]:
        """Give what is to be given of the rows that match the tree, as it is stored.

        Args:
            rows: of the columns.
        """
        length = len(self.given)
        for row in rows:
            values = list(row)
            for place, read in self._readers:
                values[place] = read(values[place])
            if self._matches(self._record(*values)):
                yield tuple(row[:length])
