"""One item of the native shape -> one signal."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec

from tocsin.dialects.errors import BadPayload
from tocsin.model.checking import HOST_STATES, SERVICE_STATES
from tocsin.model.identity import KEY_LIMIT, NAME_LIMIT
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal
from tocsin.query.times import microseconds

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=KEY_LIMIT)]
Name = Annotated[str, msgspec.Meta(max_length=NAME_LIMIT)]
LINE_LIMIT: Final = 1024
Line = Annotated[str, msgspec.Meta(max_length=LINE_LIMIT)]
Text = Annotated[str, msgspec.Meta(max_length=20_480)]
Moment = datetime | int | float | None
LabelName = Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_LIMIT)]

POSTED: Final = frozenset(
    {Kind.PROBLEM, Kind.INFO, Kind.RECOVERY, Kind.ACKNOWLEDGEMENT, Kind.ERROR, Kind.CHECK_RESULT}
)
"""The kinds that can be posted."""
KINDS: Final = ", ".join(sorted(POSTED))
_MANY: Final = 512
_SECONDS_LIMIT: Final = 253_402_300_800
"""The year 10000: no event is later."""


class Resource(msgspec.Struct, gc=False):
    """What the event is about, in the words of a cloud."""

    id: Line = ""
    type: Line = ""
    name: Line = ""


class Item(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The native shape. Only `key` and `title` are needed."""

    key: Key
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=LINE_LIMIT)]
    kind: Kind = Kind.PROBLEM
    severity: Severity | None = None
    description: Text = ""
    host: Name = ""
    service: Name = ""
    rule: Line = ""
    resource: Resource | None = None
    provider: Line = ""
    account: Line = ""
    image_url: Line = ""
    links: Annotated[list[Link], msgspec.Meta(max_length=_MANY)] = []
    labels: Annotated[dict[LabelName, Text], msgspec.Meta(max_length=_MANY)] = {}
    source_tool: Line = ""
    author: Line = ""
    comment: Text = ""
    output: Text = ""
    attempt: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    markdown: bool = False
    state: Line = ""
    active: bool = False
    occurred_at: Moment = None
    source_id: Line = ""


FIELDS: Final = frozenset(Item.__struct_fields__)
_NO_RESOURCE: Final = Resource()
_DEFAULT_SEVERITY: Final = {
    Kind.PROBLEM: Severity.CRITICAL,
    Kind.ERROR: Severity.CRITICAL,
    Kind.INFO: Severity.INFO,
    Kind.RECOVERY: Severity.NONE,
    Kind.ACKNOWLEDGEMENT: Severity.NONE,
    Kind.CHECK_RESULT: Severity.NOT_AVAILABLE,
    Kind.DOWNTIME_START: Severity.NONE,
    Kind.DOWNTIME_END: Severity.NONE,
}


def signal_of(item: Item, index: int) -> Signal:
    """Make a signal of an item.

    Args:
        item: as it was posted.
        index: its place in the request, from 0.

    Raises:
        BadPayload: a kind that cannot be posted, a time that is none, a link that is too long, or a state
            that does not go with the rest.
    """
    if item.kind not in POSTED:
        raise BadPayload(f"kind: {item.kind} cannot be posted, only {KINDS}")
    if item.kind is Kind.CHECK_RESULT:
        check_state(item)
    elif item.state:
        raise BadPayload(f"state: only a check_result has one, this is kind {item.kind}")
    return as_signal(item, index)


def as_signal(item: Item, index: int) -> Signal:
    """Say an item in Tocsin's words, whatever its kind.

    Args:
        item: as it was posted.
        index: its place in the request, from 0.

    Raises:
        BadPayload: a time that is none, or a link that is too long.
    """
    for link in item.links:
        if max(len(link.href), len(link.text), len(link.kind)) > LINE_LIMIT:
            raise BadPayload(f"links: a text of a link is longer than {LINE_LIMIT} characters")
    resource = item.resource or _NO_RESOURCE
    return Signal(
        kind=item.kind,
        key=item.key,
        severity=item.severity or _DEFAULT_SEVERITY[item.kind],
        title=item.title,
        description=item.description,
        host=item.host,
        service=item.service,
        rule=item.rule,
        resource_id=resource.id,
        resource_type=resource.type,
        resource_name=resource.name,
        provider=item.provider,
        account=item.account,
        image_url=item.image_url,
        links=item.links,
        labels=item.labels,
        source_tool=item.source_tool,
        author=item.author,
        comment=item.comment,
        output=item.output,
        attempt=item.attempt,
        markdown=item.markdown,
        state=item.state,
        is_active=item.active,
        occurred_at=as_microseconds("occurred_at", item.occurred_at),
        index=index,
    )


def check_state(item: Item) -> None:
    """Make sure that an item says a state that its host or service can have.

    Raises:
        BadPayload: it does not, or names no host.
    """
    if not item.host:
        raise BadPayload(f"host: a {item.kind} needs the host that it is about")
    states = SERVICE_STATES if item.service else HOST_STATES
    if item.state not in states:
        what = "service" if item.service else "host"
        raise BadPayload(f"state: expected one of {', '.join(states)} for a {what}")


def as_microseconds(name: str, moment: Moment) -> int:
    """Give a time in microseconds UTC, 0 for none.

    Args:
        name: of its member.
        moment: as it was posted: without an offset it is UTC, a number counts seconds.

    Raises:
        BadPayload: it is none.
    """
    if moment is None:
        return 0
    if isinstance(moment, datetime):
        given = microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    else:
        # A number can be too large to count with, so it is compared first.
        given = round(moment * 1_000_000) if 0 <= moment < _SECONDS_LIMIT else -1
    if not 0 <= given < _SECONDS_LIMIT * 1_000_000:
        raise BadPayload(f"{name}: not a time from 1970 to 9999")
    return given


def with_labels(document: dict[str, Any]) -> dict[str, Any]:
    """Move the fields that the native shape does not know into the labels, and make every label a text.

    Raises:
        BadPayload: `labels` is no object.
    """
    labels = document.get("labels", {})
    if not isinstance(labels, dict):
        raise BadPayload("labels: not an object")
    known = {name: value for name, value in document.items() if name in FIELDS}
    unknown = {name: value for name, value in document.items() if name not in FIELDS}
    known["labels"] = {name: label_text(value) for name, value in (unknown | labels).items()}
    return known


def label_text(value: object) -> str:
    """Give any JSON value as a label: text as it is, null as '', the rest as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()
