"""A check result that was handed in, as a signal."""

from typing import Final

from tocsin.model.checking import severity_of
from tocsin.model.monitored import key_of
from tocsin.model.signal import Kind, Signal

OUTPUT_LIMIT: Final = 20_480
"""Characters that are kept of what a check printed, and of its performance data."""


def check_result(host: str, service: str, state: str, printed: str, *, at: int, tool: str) -> Signal:
    """Make the signal of a check result.

    Args:
        host: its name.
        service: its name; '' for the host itself.
        state: what the check found.
        printed: by the check; what follows the first `|` is performance data.
        at: when, microseconds UTC; 0 where it is not said.
        tool: name of what hands it in.
    """
    output, _, performance = printed.partition("|")
    key = key_of(host, service)
    return Signal(
        kind=Kind.CHECK_RESULT,
        key=key,
        severity=severity_of(state),
        title=f"{key} is {state}",
        host=host,
        service=service,
        output=output.strip()[:OUTPUT_LIMIT],
        labels={"perfdata": performance.strip()[:OUTPUT_LIMIT]} if performance.strip() else {},
        state=state,
        occurred_at=at,
        source_tool=tool,
    )
