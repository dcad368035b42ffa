"""The keys of a document: what stands there, and how the store's own fields say the same.

A test of a key becomes comparisons of an event's fields where they mean exactly the same, so that the engine
answers them. Else it is judged on what the key leads to.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from tocsin.dialects.cloudforet.dates import moment
from tocsin.dialects.cloudforet.document import is_field
from tocsin.dialects.cloudforet.event_info import RawData, resource
from tocsin.dialects.cloudforet.operators import (
    Contains,
    Exists,
    Finds,
    HasElement,
    OneOf,
    Ordered,
    Test,
    in_any_case,
)
from tocsin.dialects.cloudforet.paths import reach
from tocsin.dialects.cloudforet.timediff import iso_8601
from tocsin.model.identifiers import alert_id, event_id, seq_of
from tocsin.query.fields import EVENT_FIELDS, Field, FieldType, label_field
from tocsin.query.pattern import Pattern
from tocsin.query.pipeline.values import MISSING
from tocsin.query.times import microseconds
from tocsin.query.tree import (
    All,
    Comparison,
    Expression,
    Judged,
    Not,
    Operator,
    Or,
    conjunction,
    disjunction,
    one_of,
)

MILLISECOND: Final = 1_000
"""The unit of stored times, in microseconds."""

_ALIASES: Final = {"user_projects": "project_id", "resource_id": "resource.resource_id"}
_FEW_DATES: Final = 100

_Exact: TypeAlias = Callable[[Test], Expression | None]
_NOTHING: Final = Or(())


@dataclass(frozen=True, slots=True)
class Key:
    """What a key means of an event.

    Attributes:
        reads: the attributes of the event that it needs.
        found: what it leads to.
        exact: a test in terms of fields; None where they cannot say it.
        sorted_by: the fields that sort events as the key does; None where none do.
    """

    reads: tuple[str, ...]
    found: Callable[[Any], Iterable[object]]
    exact: _Exact
    sorted_by: tuple[Field, ...] | None = ()

    def term(self, test: Test) -> Expression:
        """Give the term for a test of what the key leads to."""
        exact = self.exact(test)
        if exact is not None:
            return exact
        holds, found = test.predicate(), self.found
        return Judged(self.reads, lambda event: holds(found(event)))


class Keys:
    """The keys that one query can name.

    Args:
        domain_id: whose events it asks for.
        raw: reads their payloads.
    """

    def __init__(self, domain_id: str, raw: RawData) -> None:
        self._domain_id = domain_id
        self._raw = raw

    def find(self, path: str) -> Key | None:
        """Find what a dotted path means; None where events have no such field."""
        path = _ALIASES.get(path, path)
        if not is_field(path):
            return None
        name, _, rest = path.partition(".")
        if name == "raw_data":
            return _raw_key(rest.split(".") if rest else [], self._raw)
        if rest and name == "additional_info":
            return _label_key(rest)
        return _constant_key(self._domain_id) if name == "domain_id" else _KEYS[path]


def _constant_key(text: str) -> Key:
    return Key((), lambda _: [text], lambda test: _certain(test.predicate()([text])), ())


def _raw_key(path: list[str], raw: RawData) -> Key:
    def found(event: Any) -> Iterable[object]:
        return reach(raw.of(event.payload, event.payload_index), path)

    return Key(("payload", "payload_index"), found, lambda _: None, None)


def _label_key(name: str) -> Key:
    field = label_field(name)

    def exact(test: Test) -> Expression | None:
        match test:
            case OneOf(values) if all(values):
                return one_of(field, _texts(values))
            case Contains(words) if all(words):
                return disjunction(_contains(field, word) for word in words)
            case HasElement():
                return _NOTHING
            case _:  # a field does not tell a label that is '' from one that is missing
                return None

    sorted_by = None if _UNSORTABLE.search(name) else (field,)
    return Key(("labels",), lambda event: [event.labels.get(name, MISSING)], exact, sorted_by)


def _text_key(name: str, *, is_nullable: bool = False) -> Key:
    """Make the key of a text. A nullable one is null where the event has none, and never ''."""
    field = EVENT_FIELDS.by_name[name]
    null = Comparison(field, Operator.EQUAL, "")
    attribute = field.attribute

    def present(term: Expression) -> Expression:
        return conjunction([Not(null), term]) if is_nullable else term

    def exact(test: Test) -> Expression | None:
        match test:
            case OneOf(values):
                texts = [text for text in _texts(values) if text or not is_nullable]
                return one_of(field, [*texts, ""] if is_nullable and None in values else texts)
            case Contains(words):
                return present(disjunction(_contains(field, word) for word in words))
            case Finds(expressions):
                regexes = map(in_any_case, expressions)
                return present(disjunction(Comparison(field, Operator.REGEX, regex) for regex in regexes))
            case Ordered(relation, bound) if not isinstance(bound, str):
                return null if is_nullable and bound is None and relation in _OR_EQUAL else _NOTHING
            case Exists() | HasElement():
                return _certain(isinstance(test, Exists) and test.wanted)
            case _:
                return None

    def found(event: Any) -> Iterable[object]:
        text = getattr(event, attribute)
        return [text or None if is_nullable else text]

    return Key((attribute,), found, exact, (field,))


def _resource_key(name: str) -> Key:
    """Make the key of a part of the resource, which exists where any part of it is known."""
    text = _text_key(f"resource.{name.removeprefix('resource_')}", is_nullable=True)

    def exact(test: Test) -> Expression | None:
        return _resource_exists(test.wanted) if isinstance(test, Exists) else text.exact(test)

    return Key(text.reads, text.found, exact, text.sorted_by)


def _resource_exists(wanted: bool) -> Expression:
    unknown = conjunction(Comparison(field, Operator.EQUAL, "") for field in _RESOURCE)
    return Not(unknown) if wanted else unknown


def _choice_key(name: str, shown: Mapping[str, str]) -> Key:
    """Make the key of one of a few texts.

    Args:
        name: of the field.
        shown: the value of the field -> what stands in the document.
    """
    field = EVENT_FIELDS.by_name[name]

    def exact(test: Test) -> Expression:
        holds = test.predicate()
        return one_of(field, [value for value, text in shown.items() if holds([text])])

    return Key((field.attribute,), lambda event: [shown[getattr(event, field.attribute)]], exact, (field,))


def _identifier_key(name: str, write: Callable[[int], str], none: str | None) -> Key:
    """Make the key of an id that derives from a number.

    Args:
        name: of the field.
        write: number -> id.
        none: what stands where the number is 0; None where it never is.
    """
    field = EVENT_FIELDS.by_name[name]
    attribute = field.attribute

    def number(text: str) -> int | None:
        return 0 if text == none else seq_of(text, field.prefix) or None

    def exact(test: Test) -> Expression | None:
        match test:
            case OneOf(values):
                return one_of(field, (seq for text in _texts(values) if (seq := number(text)) is not None))
            case Contains(words):
                may_stand = (word for word in words if _may_stand_in(word, field.prefix))
                return disjunction(_contains(field, word) for word in may_stand)
            case Exists(wanted):
                return _certain(wanted)
            case _:
                return None

    return Key((attribute,), lambda event: [write(getattr(event, attribute))], exact, (field,))


def _time_key(field: Field, *, is_nullable: bool = False) -> Key:
    """Make the key of a time. Texts that it is compared with are read as dates; others match nothing."""
    null = Comparison(field, Operator.EQUAL, 0)
    attribute = field.attribute

    def exact(test: Test) -> Expression | None:
        match test:
            case OneOf(values):
                dates = {date for value in values if (date := _date(value))}
                others: list[Expression] = [null] if is_nullable and None in values else []
                if len(dates) <= _FEW_DATES:
                    return disjunction([*(_within(field, date) for date in sorted(dates)), *others])
                is_one = Judged((attribute,), lambda event: not dates.isdisjoint(found(event)))
                return disjunction([is_one, *others])
            case Ordered(order, None):
                return null if is_nullable and order in _OR_EQUAL else _NOTHING
            case Ordered(order, bound):
                date = _date(bound)
                return _NOTHING if date is None else _ordered(field, order, date)
            case Exists(wanted):
                return _certain(wanted)
            case _:
                return _NOTHING

    def found(event: Any) -> Sequence[object]:
        time = getattr(event, attribute)
        return [moment(time) if time or not is_nullable else None]

    return Key((attribute,), found, exact, (field,))


def _within(field: Field, date: datetime) -> Expression:
    return conjunction([_ordered(field, "gte", date), _ordered(field, "lte", date)])


def _ordered(field: Field, order: str, date: datetime) -> Expression:
    """Compare with a whole millisecond, of which a stored time can be any microsecond."""
    start = microseconds(date)
    match order:
        case "gt":
            return Comparison(field, Operator.GREATER_EQUAL, start + MILLISECOND)
        case "gte":
            return Comparison(field, Operator.GREATER_EQUAL, start)
        case "lt":
            return Comparison(field, Operator.LESS, start)
        case _:
            return Comparison(field, Operator.LESS, start + MILLISECOND)


def _date(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            return iso_8601(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) else None


def _texts(values: Iterable[object]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _contains(field: Field, word: str) -> Expression:
    return Comparison(field, Operator.MATCHES, Pattern(("", word, "")))


def _certain(holds: bool) -> Expression:
    return All() if holds else _NOTHING


def _may_stand_in(word: str, prefix: str) -> bool:
    """Say whether a word can be a part of an id with that prefix."""
    folded, start = word.casefold(), f"{prefix}-"
    ends = (folded.removeprefix(start[place:]) for place in range(len(start) + 1))
    return folded in start or any(map(_DIGITS.fullmatch, ends))


_OR_EQUAL: Final = frozenset({"gte", "lte"})
_UNSORTABLE: Final = re.compile(r'["\\\x00-\x1f\x7f\ud800-\udfff]')
"""What no path into JSON can name."""
_DIGITS: Final = re.compile("[0-9a-f]{1,12}")
_RESOURCE: Final = tuple(EVENT_FIELDS.by_name[f"resource.{part}"] for part in ("id", "type", "name"))
_CREATED_AT: Final = EVENT_FIELDS.by_name["recorded"]
_OCCURRED_AT: Final = Field("occurred_at", FieldType.TIME, "occurred_at")


def _whole_resource(test: Test) -> Expression | None:
    match test:
        case OneOf((None,)):
            return _resource_exists(False)
        case Exists(wanted):
            return _certain(wanted)
        case _:
            return None


_KEYS: Final[Mapping[str, Key]] = {
    "event_id": _identifier_key("id", event_id, None),
    "alert_id": _identifier_key("alert_id", alert_id, ""),
    "event_key": _text_key("key"),
    "event_type": _choice_key("type", {name: name for name in ("ALERT", "RECOVERY", "ERROR")}),
    "severity": _choice_key(
        "severity", {name: name.upper() for name in EVENT_FIELDS.by_name["severity"].values}
    ),
    "title": _text_key("title"),
    "provider": _text_key("provider"),
    "account": _text_key("account"),
    "webhook_id": _text_key("source_id"),
    "project_id": _text_key("project_id"),
    **{name: _text_key(name, is_nullable=True) for name in ("description", "rule", "image_url")},
    **{f"resource.{name}": _resource_key(name) for name in ("resource_id", "resource_type", "name")},
    "resource": Key(
        tuple(field.attribute for field in _RESOURCE),
        lambda event: [resource(event)],
        _whole_resource,
        _RESOURCE,
    ),
    "additional_info": Key(("labels",), lambda event: [event.labels], lambda _: None, None),
    "created_at": _time_key(_CREATED_AT),
    "occurred_at": _time_key(_OCCURRED_AT, is_nullable=True),
}
