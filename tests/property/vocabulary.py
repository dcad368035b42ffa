"""Records and trees over one small vocabulary of awkward texts, so that what is asked for is often there."""

from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.unit.query.records import NOW, alert, event
from tocsin.model.alert import Alert, AlertState
from tocsin.model.event import MICROSECONDS_PER_DAY, Event, day_of
from tocsin.model.receipt import Outcome
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind
from tocsin.query.fields import Field, Fields, FieldType, label_field
from tocsin.query.pattern import Pattern
from tocsin.query.tree import (
    All,
    Comparison,
    Expression,
    Not,
    Operator,
    Text,
    conjunction,
    disjunction,
    one_of,
)

# What case folding changes or makes longer: sharp s (small, capital), long s, i with and without dot, three
# sigmas, a ligature, the sign for Kelvin. An accent apart from its letter. What LIKE, JSON, a path in it, the
# language or a regular expression gives a meaning. The edges of UTF-8, and what SQLite's LIKE mixes up.
WORDS = [
    *(
        "",
        "",
        "",
        "a",
        "A",
        "b",
        "ab",
        "aB",
        "ba",
        "abab",
        "axb",
        "ß",
        "\u1e9e",
        "ss",
        "SS",
        "s\u017f",
        "\u0130",
    ),
    *("i\u0307", "i", "I", "\u0131", "\u03c2", "\u03c3", "\u03a3", "\ufb00", "ff", "\u212a", "k", "é"),
    *("e\u0301", "e", "%", "a%", "%b", "_", "a_b", "a%b", "!", "!%", "!_", "*", "a*b", "?", "\\", "a\\b"),
    *('"', '"a"', "'", "a'b", "{", "$", "[a]", ".", "a.b", " ", " a", "\n", "\x1f", "\x7f", "null", "0"),
    *("\u2028", "🔥", "\ud7ff", "\ue000", "\ufffd", "\ufffe", "\uffff", "\U0010ffff", "a\U0010ffff"),
]
LABELS = [
    "region",
    "host",
    "rule",
    "a b",
    "a.b",
    "a[0]",
    "$",
    "#",
    "Größe",
    "\u1e9e",
    'q"q',
    "q\\q",
    "\n",
    "'",
    "0",
]
NUMBERS = [-1, 0, 1, 2, 3, 4]
DAYS = [1, NOW - MICROSECONDS_PER_DAY, NOW - 1, NOW, NOW + 1]
TIMES = [0, *DAYS]
IDS = ["source-a", "source-b", "Source-A", "ß"]
IDENTIFIERS = ["", "3", "0", "1f", "event-", "ALERT-0", "t-0", "x"]
"""Parts of ids."""
INDEXED = ("host", "severity", "time", "object_id", "alert_seq", "state")
"""What an index answers, and so a search answers in ways of its own."""
ORDERS = [Operator.LESS, Operator.LESS_EQUAL, Operator.GREATER, Operator.GREATER_EQUAL]
REGEXES = ["a", "^a", "[ab]+$", "(?i)B", "ß|s", r"\\", "^$", "."]


def make_events(domain_id: str, seed: int, size: int) -> list[Event]:
    """Make the events of a domain, numbered and recorded in order."""
    chance = Random(seed)
    names = (
        "title",
        "description",
        "key",
        "host",
        "service",
        "output",
        "rule",
        "resource_id",
        "resource_type",
    )
    more = ("resource_name", "provider", "account", "image_url", "source_tool", "author", "comment", "reason")
    recorded = sorted(chance.choice(DAYS) for _ in range(size))
    return [
        event(
            domain_id=domain_id,
            seq=seq,
            day=day_of(moment),
            recorded_at=moment,
            time=chance.choice(TIMES),
            **{name: _text(chance) for name in (*names, *more, "silenced_by", "project_id")},
            **{name: chance.choice(NUMBERS) for name in ("attempt", "object_id")},
            alert_seq=chance.choice([0, 1, 2, 3, 4]),
            source_id=chance.choice(IDS),
            severity=chance.choice(list(Severity)),
            kind=chance.choice(list(Kind)),
            outcome=chance.choice(list(Outcome)),
            state=chance.choice(["ok", "down"]),
            state_type=chance.choice(["hard", "soft"]),
            labels=_labels(chance),
        )
        for seq, moment in enumerate(recorded, start=1)
    ]


