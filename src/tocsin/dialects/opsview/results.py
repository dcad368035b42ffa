"""Results of checks that people or scripts hand over: recorded as those of the domain's first source."""

from collections.abc import Sequence
from typing import Final

from tocsin.dialects.opsview.errors import OpsviewError
from tocsin.dialects.opsview.payload import payload_of
from tocsin.dialects.opsview.router import Request
from tocsin.hub.authentication import Authentication
from tocsin.hub.recorder import Recorder
from tocsin.model.checking import HOST_STATES, SERVICE_STATES, severity_of
from tocsin.model.monitored import MonitoredObject, key_of
from tocsin.model.signal import Kind, Signal
from tocsin.model.submission import Submission

_TOGETHER: Final = 1_000
"""So many results are recorded at once, so that others get their turn between."""


def state_of(written: str, states: Sequence[str]) -> str:
    """Give the state whose number is written; '' where it is none.

    Args:
        written: the number.
        states: in the order of their numbers.
    """
    return next((state for number, state in enumerate(states) if written.strip() == str(number)), "")


def states_of(present: MonitoredObject) -> Sequence[str]:
    """Give the states that a host or a service can have, in the order of their numbers."""
    return SERVICE_STATES if present.service else HOST_STATES


class Results:
    """Records results. They pass the machine of soft and hard states.

    Args:
        authentication: what knows the source to which they belong.
        recorder: what records them.
    """

    def __init__(self, authentication: Authentication, recorder: Recorder) -> None:
        self._authentication = authentication
        self._recorder = recorder

    async def record(
        self, request: Request, path: str, chosen: Sequence[MonitoredObject], state: str, output: str
    ) -> None:
        """Record that all of some objects were found in a state.

        Args:
            request: what asked for it; it is kept as the payload.
            path: of the request, below /rest.
            chosen: the hosts or services.
            state: one that they can have.
            output: what the check said.

        Raises:
            OpsviewError: the source to which they belong is disabled.
            Unavailable: the store does not answer; some may have been recorded.
        """
        source = self._authentication.first_source(request.caller.domain_id)
        if not source.enabled:
            raise OpsviewError(403, f"the source {source.name}, to which results belong, is disabled")
        payload, author = payload_of(request, path), request.caller.principal.name
        for start in range(0, len(chosen), _TOGETHER):
            signals = [
                _result(each, state, output, author, index)
                for index, each in enumerate(chosen[start : start + _TOGETHER])
            ]
            await self._recorder.record(Submission(source, payload, signals))


def _result(present: MonitoredObject, state: str, output: str, author: str, index: int) -> Signal:
    key = key_of(present.host, present.service)
    return Signal(
        kind=Kind.CHECK_RESULT,
        key=key,
        severity=severity_of(state),
        title=f"{key} is {state}",
        host=present.host,
        service=present.service,
        author=author,
        output=output,
        state=state,
        source_tool="opsview",
        index=index,
    )
