import pytest

from tocsin.query.pipeline.stages import (
    Condition,
    Count,
    Group,
    GroupField,
    GroupKey,
    GroupOperator,
    Limit,
    Project,
    ProjectField,
    Relation,
    Skip,
    Sort,
    SortKey,
    Stage,
    SubField,
    Unwind,
    reads,
)

GROUP = Group(
    (GroupKey("severity", "s"), GroupKey("resource.name", "r")),
    (
        GroupField(GroupOperator.COUNT, "n", conditions=(Condition("rule", Relation.EQUAL, "x"),)),
        GroupField(GroupOperator.PUSH, "p", fields=(SubField("raw_data.a", "a"),)),
        GroupField(GroupOperator.MAX, "m", "created_at"),
    ),
)


@pytest.mark.parametrize(
    ("stages", "names"),
    [
        ([], None),
        ([Unwind("raw_data.tags"), Sort((SortKey("title"),)), Limit(1), Skip(1)], None),
        ([Count("n")], set()),
        ([Sort((SortKey("title"),)), Count("n")], {"title"}),
        ([GROUP], {"severity", "resource", "rule", "raw_data", "created_at"}),
        ([Unwind("raw_data.tags"), Count("n")], {"raw_data"}),
        ([Project((ProjectField("title", "t"),)), Sort((SortKey("raw_data"),))], {"title"}),
    ],
)
def test_reads(stages: list[Stage], names: set[str] | None) -> None:
    assert reads(stages) == names
