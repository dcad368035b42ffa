"""Tree -> SQL condition, as far as an engine answers it exactly as the predicate does.

Engines only compare what was prepared at write time: case-folded texts byte for byte, texts and numbers that
are never NULL. What that does not cover is left to the predicate (`is_exact` says no): regular expressions,
values that no engine can hold, and the few texts named below.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    FromClause,
    and_,
    any_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from tocsin.model.event import kinds_of
from tocsin.query.fields import Field, Fields, FieldType
from tocsin.query.order import SortKey
from tocsin.query.pattern import Pattern
from tocsin.query.predicate import severities_in_order
from tocsin.query.tree import All, And, Comparison, Expression, Judged, Leaf, Not, Operator, Or, Text, Value
from tocsin.store import tables

Condition: TypeAlias = ColumnElement[bool]
_Join: TypeAlias = Callable[..., Condition]

FEW: Final = 16
"""How many values a list in a statement has at most; longer ones go in as one parameter."""

_UNFOLDED: Final = frozenset({"source_id", "project_id", "silenced_by"})
"""Texts that are stored as they came alone, since they are ids."""
_INTEGERS: Final = range(-(2**63), 2**63)
_NOT_STORABLE: Final = re.compile("[\0\ud800-\udfff]")
_NOT_IN_A_PATH: Final = re.compile(r'["\\\x00-\x1f\x7f]')
_LIKE_SPECIAL: Final = re.compile("[!%_]")
_LIKE_BYTES: Final = 50_000
_LIKE_MIXED_UP: Final = re.compile("[\ufffd-\uffff]")
_WIDTH: Final = 32
_LEVELS: Final = 30
_ORDER: Final[dict[Operator, Callable[[Any, Any], Condition]]] = {
    Operator.LESS: operator.lt,
    Operator.LESS_EQUAL: operator.le,
    Operator.GREATER: operator.gt,
    Operator.GREATER_EQUAL: operator.ge,
}


class Compiler:
    """Turns trees into conditions on one table for one engine.

    Args:
        table: of the events or the alerts, or what has the columns that a tree asks for.
        fields: those of its records.
        engine: sqlite, postgresql or duckdb.
        seen: what records are seen to have in some columns, where that differs from what these hold.
            Conditions are about the columns; what is counted, or sorted by, is what is seen.
    """

    def __init__(
        self,
        table: FromClause,
        fields: Fields,
        engine: str,
        seen: Mapping[str, ColumnElement[Any]] = MappingProxyType({}),
    ) -> None:
        self._columns = table.c
        self._seen = seen
        self._fields = fields
        self._is_sqlite = engine == "sqlite"
        self._is_duckdb = engine == "duckdb"

    def is_exact(self, leaf: Leaf) -> bool:
        """Say whether the engine answers a leaf as the predicate would."""
        if not isinstance(leaf, Comparison):
            return isinstance(leaf, Text) and _is_storable(leaf.folded)
        field = leaf.field
        if leaf.operator is Operator.REGEX or not all(map(_is_storable, _operands(leaf.value))):
            return False
        if field.label and not self._can_look_up(field.label):
            return False
        if not isinstance(leaf.value, Pattern) or leaf.value.matches_everything:
            return True
        if field.attribute in _UNFOLDED:
            return leaf.value.parts == ("",)
        return not self._is_sqlite or not _needs_like(leaf.value) or _is_like_exact(leaf.value)

    def condition(self, tree: Expression) -> Condition:
        """Make the condition for a tree of which every leaf is exact, its sources and projects resolved."""
        match tree:
            case All():
                return true()
            case And(terms):
                return conjunction([self.condition(term) for term in terms])
            case Or(terms):
                return disjunction([self.condition(term) for term in terms])
            case Not(term):
                return not_(self.condition(term))
            case Text(folded):
                return self._occurs(folded)
            case Comparison():
                return self._comparison(tree)
            case Judged():
                raise TypeError("no engine answers it")

    def folded(self, field: Field) -> ColumnElement[str]:
        """Give a text in its case-folded form; an identifier as it is written."""
        if field.type is FieldType.IDENTIFIER:
            return self._written(field)
        column: ColumnElement[str] | None = self._columns.get(f"folded_{field.attribute}")
        return self._member("folded_rest", field.name) if column is None else column

    def _written(self, field: Field) -> ColumnElement[str]:
        """Give an identifier: its prefix and 12 hexadecimal digits, '' where there is none."""
        number, prefix = self._columns[field.attribute], f"{field.prefix}-"
        text: ColumnElement[str] = func.printf(f"{prefix}%012x", number, type_=tables.Bytes)
        if not self._is_sqlite and not self._is_duckdb:
            digits = func.lpad(func.to_hex(number), 12, "0", type_=tables.Bytes)
            text = (literal(prefix, tables.Bytes) + digits).collate("C")
        return case((number == 0, ""), else_=text) if field.prefix == "alert" else text

    def value(self, field: Field) -> ColumnElement[Any] | None:
        """Give what a record has in a field, as it came; None where only Python can look it up."""
        if field.label:
            return self._member("labels", field.label) if self._can_look_up(field.label) else None
        if field.attribute == "type":
            kind = self._columns.kind
            return case(*((kind.in_(kinds_of(each)), literal(each, tables.Bytes)) for each in field.values))
        return self.seen(field.attribute)

    def seen(self, attribute: str) -> ColumnElement[Any]:
        """Give what a record is seen to have in a column."""
        return self._seen.get(attribute, self._columns[attribute])

    def sorted_by(self, key: SortKey) -> ColumnElement[Any]:
        """Give what sorts records as a key says; a label that is missing is NULL there.

        Raises:
            TypeError: it is a label that only Python can look up.
        """
        field = key.field
        if field.label and self._can_look_up(field.label):
            return self._found("labels", field.label)
        value = self.value(field)
        if value is None:
            raise TypeError(f"{field.name}: this engine does not find a label of that name")
        # The remainder of a number below zero is negative on every engine.
        return value if key.unit == 1 else value - (value % key.unit + key.unit) % key.unit

    def equals(self, column: ColumnElement[Any], values: Sequence[str | int]) -> Condition:
        """Make the condition that a column is exactly one of some values."""
        if not values:
            return false()
        if len(values) == 1:
            return column == values[0]
        if self._is_duckdb:
            return self._is_listed(column, values)
        if len(values) <= FEW:
            return column.in_(values)
        if self._is_sqlite:
            each = func.json_each(msgspec.json.encode(values).decode()).table_valued("value")
            return column.in_(select(each.c.value))
        return column == any_(_array(column, values))

    @staticmethod
    def _is_listed(column: ColumnElement[Any], values: Sequence[str | int]) -> Condition:
        """Make it for DuckDB: it goes through a list faster than it takes IN, until the list is long."""
        if len(values) <= FEW:
            return func.list_contains(_array(column, values), column, type_=Boolean)
        # Each value of a list that Python hands over costs it a search for modules.
        listed = msgspec.json.encode(values).decode()
        return column.in_(select(func.unnest(func.from_json(listed, list_shape(column)))))

    def _occurs(self, folded: str) -> Condition:
        """Make the condition that a word or phrase stands in one of the searched fields."""
        searched = [self.folded(field) for field in self._fields.searched]
        if self._is_duckdb:
            return disjunction([self._contains(text, folded) for text in searched])
        # One call, not a chain of ORs: it keeps expressions flat, of which SQLite takes 1000 levels.
        greatest = func.max if self._is_sqlite else func.greatest
        return greatest(*(self._position(text, folded) for text in searched)) > 0

    def _comparison(self, comparison: Comparison) -> Condition:
        field = comparison.field
        match comparison.operator, comparison.value:
            case Operator.MATCHES, Pattern() as pattern:
                return self._matches(field, pattern)
            case Operator.EQUAL, str() | int() as value:
                return self._one_of(field, (value,))
            case Operator.ONE_OF, tuple() as values:
                return self._one_of(field, values)
            case order, str() as severity:
                return self.equals(self._columns.severity, severities_in_order(order, severity))
            case order, bound:
                column = self._columns[field.attribute]
                ordered = _ORDER[order](column, bound)
                return and_(column != 0, ordered) if field.type is FieldType.TIME else ordered

    def _one_of(self, field: Field, values: Sequence[str | int]) -> Condition:
        if field.label:
            return self.equals(self._member("labels", field.label), values)
        if field.attribute == "type":
            return self.equals(self._columns.kind, [kind for each in values for kind in kinds_of(str(each))])
        exact = self.equals(self._columns[field.attribute], values)
        if field.attribute != "host":
            return exact
        # The index holds the folded text.
        return and_(self.equals(self.folded(field), fold(values)), exact)

    def _matches(self, field: Field, pattern: Pattern) -> Condition:
        if pattern.matches_everything:
            return true()
        if field.attribute in _UNFOLDED:
            return self._columns[field.attribute] == ""
        text = self.folded(field)
        if not pattern.has_wildcard:
            return text == pattern.parts[0]
        clauses = prefix_range(text, pattern.parts[0])
        if _needs_like(pattern):
            written = "%".join(_LIKE_SPECIAL.sub(r"!\g<0>", part) for part in pattern.parts)
            clauses.append(text.like(written, escape="!"))
        elif len(pattern.parts) == 3:
            clauses.append(self._contains(text, pattern.parts[1]))
        return and_(*clauses)

    def _can_look_up(self, label: str) -> bool:
        """Say whether the engine finds a label: SQLite compares its name with JSON's spelling of it."""
        return _is_storable(label) and not (self._is_sqlite and (not label or _NOT_IN_A_PATH.search(label)))

    def _member(self, column: str, name: str) -> ColumnElement[str]:
        """Give one text of a JSON map of texts, '' where it is missing."""
        return func.coalesce(self._found(column, name), "", type_=tables.Bytes)

    def _found(self, column: str, name: str) -> ColumnElement[str]:
        """Give one text of a JSON map of texts, NULL where it is missing."""
        document = self._columns[column]
        if self._is_sqlite:
            return func.json_extract(document, f'$."{name}"', type_=tables.Bytes)
        if self._is_duckdb:
            pointer = "/" + name.replace("~", "~0").replace("/", "~1")
            return func.json_extract_string(document, pointer, type_=tables.Bytes)
        member: ColumnElement[str] = cast(document, JSONB)[name].astext
        return member.collate("C")

    def _contains(self, text: ColumnElement[str], part: str) -> Condition:
        """Make the condition that a part occurs anywhere in a text."""
        if self._is_duckdb:
            return func.contains(text, literal(part, tables.Bytes), type_=Boolean)
        return self._position(text, part) > 0

    def _position(self, text: ColumnElement[str], part: str) -> ColumnElement[int]:
        """Give where a part begins in a text, counted from 1; 0 where it does not occur."""
        find = func.instr if self._is_sqlite else func.strpos
        return find(text, literal(part, tables.Bytes))


