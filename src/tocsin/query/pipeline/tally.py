"""Which pipelines can begin with a tally: the different rows, each with how many there are of it.

An engine counts a million rows into a few hundred in no time, and the pipeline goes on from there. The tally
has to be in the order of the rows, each where it stands for the first time.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tocsin.query.pipeline.dates import unit_of
from tocsin.query.pipeline.stages import Count, Group, GroupOperator, Stage

EXACT: Final = 1
"""The unit of a field that must be known as it is."""

_TALLIED: Final = frozenset(GroupOperator) - {
    GroupOperator.LAST,
    GroupOperator.PUSH,
    GroupOperator.MERGE_OBJECTS,
}


def units(stages: Sequence[Stage]) -> Mapping[str, int] | None:
    """Say what a tally has to tell apart.

    Args:
        stages: of the pipeline.

    Returns:
        The names of the fields that the pipeline reads, and in which stretches of time, in microseconds
        counted from 1970, it is enough to know a moment that stands there. None where the pipeline needs
        the rows themselves.
    """
    match stages[:1]:
        case [Count()]:
            return {}
        case [Group(_, fields) as group] if all(field.operator in _TALLIED for field in fields):
            found: dict[str, int] = {}
            for path, unit in _paths(group):
                name = path.partition(".")[0]
                found[name] = min(unit, found.get(name, unit))
            return found
        case _:
            return None


def _paths(group: Group) -> Iterator[tuple[str, int]]:
    for key in group.keys:
        yield key.key, unit_of(key.date_format) if key.date_format else EXACT
    for field in group.fields:
        if field.key:
            yield field.key, EXACT
        for condition in field.conditions:
            yield condition.key, EXACT
