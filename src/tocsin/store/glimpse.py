"""What an engine leaves open is decided by the predicate, on a glimpse of each row."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Column, Row, Table

from tocsin.model.event import type_of
from tocsin.model.mark import NO_MARKS, Marks
from tocsin.query.fields import Fields
from tocsin.query.predicate import compile_predicate
from tocsin.query.tree import Expression, Judged, Leaf, Text, leaves
from tocsin.store import tables
from tocsin.store.payloads import Payloads

_decode_labels: Final = msgspec.json.Decoder(dict[str, str]).decode

_COLUMNS: Final = {"type": "kind", "payload": "payload_seq"}
"""The columns of what is not stored under its own name."""
_READERS: Final[dict[str, Callable[[Any], object]]] = {"labels": _decode_labels, "type": type_of}
_MANY: Final = 1_000
_FEW: Final = 50
"""So many payloads are held at once: each can be as large as a request."""


class Glimpse:
    """Decides on rows, of which it reads no more than the attributes that a tree asks for.

    A predicate often looks at many thousand rows, and to read each of them whole takes ten times as long.

    Args:
        table: of the events or the alerts.
        fields: those of its records.
        tree: what the engine left open.
        given: the columns to give of each row that matches; `seq` is among them. Each once.
        attributes: what records have besides; `payload` is the request that an event came with.
        marks: through which the records are seen.

    Attributes:
        given: these columns.
        columns: what to select, those that are given first.
        at_once: how many rows to look at at a time: on PostgreSQL the predicate works on the event loop.
    """

    def __init__(
        self,
        table: Table,
        fields: Fields,
        tree: Expression,
        given: Iterable[str],
        attributes: Iterable[str] = (),
        marks: Marks = NO_MARKS,
    ) -> None:
        names = dict.fromkeys(given)
        self.given: Sequence[Column[Any]] = [table.c[name] for name in names]
        names.update(dict.fromkeys(attributes))
        for leaf in leaves(tree):
            names.update(dict.fromkeys(_attributes(leaf, fields)))
        if marks and table is tables.event and "project_id" in names:
            names["alert_seq"] = None
        self._payload = list(names).index("payload") if "payload" in names else None
        self._day = 0
        if self._payload is not None:
            names["day"] = None
            self._day = list(names).index("day")
        self.columns: Sequence[Column[Any]] = [table.c[_COLUMNS.get(name, name)] for name in names]
        self.at_once = _MANY if self._payload is None else _FEW
        self._record = msgspec.defstruct("Record", list(names))
        self._readers = [(place, _READERS[name]) for place, name in enumerate(names) if name in _READERS]
        self._marks = marks
        self._alert = list(names).index("alert_seq") if marks and "alert_seq" in names else None
        self._project = list(names).index("project_id") if "project_id" in names else None
        self._matches = compile_predicate(tree, fields)

    def matching(self, rows: Sequence[Row[Any]], payloads: Payloads) -> Iterator[tuple[Any, ...]]:
        """Give what is to be given of the rows that match the tree, as it is stored but for the marks.

        Args:
            rows: of the columns.
            payloads: reads the payloads that the tree asks for.
        """
        length = len(self.given)
        for row, _ in self._matching(rows, payloads):
            seen = row if self._alert is None else self._seen(row, self._alert)
            yield tuple(seen[:length])

    def records(self, rows: Sequence[Row[Any]], payloads: Payloads) -> Iterator[Any]:
        """Give an object with the attributes for each of the rows that match the tree.

        Parameters are those of `matching`.
        """
        for _, record in self._matching(rows, payloads):
            yield record

    def _matching(
        self, rows: Sequence[Row[Any]], payloads: Payloads
    ) -> Iterator[tuple[Row[Any], msgspec.Struct]]:
        readers: Sequence[tuple[int, Callable[[Any], object]]] = self._readers
        if self._payload is not None:
            held = payloads.of({row[self._payload]: row[self._day] for row in rows})
            readers = [*readers, (self._payload, held.get)]
        for row in rows:
            values = list(row) if self._alert is None else self._seen(row, self._alert)
            for place, read in readers:
                values[place] = read(values[place])
            record = self._record(*values)
            if self._matches(record):
                yield row, record

    def _seen(self, row: Sequence[Any], place: int) -> list[Any]:
        """Put what is seen in place of what was recorded.

        Args:
            row: as it is stored.
            place: of its alert.
        """
        values = list(row)
        values[place] = self._marks.alert(row[place])
        if self._project is not None:
            values[self._project] = self._marks.project(row[place], row[self._project])
        return values


def _attributes(leaf: Leaf, fields: Fields) -> Iterable[str]:
    match leaf:
        case Judged(reads):
            return reads
        case Text():
            return [field.attribute for field in fields.searched]
        case _:
            return [leaf.field.attribute]