def is_deep(tree: Expression, levels: int = _LEVELS) -> bool:
    """Say whether a tree has more levels than can be compiled: SQLAlchemy takes some calls for each."""
    match tree:
        case And(terms) | Or(terms):
            return levels == 0 or any(is_deep(term, levels - 1) for term in terms)
        case Not(term):
            return levels == 0 or is_deep(term, levels - 1)
        case _:
            return False


def conjunction(conditions: Sequence[Condition]) -> Condition:
    """Join conditions by AND."""
    return _joined(and_, or_, conditions) if conditions else true()


def disjunction(conditions: Sequence[Condition]) -> Condition:
    """Join conditions by OR."""
    return _joined(or_, and_, conditions) if conditions else false()


def fold(values: Iterable[str | int]) -> tuple[str, ...]:
    """Give texts in their case-folded form, each once."""
    return tuple(dict.fromkeys(str(value).casefold() for value in values))


def prefix_range(text: ColumnElement[str], prefix: str) -> list[Condition]:
    """Give the conditions that a text begins with a prefix, as a range that an index answers.

    Both engines order texts by the bytes of their UTF-8, which is the order of their code points.
    """
    if not prefix:
        return []
    start = text >= prefix
    end = _successor(prefix)
    return [start, text < end] if end else [start]


