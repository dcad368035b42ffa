import pytest

from tocsin.query.pipeline.stages import (
    Condition,
    Count,
    Group,
    GroupField,
    GroupKey,
    GroupOperator,
    Limit,
    Relation,
    Sort,
    SortKey,
    Stage,
)
from tocsin.query.pipeline.tally import EXACT, units

SECOND = 1_000_000
DAY = 86_400 * SECOND
PER_HOUR = GroupKey("created_at", "hour", "%Y-%m-%d %H")
PER_DAY = GroupKey("created_at", "day", "day")


def group(*keys: GroupKey, operator: GroupOperator = GroupOperator.COUNT, key: str = "") -> Group:
    return Group(keys, (GroupField(operator, "x", key),))


@pytest.mark.parametrize(
    ("stages", "wanted"),
    [
        ([], None),
        ([Limit(3), group(PER_DAY)], None),
        ([Sort((SortKey("rule"),)), Count("n")], None),
        ([Count("n")], {}),
        ([group(), Limit(3)], {}),
        ([group(PER_DAY)], {"created_at": DAY}),
        ([group(PER_HOUR)], {"created_at": 3_600 * SECOND}),
        ([group(PER_DAY, PER_HOUR)], {"created_at": 3_600 * SECOND}),
        ([group(GroupKey("created_at", "t", "%M"))], {"created_at": 60 * SECOND}),
        ([group(GroupKey("created_at", "t", "%S"))], {"created_at": SECOND}),
        ([group(GroupKey("created_at", "t", "%H%L"))], {"created_at": 1_000}),
        ([group(GroupKey("created_at", "t", "%% %j"))], {"created_at": DAY}),
        ([group(GroupKey("created_at", "t"))], {"created_at": EXACT}),
        ([group(PER_DAY, operator=GroupOperator.MAX, key="created_at")], {"created_at": EXACT}),
        ([group(GroupKey("resource.name", "host"))], {"resource": EXACT}),
        (
            [
                Group(
                    (),
                    (GroupField(GroupOperator.COUNT, "x", "", (), (Condition("rule", Relation.EQUAL, 1),)),),
                )
            ],
            {"rule": EXACT},
        ),
        ([group(operator=GroupOperator.LAST, key="rule")], None),
        ([group(operator=GroupOperator.PUSH, key="rule")], None),
        ([group(operator=GroupOperator.MERGE_OBJECTS, key="resource")], None),
    ],
)
def test_units(stages: list[Stage], wanted: dict[str, int] | None) -> None:
    assert units(stages) == wanted
