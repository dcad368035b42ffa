"""The result as Markdown: what it ran with, the figures, the bars."""

from collections.abc import Iterable, Sequence
from statistics import median

from tests.bench.bars import ALERTMANAGER, Bar, bars, miscounted, ratio
from tests.bench.figures import Console, Painting, Result, quantile


def markdown(result: Result) -> str:
    """Give the result as a page of Markdown tables."""
    faults = miscounted(result)
    parts = [
        "## Configuration",
        _table(("", "value"), result.configuration.items()),
        "## Loads",
        _table(
            ("load", "system", "alarms/s", "p50 ms", "p99 ms", "against Alertmanager", "refused", "broken"),
            _loads(result),
        ),
        "## Afterwards",
        _table(
            ("system", "newest 50, p50 ms", "newest 50, p99 ms", "memory MB"),
            (
                (
                    each.system,
                    f"{each.newest_p50_ms:.2f}",
                    f"{each.newest_p99_ms:.2f}",
                    f"{each.memory_mb:.0f}",
                )
                for each in result.readings
            ),
        ),
    ]
    if result.soak:
        minutes = enumerate(result.soak.alarms_per_minute, start=1)
        parts += [
            "## Long load",
            _table(("minute", "alarms"), ((str(n), f"{alarms:,}") for n, alarms in minutes)),
        ]
    if found := result.passing_on:
        parts += [
            "## Passing on",
            _table(
                (
                    "system",
                    "alarms/s",
                    "p50 ms",
                    "p99 ms",
                    "missing",
                    "alarms/s",
                    "with routes",
                ),
                [
                    (
                        found.system,
                        f"{found.alarms_per_second:,.0f}",
                        f"{found.p50_ms:.2f}",
                        f"{found.p99_ms:.2f}",
                        str(found.missing),
                        f"{found.plain_rate:,.0f}",
                        f"{found.routed_rate:,.0f}",
                    )
                ],
            ),
        ]
    if given := result.cloudforet:
        parts += [
            "## Cloudforet over gRPC",
            _table(
                ("", "value"),
                (
                    ("system", given.system),
                    ("creates/s, 8 callers", f"{given.creates_per_second:,.0f}"),
                    ("create p99 ms", f"{given.create_p99_ms:.2f}"),
                    ("creates/s beside HTTP", f"{given.beside_per_second:,.0f}"),
                    ("longest of these ms", f"{given.beside_longest_ms:.2f}"),
                    ("alarms/s by HTTP meanwhile", f"{given.http_per_second:,.0f}"),
                    ("newest 50, p50 ms", f"{given.list_p50_ms:.2f}"),
                    ("newest 50, p99 ms", f"{given.list_p99_ms:.2f}"),
                    ("by severity and hour, p50 ms", f"{given.stat_p50_ms:.2f}"),
                    ("by severity and hour, p99 ms", f"{given.stat_p99_ms:.2f}"),
                ),
            ),
        ]
    if asked := result.opsview:
        parts += [
            f"## Opsview's events, with {asked.results_per_second:,.0f} results/s coming in",
            _table(
                ("question", "first ms", "p50 ms", "processor ms"),
                (
                    (name, f"{asked.first_ms[name]:.1f}", f"{p50:.1f}", f"{asked.processor_ms[name]:.1f}")
                    for name, p50 in asked.p50_ms.items()
                ),
            ),
        ]
        for name, plan in asked.plans.items():
            parts += [f"How the engines go about `{name}`, which missed:", "\n".join(["```", *plan, "```"])]
    if result.console:
        parts += _console(result.console)
    parts += [
        "## Bars",
        _table(("bar", "wanted", "measured", "verdict"), map(_bar, bars(result))),
        "\n".join(["Acknowledged and not recorded:", *faults])
        if faults
        else "Every acknowledgement is one row; nothing more is there than what was in flight at the end.",
    ]
    return "\n\n".join(parts) + "\n"


def _console(found: Console) -> Iterable[str]:
    before, after = found.loads
    yield f"## Console: {found.browser}, {found.events:,} events, load average {before:.1f} to {after:.1f}"
    yield _table(
        ("median, ms", "list", "filters", "chart", "all of these", "p95 of all", "with the time before"),
        (_painting(name, each) for name, each in (found.first | found.changes).items()),
    )
    tail = found.tail
    yield _table(
        (f"{tail.seconds} s of events that come in", "value"),
        (
            ("events/s", f"{tail.events_per_second:,.0f}"),
            ("frames", f"{tail.frames:,}"),
            ("frames late by more than 100 ms", str(tail.late_frames)),
            ("longest frame, ms", f"{tail.longest_frame_ms:.0f}"),
            ("tasks of more than 50 ms", str(tail.long_tasks)),
            ("longest task, ms", f"{tail.longest_task_ms:.0f}"),
            (
                "age of the newest shown, p50 and p99 ms",
                f"{tail.behind_p50_ms:.0f}, {tail.behind_p99_ms:.0f}",
            ),
            ("events missing in the list", str(tail.gaps)),
            ("memory of the scripts, MB", " ".join(f"{each:.1f}" for each in tail.heap_mb)),
        ),
    )


def _painting(name: str, found: Sequence[Painting]) -> Sequence[str]:
    columns = (
        [each.list_ms for each in found],
        [each.facets_ms for each in found],
        [each.chart_ms for each in found],
        [each.painted_ms for each in found],
    )
    p95 = quantile(sorted(each.painted_ms for each in found), 0.95)
    settled = median(each.settled_ms for each in found)
    return (name, *(f"{median(each):.0f}" for each in columns), f"{p95:.0f}", f"{settled:.0f}")


def _loads(result: Result) -> Iterable[Sequence[str]]:
    figures = {(figure.system, figure.workload): figure for figure in result.figures}
    for figure in sorted(result.figures, key=lambda figure: figure.workload):
        against = ratio(figures, figure.system, ALERTMANAGER, figure.workload)
        yield (
            figure.workload,
            figure.system,
            f"{figure.alarms_per_second:,.0f}",
            f"{figure.p50_ms:.2f}",
            f"{figure.p99_ms:.2f}",
            "" if against is None else f"{against:.2f}",
            str(figure.refused),
            str(figure.broken),
        )


def _bar(bar: Bar) -> Sequence[str]:
    measured = "" if bar.measured is None else f"{bar.measured:,.2f} {bar.unit}"
    return (
        bar.what,
        f"{'at most' if bar.is_most else 'at least'} {bar.wanted:,g} {bar.unit}",
        measured,
        bar.verdict,
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
