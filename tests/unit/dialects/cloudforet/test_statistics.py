"""What a StatisticsQuery makes of documents, of whatever resource."""

from datetime import UTC, datetime

import pytest

from tocsin.dialects.cloudforet.errors import CloudforetError, Status
from tocsin.dialects.cloudforet.statistics import Statistics

COUNT = [{"count": {"name": "n"}}]


def test_what_it_reads_of_documents() -> None:
    assert Statistics({"aggregate": COUNT}).reads == frozenset()
    assert Statistics({"aggregate": [{"limit": 1}]}).reads is None
    assert Statistics({"aggregate": [{"limit": 1}]}).units is None
    assert Statistics({"distinct": "resource.name"}).reads == frozenset({"resource"})
    assert Statistics({"distinct": "resource.name"}).units == {"resource": 1}


def test_aggregate_wins_over_distinct() -> None:
    assert Statistics({"aggregate": COUNT, "distinct": "a"}).answer([{"a": 1}]) == {"results": [{"n": 1}]}


def test_one_of_both_is_required() -> None:
    with pytest.raises(CloudforetError, match=r"ERROR_REQUIRED_PARAMETER: .*key = aggregate\)"):
        Statistics({"page": {"limit": 1}})


def test_documents_that_stand_for_several() -> None:
    documents = [{"a": "x"}, {"a": "y"}]
    assert Statistics({"aggregate": COUNT}).answer(documents, [3, 4]) == {"results": [{"n": 7}]}


@pytest.mark.parametrize(
    ("microsecond", "written"), [(0, "2026-01-31T08:00:00Z"), (553_000, "2026-01-31T08:00:00.553000Z")]
)
def test_moments_are_written_wherever_they_stand(microsecond: int, written: str) -> None:
    moment = datetime(2026, 1, 31, 8, microsecond=microsecond, tzinfo=UTC)
    push = {"name": "all", "operator": "push", "key": "at"}
    statistics = Statistics({"aggregate": [{"group": {"fields": [push]}}]})
    assert statistics.answer([{"at": moment}]) == {"results": [{"_id": None, "all": [written]}]}


def test_work_that_takes_a_second_is_given_up() -> None:
    explosion = [*({"unwind": {"path": name}} for name in "abcdef"), *COUNT]
    with pytest.raises(CloudforetError) as caught:
        Statistics({"aggregate": explosion}).answer([{name: list(range(1_000)) for name in "abcdef"}])
    assert caught.value.status is Status.DEADLINE_EXCEEDED
