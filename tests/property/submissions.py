"""Few sources, keys and hosts, so that what random requests say meets again and again."""

from typing import Any, TypeAlias

from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import Source, SourceOptions
from tocsin.model.submission import Payload, Refusal, Submission

Batches: TypeAlias = list[tuple[list[Submission], int]]

OBJECT_LIMIT = 5
"""Few enough discovered objects to come to the limit."""

DAY = 86_400_000_000
NOON = 20_000 * DAY + DAY // 2


def source(number: int, domain: str, project: str, name: str, options: SourceOptions) -> Source:
    return Source(
        id=f"source-{number:012x}",
        domain_id=domain,
        project_id=project,
        name=name,
        format="auto",
        enabled=True,
        access_key=f"{number:032x}",
        options=options,
        created_at=NOON,
    )


SOURCES = (
    source(1, "north", "default", "agent", SourceOptions()),
    source(2, "north", "default", "clock", SourceOptions(source_time=True)),
    source(3, "north", "default", "quiet", SourceOptions(warning_opens=False, identity=("labels.region",))),
    source(4, "north", "web", "agent2", SourceOptions(source_time=True, warning_opens=False)),
    source(5, "south", "default", "agent", SourceOptions(identity=("host", "key"))),
)

_KINDS = (
    *[Kind.PROBLEM] * 8,
    *[Kind.RECOVERY] * 2,
    *[Kind.ACKNOWLEDGEMENT] * 3,
    Kind.INFO,
    Kind.ERROR,
    Kind.ACKNOWLEDGEMENT_END,
    Kind.NOTE,
    Kind.DOWNTIME_START,
    Kind.DOWNTIME_END,
)
_BY_HAND = (Kind.ACKNOWLEDGEMENT, Kind.ACKNOWLEDGEMENT_END, Kind.RECOVERY, Kind.NOTE)

_PLACES: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"key_made": True},
    {"host": "web"},
    {"host": "web", "service": "load"},
    {"host": "clock", "service": "load", "key_made": True},
    {"host": "web", "key_made": True},
)
_WORDS: tuple[dict[str, Any], ...] = (
    {},
    {"title": "first", "rule": "high"},
    {"title": "second", "labels": {"region": "cpu"}, "author": "ann"},
    {"labels": {"region": "eu", "team": "blue"}, "remarks": ["title cut"]},
    {"author": "bob", "comment": "on it", "window_end": NOON + DAY},
)
_TIMES = (0, 0, NOON, NOON + 1, NOON + 2, NOON + 3, NOON + 4, NOON + DAY + 2, NOON + 3 * DAY)


@st.composite
def signals(draw: st.DrawFn) -> Signal:
    """What a source says; its index is given when its place in a request is known."""
    return Signal(
        draw(st.sampled_from(_KINDS)),
        draw(st.sampled_from(("cpu", "cpu", "disk"))),
        severity=draw(st.sampled_from(Severity)),
        occurred_at=draw(st.sampled_from(_TIMES)),
        **draw(st.sampled_from(_PLACES)),
        **draw(st.sampled_from(_WORDS)),
    )


@st.composite
def actions(draw: st.DrawFn) -> Signal:
    """What a person does to one alert, which may not be the open one any more."""
    return Signal(
        draw(st.sampled_from(_BY_HAND)),
        "cpu",
        alert_seq=draw(st.integers(1, 4)),
        **draw(st.sampled_from(_WORDS)),
    )


@st.composite
def submissions(draw: st.DrawFn) -> Submission:
    """A request of one source: signals, and now and then an item that is none."""
    # one_of counts equal strategies once, so the weights go by number.
    items = draw(
        st.lists(
            st.integers(1, 10).flatmap(
                lambda chance: actions() if chance == 9 else st.none() if chance == 10 else signals()
            ),
            max_size=6,
        )
    )
    said = [replace(item, index=index) for index, item in enumerate(items) if item is not None]
    refusals = [Refusal(index, "no object") for index, item in enumerate(items) if item is None]
    return Submission(draw(st.sampled_from(SOURCES)), Payload("native", "", {}, b"{}"), said, refusals)


CLOCKS = st.sampled_from((NOON, NOON + 1, NOON + 2, NOON + 3, NOON + DAY, NOON - DAY))
BATCHES = st.lists(st.tuples(st.lists(submissions(), min_size=1, max_size=4), CLOCKS), max_size=8)
"""Batches of requests, each with the clock's time; the clock may run back."""
