"""Random pipelines over random documents answer what a plain evaluation of them says."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.property import pipeline_oracle as oracle
from tocsin.dialects.cloudforet.stages import read_stages
from tocsin.query.pipeline.errors import PipelineError
from tocsin.query.pipeline.evaluate import distinct, evaluate
from tocsin.query.pipeline.stages import reads
from tocsin.query.pipeline.tally import EXACT, units

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.builds(
    lambda minutes: datetime(2026, 12, 30, tzinfo=UTC) + timedelta(minutes=minutes, milliseconds=minutes % 7),
    st.integers(0, 5_000),
)
TEXTS = st.sampled_from(["", "a", "A", "b", "é", "10"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([-0.5, 0.5, 1.0, 2.5]), TEXTS
)
PAIRS = st.lists(st.fixed_dictionaries({"k": TEXTS, "v": SCALARS}), max_size=2)
INNER = st.dictionaries(st.sampled_from(["a", "b"]), SCALARS | st.lists(SCALARS, max_size=3), max_size=2)
RAW = st.dictionaries(
    st.sampled_from(["a", "b", "c"]),
    st.one_of(SCALARS, st.lists(SCALARS, max_size=3), INNER, st.lists(INNER | SCALARS, max_size=3), PAIRS),
    max_size=3,
)
DOCUMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "severity": st.sampled_from(["CRITICAL", "ERROR", "NONE"]),
            "rule": st.none() | TEXTS,
            "resource": st.none() | st.fixed_dictionaries({"name": TEXTS}),
            "raw_data": RAW,
            "created_at": MOMENTS,
            "occurred_at": st.none() | MOMENTS,
        }
    ),
    max_size=8,
)
NAMES = st.sampled_from(["x", "y", "severity"])
PATHS = st.sampled_from(
    [
        *(
            "severity",
            "rule",
            "resource.name",
            "raw_data",
            "created_at",
            "occurred_at",
            "x",
            "y",
            "x.a",
            "nothing",
        ),
        *("raw_data.a", "raw_data.b", "raw_data.c", "raw_data.a.a", "raw_data.b.b", "raw_data.a.a.a"),
    ]
)
FORMATS = st.sampled_from(["year", "month", "day", "%Y-%m-%d", "%H:%M:%S", "%j%%", "%Y-%m-%dT%H"])


def optional(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=parts)


KEYS = st.builds(lambda key, name: {"key": key, "name": name}, PATHS, NAMES) | st.builds(
    lambda key, name, date_format: {"key": key, "name": name, "date_format": date_format},
    st.sampled_from(["created_at", "created_at", "occurred_at", "rule"]),
    NAMES,
    FORMATS,
)
CONDITIONS = st.lists(
    st.fixed_dictionaries(
        {
            "key": PATHS,
            "operator": st.sampled_from(["eq", "not", "gt", "gte", "lt", "lte"]),
            "value": SCALARS.filter(lambda value: value is not None),
        }
    ),
    min_size=1,
    max_size=2,
)
FIELDS = st.one_of(
    st.builds(
        lambda operator, key, name, conditions: {
            "operator": operator,
            "key": key,
            "name": name,
            **conditions,
        },
        st.sampled_from(["count", "sum", "average"]),
        PATHS,
        NAMES,
        optional(conditions=CONDITIONS),
    ),
    st.builds(
        lambda operator, key, name: {"operator": operator, "key": key, "name": name},
        st.sampled_from(["max", "min", "first", "last", "push", "add_to_set", "merge_objects"]),
        PATHS,
        NAMES,
    ),
    st.builds(
        lambda name, fields: {"operator": "push", "name": name, "fields": fields},
        NAMES,
        st.lists(st.fixed_dictionaries({"key": PATHS, "name": NAMES}), min_size=1, max_size=2),
    ),
)
GROUPS = st.fixed_dictionaries(
    {"keys": st.lists(KEYS, max_size=2), "fields": st.lists(FIELDS, max_size=3)}
).filter(lambda group: group["keys"] or group["fields"])
SORT_KEYS = st.fixed_dictionaries({"key": PATHS}, optional={"desc": st.booleans()})
OPERATORS = st.sampled_from(["size", "sum", "array_to_object", "object_to_array"])
PROJECTIONS = st.fixed_dictionaries(
    {
        "fields": st.lists(
            st.fixed_dictionaries({"key": PATHS, "name": NAMES})
            | st.fixed_dictionaries({"key": PATHS, "name": NAMES, "operator": OPERATORS}),
            min_size=1,
            max_size=3,
        )
    },
    optional={"exclude_keys": st.booleans()},
)
STAGES = st.one_of(
    st.fixed_dictionaries({"unwind": st.fixed_dictionaries({"path": PATHS})}),
    st.fixed_dictionaries({"group": GROUPS}),
    st.fixed_dictionaries({"group": GROUPS}),
    st.fixed_dictionaries({"count": st.fixed_dictionaries({"name": NAMES})}),
    st.fixed_dictionaries(
        {
            "sort": SORT_KEYS
            | st.builds(lambda keys: {"keys": keys}, st.lists(SORT_KEYS, min_size=1, max_size=2))
        }
    ),
    st.fixed_dictionaries({"project": PROJECTIONS}),
    st.fixed_dictionaries({"limit": st.integers(1, 5)}),
    st.fixed_dictionaries({"skip": st.integers(0, 3)}),
)


@settings(max_examples=250)
@given(st.lists(STAGES, max_size=4), DOCUMENTS)
def test_answers_as_the_plain_evaluation_does(
    aggregate: list[dict[str, Any]], documents: list[dict[str, Any]]
) -> None:
    stages = read_stages(aggregate)
    try:
        expected = oracle.answer(aggregate, documents)
    except ValueError:
        expected = None
    # What a limit cuts off is never looked at, so it cannot be wrong.
    may_stop_early = any("limit" in stage for stage in aggregate)
    try:
        found = [dict(row) for row in evaluate(stages, documents)]
    except PipelineError:
        assert expected is None
    else:
        assert may_stop_early if expected is None else oracle.same(found, expected)


@settings(max_examples=100)
@given(st.lists(STAGES, max_size=3), DOCUMENTS)
def test_reads_no_other_fields_than_it_says(
    aggregate: list[dict[str, Any]], documents: list[dict[str, Any]]
) -> None:
    stages = read_stages(aggregate)
    names = reads(stages)
    narrowed = [
        {name: document[name] for name in document if names is None or name in names}
        for document in documents
    ]
    answers = []
    for rows in (documents, narrowed):
        try:
            answers.append(list(evaluate(stages, rows)))
        except PipelineError as error:
            answers.append([{"error": str(error)}])
    assert oracle.same(*answers)


@settings(max_examples=150)
@given(st.lists(STAGES, max_size=2), st.fixed_dictionaries({"group": GROUPS}), DOCUMENTS)
def test_goes_on_from_a_tally_as_from_the_rows(
    more: list[dict[str, Any]], first: dict[str, Any], documents: list[dict[str, Any]]
) -> None:
    stages = read_stages([first, *more])
    fineness = units(stages)
    assume(fineness is not None)
    assert fineness is not None
    rows = documents + documents[::2]
    tally: list[tuple[dict[str, Any], int]] = []
    for row in [
        {name: stretch(row[name], unit) for name, unit in fineness.items() if name in row} for row in rows
    ]:
        number = sum(times for other, times in tally if oracle.same(other, row))
        if number:
            tally = [(other, times + oracle.same(other, row)) for other, times in tally]
        else:
            tally.append((row, 1))
    answers = []
    for given_rows, times in (
        (rows, [1] * len(rows)),
        ([row for row, _ in tally], [times for _, times in tally]),
    ):
        try:
            answers.append(list(evaluate(stages, given_rows, times=times)))
        except PipelineError as error:
            answers.append([{"error": str(error)}])
    assert oracle.same(*answers)


def stretch(value: Any, unit: int) -> Any:
    """Give some moment of the stretch of time in which a moment lies; any other value as it is."""
    if not isinstance(value, datetime) or unit == EXACT:
        return value
    past = (value - EPOCH) // timedelta(microseconds=1) % unit
    return value - timedelta(microseconds=past) + timedelta(microseconds=unit - 1)


@settings(max_examples=60)
@given(PATHS, DOCUMENTS)
def test_distinct_gives_each_value_once_and_in_order(path: str, documents: list[dict[str, Any]]) -> None:
    found = [oracle.look(document, path) for document in documents]
    elements = [each for value in found for each in (value if isinstance(value, list) else [value])]
    values = oracle.once([{"v": each} for each in elements if each is not oracle.NOTHING])
    assert oracle.same(distinct(path, documents), [row["v"] for row in oracle.sort(values, [{"key": "v"}])])
