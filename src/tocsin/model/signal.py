"""A signal: one thing that a source said, normalised by its dialect."""

from enum import StrEnum

import msgspec

from tocsin.model.severity import Severity


class Kind(StrEnum):
    """What a signal, and the event made of it, says."""

    PROBLEM = "problem"
    INFO = "info"
    RECOVERY = "recovery"
    ACKNOWLEDGEMENT = "acknowledgement"
    DOWNTIME_START = "downtime_start"
    DOWNTIME_END = "downtime_end"
    CHECK_RESULT = "check_result"
    ERROR = "error"
    ACKNOWLEDGEMENT_END = "acknowledgement_end"
    NOTE = "note"


class Link(msgspec.Struct, frozen=True, gc=False):
    """A reference that came with a signal.

    Attributes:
        href: where it leads.
        text: what to call it; '' to show the address itself.
        kind: link, or image.
    """

    href: str
    text: str = ""
    kind: str = "link"


class Signal(msgspec.Struct, gc=False):
    """What a source said, in Tocsin's words. Text that is unknown is '', never None.

    Attributes:
        kind: what it says.
        key: the source's bare identity of the problem.
        severity: how bad the sender says it is.
        title: one line.
        description: the long text.
        host: the host it speaks of, '' where the sender names none.
        service: the service on that host, '' for the host itself.
        key_made: True where the sender named no identity and Tocsin made the key.
        labels: flat map of text to text: custom fields, annotations, routing_key.
        attempt: the number of the check's attempt, from 1; 0 where unknown.
        markdown: True where description and output are to be read as Markdown.
        window_start: start of a downtime, microseconds UTC; 0 where there is none.
        window_end: end of a downtime or of an acknowledgement, microseconds UTC; 0 for none.
        occurred_at: the sender's own time, microseconds UTC; 0 where it names none.
        remarks: what the dialect changed on the way in ('title cut at 1024 characters').
        index: its place in the request it came with, from 0.
        alert_seq: the alert that a person acts on; 0 for whichever is open under the key.
        until_change: an acknowledgement that ends when the problem's severity changes.
        sticky: an acknowledgement that stays until the problem is over, even where it gets worse.
        state: what a check found: ok, warning, critical or unknown, of a host up, down or unreachable; '' for
            all but check results and what happened before.
        state_type: hard or soft, where the sender of a check result has decided it, or what happened before
            is told; '' for all else.
        is_active: the monitoring ran the check itself; otherwise the result was handed to it.
        assigns: it says who is to see to the alert from now on.
        assignee: who that is; '' for nobody.
    """

    kind: Kind
    key: str
    severity: Severity = Severity.NOT_AVAILABLE
    title: str = ""
    description: str = ""
    host: str = ""
    service: str = ""
    key_made: bool = False
    rule: str = ""
    resource_id: str = ""
    resource_type: str = ""
    resource_name: str = ""
    provider: str = ""
    account: str = ""
    image_url: str = ""
    links: list[Link] = []
    labels: dict[str, str] = {}
    source_tool: str = ""
    author: str = ""
    comment: str = ""
    output: str = ""
    attempt: int = 0
    markdown: bool = False
    window_start: int = 0
    window_end: int = 0
    occurred_at: int = 0
    remarks: list[str] = []
    index: int = 0
    alert_seq: int = 0
    until_change: bool = False
    sticky: bool = False
    state: str = ""
    state_type: str = ""
    is_active: bool = False
    assigns: bool = False
    assignee: str = ""
