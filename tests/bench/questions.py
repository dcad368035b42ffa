"""What clients of Opsview ask, and how soon they are to be answered."""

from typing import Final, NamedTuple

_DAY: Final = 86_400
_MANY: Final = 1_000_000
_MANY_TIMES: Final = 4
"""Among more events than these an answer may take so many times as long."""


class Question(NamedTuple):
    """What is asked of /rest/event.

    Attributes:
        parameters: with NOW-n in place of the seconds since 1970, n days ago.
        most_ms: within so many milliseconds half of the answers are to come.
        limited: who asks sees a tenth of the hosts, by their names or by their groups; '' for all.
    """

    parameters: str
    most_ms: float = 20
    limited: str = ""

    def most_among(self, events: int) -> float:
        """Give within how many milliseconds half of the answers are to come, among so many events."""
        return self.most_ms if events <= _MANY else _MANY_TIMES * self.most_ms

    def at(self, now: float) -> str:
        """Give the parameters as they are sent."""
        sent = self.parameters
        for days in (10, 5, 1):
            sent = sent.replace(f"NOW-{days}", str(int(now) - days * _DAY))
        return sent


_OF_A_WORLD: Final = 50
"""Milliseconds for what is asked of groups, keywords and templates, and by who sees a part."""

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
    "state, time": Question("service_state=critical&host_state=down&startTime=NOW-1"),
    "host group of 8 hosts": Question("host_group=Rack+100", _OF_A_WORLD),
    "host group of 333 hosts": Question("host_group=Site+2", _OF_A_WORLD),
    "host group of all": Question("hostgroupid=1", _OF_A_WORLD),
    "host group, state, time": Question(
        "host_group=Site+2&service_state=critical&state_type=hard&startTime=NOW-10", _OF_A_WORLD
    ),
    "keyword": Question("keyword=shop", _OF_A_WORLD),
    "keyword, host group": Question("keyword=shop&host_group=Room+07", _OF_A_WORLD),
    "template": Question("htid=350", _OF_A_WORLD),
    "who sees a tenth by names": Question("state_type=hard", _OF_A_WORLD, limited="names"),
    "who sees a tenth by groups": Question("state_type=hard", _OF_A_WORLD, limited="groups"),
    "who sees a tenth, host group": Question("host_group=Room+02", _OF_A_WORLD, limited="groups"),
    "search": Question("search=97+of", 150),
    "search, state": Question("search=97+of&service_state=critical", 150),
    "page 20000": Question("page=20000&eventtype=0&eventtype=1&eventtype=2&eventtype=3", 300),
}
"""By name."""
