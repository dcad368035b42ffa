"""How the native API shows things: snake_case, times as RFC 3339 in UTC, null for a time that never was."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from tocsin.model.alert import Alert
from tocsin.model.event import Event
from tocsin.model.identifiers import alert_id, event_id
from tocsin.model.pulled import Gap, Pulled
from tocsin.model.receipt import Receipt
from tocsin.model.signal import Link
from tocsin.model.source import Source, SourceOptions
from tocsin.model.submission import Payload
from tocsin.query.times import microseconds

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


# Events that came together share their times, and the newest are shown again and again.
@lru_cache(maxsize=4_096)
def moment(microseconds: int) -> str | None:
    """Give a time as RFC 3339 with 'Z', None for 0."""
    if not microseconds:
        return None
    text = (_EPOCH + timedelta(microseconds=microseconds)).isoformat(timespec="microseconds")
    return text.removesuffix("+00:00") + "Z"


def instant(given: datetime | None) -> int:
    """Give a time of a request in microseconds UTC, 0 for none. Without an offset it is UTC."""
    if given is None:
        return 0
    return microseconds(given if given.tzinfo else given.replace(tzinfo=UTC))


class Resource(msgspec.Struct):
    """What an event is about, in the words of a cloud."""

    id: str
    type: str
    name: str


class EventItem(msgspec.Struct):
    """An event as it is listed."""

    id: str
    seq: int
    kind: str
    type: str
    key: str
    title: str
    description: str
    severity: str
    state: str
    state_type: str
    host: str
    service: str
    object_id: int
    rule: str
    resource: Resource
    provider: str
    account: str
    image_url: str
    links: list[Link]
    labels: dict[str, str]
    project_id: str
    source_id: str
    source_tool: str
    author: str
    comment: str
    window_start: str | None
    window_end: str | None
    output: str
    attempt: int
    markdown: bool
    silenced_by: str
    alert_id: str
    outcome: str
    reason: str
    payload_index: int
    occurred_at: str | None
    time: str | None
    recorded_at: str | None


def event_item(event: Event) -> EventItem:
    """Show an event."""
    return EventItem(
        id=event_id(event.seq),
        seq=event.seq,
        kind=event.kind,
        type=event.type,
        key=event.key,
        title=event.title,
        description=event.description,
        severity=event.severity,
        state=event.state,
        state_type=event.state_type,
        host=event.host,
        service=event.service,
        object_id=event.object_id,
        rule=event.rule,
        resource=Resource(event.resource_id, event.resource_type, event.resource_name),
        provider=event.provider,
        account=event.account,
        image_url=event.image_url,
        links=event.links,
        labels=event.labels,
        project_id=event.project_id,
        source_id=event.source_id,
        source_tool=event.source_tool,
        author=event.author,
        comment=event.comment,
        window_start=moment(event.window_start),
        window_end=moment(event.window_end),
        output=event.output,
        attempt=event.attempt,
        markdown=event.markdown,
        silenced_by=event.silenced_by,
        alert_id=alert_id(event.alert_seq),
        outcome=event.outcome,
        reason=event.reason,
        payload_index=event.payload_index,
        occurred_at=moment(event.occurred_at),
        time=moment(event.time),
        recorded_at=moment(event.recorded_at),
    )


class AlertItem(msgspec.Struct):
    """An alert as it is listed."""

    id: str
    key: str
    title: str
    state: str
    severity: str
    host: str
    service: str
    rule: str
    labels: dict[str, str]
    count: int
    project_id: str
    source_id: str
    object_id: int
    opened_at: str | None
    changed_at: str | None
    last_at: str | None
    acknowledged_at: str | None
    acknowledged_until: str | None
    acknowledged_by: str
    acknowledged_comment: str
    until_change: bool
    silenced_by: str
    resolved_at: str | None
    resolved_by: str
    assignee: str


def alert_item(alert: Alert) -> AlertItem:
    """Show an alert."""
    return AlertItem(
        id=alert_id(alert.seq),
        key=alert.key,
        title=alert.title,
        state=alert.state,
        severity=alert.severity,
        host=alert.host,
        service=alert.service,
        rule=alert.rule,
        labels=alert.labels,
        count=alert.count,
        project_id=alert.project_id,
        source_id=alert.source_id,
        object_id=alert.object_id,
        opened_at=moment(alert.opened_at),
        changed_at=moment(alert.changed_at),
        last_at=moment(alert.last_at),
        acknowledged_at=moment(alert.acknowledged_at),
        acknowledged_until=moment(alert.acknowledged_until),
        acknowledged_by=alert.acknowledged_by,
        acknowledged_comment=alert.acknowledged_comment,
        until_change=alert.until_change,
        silenced_by=alert.silenced_by,
        resolved_at=moment(alert.resolved_at),
        resolved_by=alert.resolved_by,
        assignee=alert.assignee,
    )


class AlertWithTimeline(AlertItem, kw_only=True):
    """An alert with its newest events."""

    timeline: list[EventItem]


class PayloadItem(msgspec.Struct):
    """A request as it came: `body` where it is text, else `body_base64`."""

    format: str
    content_type: str
    context: dict[str, str]
    size: int
    body: str = ""
    body_base64: str = ""


def payload_item(payload: Payload) -> PayloadItem:
    """Show a payload."""
    item = PayloadItem(payload.format, payload.content_type, payload.context, len(payload.body))
    try:
        item.body = payload.body.decode()
    except UnicodeDecodeError:
        item.body_base64 = b64encode(payload.body).decode()
    return item


class ReceiptItem(msgspec.Struct, gc=False):
    """What became of one signal; `id` is '' and `seq` 0 for a rejected one."""

    index: int
    outcome: str
    reason: str
    id: str
    seq: int
    alert_id: str
    silenced_by: str


def receipt_item(receipt: Receipt) -> ReceiptItem:
    """Show a receipt."""
    return ReceiptItem(
        receipt.index,
        receipt.outcome,
        receipt.reason,
        event_id(receipt.seq) if receipt.seq else "",
        receipt.seq,
        alert_id(receipt.alert_seq),
        receipt.silenced_by,
    )


class Receipts(msgspec.Struct):
    """What became of each item of a request, in their order."""

    receipts: list[ReceiptItem]


class GapItem(msgspec.Struct):
    """A time in which a source could not be heard. `ended_at` is null while it lasts.

    `differences` counts what was recorded when all was read again, `reason` says why the connection broke.
    """

    began_at: str | None
    ended_at: str | None
    differences: int
    reason: str


class PullItem(msgspec.Struct):
    """How it goes with a source that Tocsin fetches from. `connected_at` is null while it is not."""

    node: str
    connected_at: str | None
    heard_at: str | None
    trouble: str
    failed_at: str | None
    next_attempt_at: str | None
    gaps: list[GapItem]


def pull_item(pulled: Pulled, gaps: Sequence[Gap], now: int) -> PullItem:
    """Show how it goes with a source that is fetched from.

    Args:
        pulled: how it goes.
        gaps: the newest first.
        now: microseconds UTC.
    """
    return PullItem(
        pulled.fetcher(now),
        moment(pulled.connected_since(now)),
        moment(pulled.heard_at),
        pulled.trouble,
        moment(pulled.failed_at),
        moment(pulled.next_attempt_at),
        [
            GapItem(moment(each.began_at), moment(each.ended_at), each.differences, each.reason)
            for each in gaps
        ],
    )


class SourceItem(msgspec.Struct):
    """A source as it is listed: without its key. `pull` is null where it sends by itself."""

    id: str
    name: str
    format: str
    project_id: str
    enabled: bool
    options: SourceOptions
    created_at: str | None
    pull: PullItem | None


def source_item(source: Source, pull: PullItem | None) -> SourceItem:
    """Show a source.

    Args:
        source: what to show.
        pull: how it goes with it; None where nothing is fetched from it.
    """
    return SourceItem(
        source.id,
        source.name,
        source.format,
        source.project_id,
        source.enabled,
        source.options,
        moment(source.created_at),
        pull,
    )


class SourceWithKey(SourceItem, kw_only=True):
    """A source with its key and the addresses that hold it, for whoever may configure it."""

    access_key: str
    urls: dict[str, str]


def source_with_key(source: Source, base_url: str, pull: PullItem | None) -> SourceWithKey:
    """Show a source to whoever sets up its sender.

    Args:
        source: what to show.
        base_url: where Tocsin is reached, without a slash at the end.
        pull: how it goes with it; None where nothing is fetched from it.
    """
    urls = {"webhook": f"{base_url}/in/{source.id}/{source.access_key}"}
    if source.format in {"victorops", "auto"}:
        urls["victorops"] = f"{base_url}/integrations/generic/20131114/alert/{source.access_key}"
    if source.format == "nrdp":
        urls["nrdp"] = f"{base_url}/nrdp/"
    shown = msgspec.structs.asdict(source_item(source, pull))
    return SourceWithKey(**shown, access_key=source.access_key, urls=urls)
