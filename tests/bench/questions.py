"""What clients of Opsview ask, and how soon they are to be answered."""

from typing import Final, NamedTuple

_DAY: Final = 86_400


class Question(NamedTuple):
    """What is asked of /rest/event.

    Attributes:
        parameters: with NOW-n in place of the seconds since 1970, n days ago.
        most_ms: within so many milliseconds half of the answers are to come.
        is_limited: who asks sees a tenth of the hosts.
    """

    parameters: str
    most_ms: float = 20
    is_limited: bool = False

    def at(self, now: float) -> str:
        """Give the parameters as they are sent."""
        sent = self.parameters
        for days in (10, 5):
            sent = sent.replace(f"NOW-{days}", str(int(now) - days * _DAY))
        return sent


QUESTIONS: Final = {
    "newest": Question(""),
    "state_type": Question("state_type=hard"),
    "service_state": Question("service_state=critical&service_state=warning"),
    "host_state": Question("host_state=down"),
    "host": Question("host=host-0100"),
    "service": Question("service=check+07"),
    "time range": Question("startTime=NOW-10&endTime=NOW-5"),
    "state, service, time": Question(
        "state_type=hard&service_state=critical&service=check+07&startTime=NOW-10"
    ),
    "host, state, poll": Question("host=host-0100&state_type=hard&saved_maxeventid=1000"),
    "search": Question("search=97+of", most_ms=150),
    "page 20000": Question("page=20000&eventtype=0&eventtype=1&eventtype=2&eventtype=3", most_ms=300),
    "who sees a tenth": Question("state_type=hard", most_ms=50, is_limited=True),
}
"""By name."""
