"""Tree -> the expression in its one canonical spelling."""

import re
from typing import Final

from tocsin.model.identifiers import alert_id, event_id
from tocsin.query.fields import Field, FieldType
from tocsin.query.pattern import Pattern
from tocsin.query.times import format_time
from tocsin.query.tree import All, And, Comparison, Expression, Leaf, Not, Operator, Or, Text

_EVERYTHING: Final = "key:*"
_BARE: Final = re.compile(r"\w[\w./@-]*")
_BARE_PATTERN: Final = re.compile(r"[\w./@*-]+")
_LABEL: Final = re.compile(r"[A-Za-z0-9_.-]+")
_SPECIAL: Final = re.compile(r'["\\*]')
_PAIR_OR_QUOTE: Final = re.compile(r'\\.|"', re.DOTALL)


def render(tree: Expression) -> str:
    """Write a tree as an expression that means the same.

    What `parse` gave is read back as the very same tree, as long as its limits allow. Relative times come out
    as the moments that they were.

    Raises:
        TypeError: something in the tree is `Judged`, which no expression says.
    """
    match tree:
        case All():
            return ""
        case And(terms):
            return " ".join(map(_factor, terms))
        case Or(terms):
            return " OR ".join(map(_alternative, terms)) if terms else f"-{_EVERYTHING}"
        case Not(Comparison(field, Operator.EQUAL, value)):
            return f"{_name(field)}!={_exact(field, value)}"
        case Not(term):
            return f"-{_factor(term)}"
        case _:
            return _leaf(tree)


def _leaf(leaf: Leaf) -> str:
    match leaf:
        case Text(folded):
            return _quote(folded)
        case Comparison(field, Operator.EQUAL, value):
            return f"{_name(field)}={_exact(field, value)}"
        case Comparison(field, Operator.ONE_OF, tuple() as values):
            return " OR ".join(f"{_name(field)}={_exact(field, value)}" for value in values)
        case Comparison(field, Operator.REGEX, str() as expression):
            return f"{_name(field)}~{_regex(expression)}"
        case Comparison(field, operator, value):
            return f"{_name(field)}{operator}{_value(field, value)}"
        case _:
            raise TypeError("no expression says it")


def _alternative(term: Expression) -> str:
    return render(term) or _EVERYTHING


def _factor(term: Expression) -> str:
    written = _alternative(term)
    is_joined = isinstance(term, And | Or) or (
        isinstance(term, Comparison) and term.operator is Operator.ONE_OF
    )
    return f"({written})" if is_joined else written


def _name(field: Field) -> str:
    if field.label and not _LABEL.fullmatch(field.label):
        return f'labels."{_escape(field.label)}"'
    return field.name


def _exact(field: Field, value: object) -> str:
    is_empty = not value and field.type is not FieldType.INTEGER
    return '""' if is_empty else _value(field, value)


def _value(field: Field, value: object) -> str:
    match value:
        case Pattern(parts):
            written = "*".join(map(_escape, parts))
            return written if _BARE_PATTERN.fullmatch(written) else f'"{written}"'
        case int() if field.type is FieldType.TIME:
            return format_time(value)
        case int() if field.type is FieldType.IDENTIFIER:
            return event_id(value) if field.prefix == "event" else alert_id(value)
        case _:
            return _quote(str(value))


def _regex(expression: str) -> str:
    if _BARE.fullmatch(expression):
        return expression
    quoted = _PAIR_OR_QUOTE.sub(lambda found: r"\"" if found[0] == '"' else found[0], expression)
    return f'"{quoted}"'


def _quote(text: str) -> str:
    return text if _BARE.fullmatch(text) else f'"{_escape(text)}"'


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", text)
