"""A check result that was handed in, as a signal."""

from tocsin.dialects.complete import TEXT_LIMIT
from tocsin.model.checking import severity_of
from tocsin.model.monitored import key_of
from tocsin.model.signal import Kind, Signal


def check_result(
    host: str, service: str, state: str, printed: str, *, at: int, tool: str, performance: str = ""
) -> Signal:
    """Make the signal of a check result.

    Args:
        host: its name.
        service: its name; '' for the host itself.
        state: what the check found.
        printed: by the check; what follows the first `|` is performance data, or counts for nothing where
            that is given.
        at: when, microseconds UTC; 0 where it is not said.
        tool: name of what hands it in.
        performance: performance data that was handed in beside what was printed.
    """
    output, _, behind = printed.partition("|")
    measured = (performance or behind).strip()[:TEXT_LIMIT]
    key = key_of(host, service)
    return Signal(
        kind=Kind.CHECK_RESULT,
        key=key,
        severity=severity_of(state),
        title=f"{key} is {state}",
        host=host,
        service=service,
        output=output.strip()[:TEXT_LIMIT],
        labels={"perfdata": measured} if measured else {},
        state=state,
        occurred_at=at,
        source_tool=tool,
    )
