"""Field, operator and written value -> the term of the tree, after the type of the field."""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from tocsin.model.identifiers import seq_of
from tocsin.query.errors import QueryError
from tocsin.query.fields import Field, FieldType
from tocsin.query.regex import compile_regex
from tocsin.query.times import parse_time
from tocsin.query.tree import Comparison, Expression, Not, Operator, one_of
from tocsin.query.written import Written

_Reader: TypeAlias = Callable[[Field, str, Written, int], Expression]

_EXACT: Final = (":", "=", "!=")
_ORDER: Final = ("<", "<=", ">", ">=")
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,19}")
_INTEGERS: Final = range(-(2**63), 2**63)


def compare(field: Field, operator: Written, value: Written, now: int) -> Expression:
    """Make the term for `field operator value`.

    Args:
        field: the field that is named.
        operator: one of : = != < <= > >= ~.
        value: what stands after it.
        now: what relative times count from, microseconds UTC.

    Raises:
        QueryError: the operator does not suit the field, or the value is none that the field can have.
    """
    read, allowed = _READERS[field.type]
    if operator.raw not in allowed:
        message = f"{field.name} ({field.type}): expected one of {' '.join(allowed)}"
        raise QueryError(message, operator.position, operator.length)
    is_negated = operator.raw == "!="
    try:
        term = read(field, "=" if is_negated else operator.raw, value, now)
    except ValueError as error:
        raise QueryError(str(error), value.position, value.length) from error
    return Not(term) if is_negated else term


def _read_text(field: Field, operator: str, value: Written, _now: int) -> Expression:
    if operator == ":":
        return Comparison(field, Operator.MATCHES, value.pattern())
    if operator == "=":
        return Comparison(field, Operator.EQUAL, value.plain())
    expression = value.regex()
    compile_regex(expression)
    return Comparison(field, Operator.REGEX, expression)


def _read_choice(field: Field, operator: str, value: Written, _now: int) -> Expression:
    """Read one of a few values. A pattern or a regular expression becomes the values that it finds."""
    if operator in _ORDER:
        bound = value.plain().casefold()
        if bound in field.values:
            return Comparison(field, Operator(operator), bound)
        found = []
    elif operator == ":":
        pattern = value.pattern()
        found = [each for each in field.values if pattern.matches(each.casefold())]
    elif operator == "~":
        finds = compile_regex(value.regex())
        found = [each for each in field.values if finds(each)]
    else:
        found = [each for each in field.values if each == value.plain()]
    if not found:
        names = ", ".join(each or '""' for each in field.values)
        raise ValueError(f"expected one of {names}")
    return one_of(field, found)


def _read_integer(field: Field, operator: str, value: Written, _now: int) -> Expression:
    if _INTEGER.fullmatch(value.raw) is None or int(value.raw) not in _INTEGERS:
        raise ValueError("expected a whole number of at most 64 bits")
    return Comparison(field, _number_operator(operator), int(value.raw))


def _read_time(field: Field, operator: str, value: Written, now: int) -> Expression:
    if not value.raw and operator not in _ORDER:
        return Comparison(field, Operator.EQUAL, 0)
    return Comparison(field, _number_operator(operator), parse_time(value.raw, now))


def _read_identifier(field: Field, operator: str, value: Written, _now: int) -> Expression:
    written = value.raw.casefold() if operator == ":" else value.raw
    seq = seq_of(written, field.prefix) if written else 0
    if seq is None:
        raise ValueError(f"expected an id: {field.prefix}- and 12 hexadecimal digits")
    return Comparison(field, Operator.EQUAL, seq)


def _number_operator(operator: str) -> Operator:
    return Operator.EQUAL if operator == ":" else Operator(operator)


_READERS: Final[dict[FieldType, tuple[_Reader, tuple[str, ...]]]] = {
    FieldType.TEXT: (_read_text, (*_EXACT, "~")),
    FieldType.REFERENCE: (_read_text, (*_EXACT, "~")),
    FieldType.MEMBERSHIP: (_read_text, (*_EXACT, "~")),
    FieldType.CHOICE: (_read_choice, (*_EXACT, "~")),
    FieldType.SEVERITY: (_read_choice, (*_EXACT, "~", *_ORDER)),
    FieldType.INTEGER: (_read_integer, (*_EXACT, *_ORDER)),
    FieldType.TIME: (_read_time, (*_EXACT, *_ORDER)),
    FieldType.IDENTIFIER: (_read_identifier, _EXACT),
}