def _successor(prefix: str) -> str:
    """Give the least text that is greater than every text with that prefix; '' where there is none."""
    stem = prefix.rstrip(chr(0x10FFFF))
    if not stem:
        return ""
    following = ord(stem[-1]) + 1
    return stem[:-1] + chr(0xE000 if following == 0xD800 else following)


def _joined(join: _Join, other: _Join, conditions: Sequence[Condition]) -> Condition:
    """Join in halves, since a chain is as deep as it is long.

    SQLAlchemy would join the halves to one chain again, so they are written by De Morgan's law.
    """
    if len(conditions) <= _WIDTH:
        return join(*conditions)
    middle = len(conditions) // 2
    halves = (_joined(join, other, conditions[:middle]), _joined(join, other, conditions[middle:]))
    return not_(other(*map(not_, halves)))


def _operands(value: Value) -> Sequence[str | int]:
    match value:
        case Pattern(parts):
            return parts
        case tuple():
            return value
        case _:
            return (value,)


def _is_storable(value: str | int) -> bool:
    """Say whether an engine can hold a value; no record has any other."""
    return value in _INTEGERS if isinstance(value, int) else _NOT_STORABLE.search(value) is None


def _needs_like(pattern: Pattern) -> bool:
    """Say whether a pattern is more than a whole text, the beginning of one, or a part anywhere in it."""
    match pattern.parts:
        case (_,) | (_, "") | ("", _, ""):
            return False
        case _:
            return True


def _is_like_exact(pattern: Pattern) -> bool:
    """Say whether SQLite's LIKE takes a pattern as it is: it reads U+FFFE and U+FFFF as U+FFFD."""
    size = sum(len(part.encode()) for part in pattern.parts) * 2 + len(pattern.parts)
    return size <= _LIKE_BYTES and not any(map(_LIKE_MIXED_UP.search, pattern.parts))


def list_shape(column: ColumnElement[Any]) -> str:
    """Give what DuckDB is to make of a JSON list of a column's values."""
    return '["BIGINT"]' if isinstance(column.type, BigInteger) else '["VARCHAR"]'


def _array(column: ColumnElement[Any], values: Sequence[str | int]) -> ColumnElement[Any]:
    return bindparam(None, list(values), type_=ARRAY(column.type), unique=True)
