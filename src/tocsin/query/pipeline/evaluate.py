"""Stages and rows -> rows: the meaning of a pipeline. Whoever answers it otherwise must give the same."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import cycle, islice, repeat
from typing import Any

from tocsin.query.pipeline.accumulators import ACCUMULATORS, Accumulator, value_reader
from tocsin.query.pipeline.dates import date_writer
from tocsin.query.pipeline.memory import Memory
from tocsin.query.pipeline.projecting import PROJECTIONS
from tocsin.query.pipeline.stages import (
    Count,
    Group,
    GroupKey,
    Limit,
    Project,
    Skip,
    Sort,
    Stage,
    Unwind,
)
from tocsin.query.pipeline.values import MISSING, Row, identity, order, placed, reader

_ROUND = 1_000
"""So many rows are unwound between two calls of `go_on`."""
_SLACK = 1_000
"""So many rows more than wanted are gathered before they are sorted and cut."""


def evaluate(
    stages: Sequence[Stage],
    rows: Iterable[Row],
    memory: Memory | None = None,
    times: Iterable[int] = repeat(1),
    go_on: Callable[[], None] = lambda: None,
) -> Iterator[Row]:
    """Let rows go through stages.

    Rows flow one by one; only groups, and what is sorted, are kept, and of what is sorted no more than a
    limit after it asks for.

    Args:
        stages: in their order; with none, the rows come out as they are.
        rows: in the order in which they are. Groups come in the order of their first rows. Of two keys or
            fields of a stage with one name the last one counts.
        memory: counts what is kept; a new one if left out.
        times: how many equal rows each of the rows stands for, where `tally.units` allows that.
        go_on: called now and then while rows become many more than were given. What it raises ends it all.

    Yields:
        What comes out.

    Raises:
        PipelineError: a row has what a stage cannot work on, or too much has to be kept.
    """
    memory = memory or Memory()
    key_names: tuple[str, ...] = ()
    flow = iter(rows)
    for place, stage in enumerate(stages, 1):
        match stage:
            case Unwind(path):
                flow = _unwound(flow, path, go_on)
            case Group():
                flow = _grouped(zip(flow, times), stage, memory)  # noqa: B905 - the numbers may be endless
                key_names = stage.key_names
            case Count(name):
                flow = _counted(zip(flow, times), name)  # noqa: B905 - the numbers may be endless
                key_names = ()
            case Sort():
                flow = _sorted(flow, stage, memory, _wanted(stages[place:]))
            case Project():
                key_names = () if stage.exclude_keys else key_names
                flow = _projected(flow, stage, key_names)
            case Limit(count):
                flow = islice(flow, count)
            case Skip(count):
                flow = islice(flow, count, None)
        times = repeat(1)
    return flow


def distinct(path: str, rows: Iterable[Row], memory: Memory | None = None) -> list[Any]:
    """Give the different values at a path, in order. Of an array each element is a value.

    Args:
        path: names, joined by dots.
        rows: where to look.
        memory: counts what is kept; a new one if left out.

    Raises:
        PipelineError: there are too many.
    """
    memory = memory or Memory()
    read = reader(path)
    found: dict[Hashable, Any] = {}
    for row in rows:
        value = read(row)
        for each in value if isinstance(value, list) else [value]:
            if each is not MISSING and identity(each) not in found:
                memory.hold(each)
                found[identity(each)] = each
    return sorted(found.values(), key=order)


def _unwound(rows: Iterable[Row], path: str, go_on: Callable[[], None]) -> Iterator[Row]:
    parents = path.split(".")[:-1]
    read = reader(path)
    turns = cycle(range(_ROUND))
    for row in rows:
        value = MISSING if _meets_an_array(row, parents) else read(row)
        if isinstance(value, list):
            for each in value:
                if not next(turns):
                    go_on()
                yield placed(row, path, each)
        elif value is not None and value is not MISSING:
            yield row


def _meets_an_array(row: Any, names: Iterable[str]) -> bool:
    for name in names:
        row = row.get(name) if isinstance(row, dict) else None
        if isinstance(row, list):
            return True
    return False


def _grouped(rows: Iterable[tuple[Row, int]], group: Group, memory: Memory) -> Iterator[Row]:
    keys = {key.name: _key_reader(key) for key in group.keys}
    fields = {field.name: (value_reader(field), ACCUMULATORS[field.operator]) for field in group.fields}
    groups: dict[Hashable, tuple[dict[str, Any], list[Accumulator]]] = {}
    reads = [read for read, _ in fields.values()]
    for row, times in rows:
        values = [read(row) for read in keys.values()]
        place = tuple(map(identity, values))
        if place not in groups:
            shown = {name: value for name, value in zip(keys, values, strict=True) if value is not MISSING}
            memory.hold(shown)
            memory.hold([None] * len(fields))
            groups[place] = shown, [make(memory) for _, make in fields.values()]
        for accumulator, read in zip(groups[place][1], reads, strict=True):
            accumulator.add(read(row), times)
    alone: dict[str, Any] = {} if keys else {"_id": None}
    for shown, accumulators in groups.values():
        results = zip(fields, accumulators, strict=True)
        yield alone | shown | {name: accumulator.result() for name, accumulator in results}


def _key_reader(key: GroupKey) -> Callable[[Row], Any]:
    read = reader(key.key)
    if not key.date_format:
        return read
    write = date_writer(key.date_format)
    return lambda row: write(read(row))


def _counted(rows: Iterable[tuple[Row, int]], name: str) -> Iterator[Row]:
    if count := sum(times for _, times in rows):
        yield {name: count}


def _sorted(rows: Iterable[Row], sort: Sort, memory: Memory, wanted: int | None) -> Iterator[Row]:
    kept: list[Row] = []
    for row in rows:
        memory.hold(row)
        kept.append(row)
        if wanted is not None and len(kept) >= 2 * wanted + _SLACK:
            _put_in_order(kept, sort)
            for each in kept[wanted:]:
                memory.release(each)
            del kept[wanted:]
    _put_in_order(kept, sort)
    yield from kept


def _put_in_order(rows: list[Row], sort: Sort) -> None:
    for key in reversed(sort.keys):
        read = reader(key.key)
        rows.sort(key=lambda row: order(read(row)), reverse=key.desc)


def _wanted(stages: Iterable[Stage]) -> int | None:
    """Say how many rows, at most, are looked at by the stages after a sort; None for all."""
    skipped = 0
    for stage in stages:
        match stage:
            case Limit(count):
                return skipped + count
            case Skip(count):
                skipped += count
            case Project():
                pass
            case _:
                return None
    return None


def _projected(rows: Iterable[Row], project: Project, key_names: Sequence[str]) -> Iterator[Row]:
    fields = {field.name: (reader(field.key), PROJECTIONS[field.operator]) for field in project.fields}
    for row in rows:
        shown: Row = {name: row[name] for name in key_names if name in row}
        for name, (read, make) in fields.items():
            value = make(read(row))
            if value is not MISSING:
                shown = placed(shown, name, value)
        yield shown