def make_alerts(domain_id: str, seed: int, size: int) -> list[Alert]:
    """Make the alerts of a domain, with gaps between their numbers."""
    chance = Random(seed)
    names = ("title", "key", "host", "service", "rule", "acknowledged_by", "project_id")
    times = ("opened_at", "changed_at", "acknowledged_at", "resolved_at")
    return [
        alert(
            domain_id=domain_id,
            seq=2 * place,
            **{name: _text(chance) for name in names},
            **{name: chance.choice(TIMES) for name in times},
            count=chance.choice(NUMBERS),
            silenced_by=chance.choice(IDS),
            source_id=chance.choice(IDS),
            severity=chance.choice(list(Severity)),
            state=chance.choice(list(AlertState)),
            labels=_labels(chance),
        )
        for place in range(1, size + 1)
    ]


def _text(chance: Random) -> str:
    return "".join(chance.choice(WORDS) for _ in range(chance.choice([1, 1, 2, 3])))


def _labels(chance: Random) -> dict[str, str]:
    return {name: _text(chance) for name in chance.sample(LABELS, chance.randrange(6))}


def trees(fields: Fields) -> st.SearchStrategy[Expression]:
    """Give trees whose sources and projects are resolved."""
    known = [
        field
        for field in fields.by_name.values()
        if field.type not in (FieldType.REFERENCE, FieldType.MEMBERSHIP)
    ]
    named = sorted(set(known), key=lambda field: field.name)
    indexed = [field for field in named if field.attribute in INDEXED]
    labels = [label_field(name) for name in LABELS]
    field = st.sampled_from(named) | st.sampled_from(indexed) | st.sampled_from(labels)
    leaf = field.flatmap(comparisons) | st.sampled_from(WORDS).map(Text)
    several = st.recursive(
        leaf,
        lambda term: st.one_of(
            term.map(Not),
            st.lists(term, min_size=2, max_size=3).map(conjunction),
            st.lists(term, min_size=2, max_size=3).map(disjunction),
        ),
        max_leaves=5,
    )
    return leaf | several | st.just(All())


def comparisons(field: Field) -> st.SearchStrategy[Expression]:
    """Give comparisons of one field, with every operator that suits it."""
    values: list[Any]
    if field.type is FieldType.TEXT:
        values = IDS if field.name == "source_id" else WORDS
        parts = st.lists(st.sampled_from(values), min_size=1, max_size=4)
        return st.one_of(
            parts.map(lambda found: Comparison(field, Operator.MATCHES, Pattern(tuple(found)))),
            parts.map(lambda found: Comparison(field, Operator.MATCHES, Pattern((found[0], "")))),
            parts.map(lambda found: one_of(field, found)),
            st.sampled_from(REGEXES).map(lambda regex: Comparison(field, Operator.REGEX, regex)),
        )
    numbers = TIMES if field.type is FieldType.TIME else NUMBERS
    values = list(field.values or numbers)
    exact = st.lists(st.sampled_from(values), min_size=1, max_size=3).map(lambda found: one_of(field, found))
    if field.type is FieldType.IDENTIFIER:
        parts = st.lists(st.sampled_from(IDENTIFIERS), min_size=1, max_size=3)
        return exact | parts.map(lambda found: Comparison(field, Operator.MATCHES, Pattern(("", *found))))
    if field.type is FieldType.CHOICE:
        return exact
    return exact | st.builds(Comparison, st.just(field), st.sampled_from(ORDERS), st.sampled_from(values))
