"""What tables show of each kind of thing."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

Item: TypeAlias = dict[str, Any]

# Control characters could take over the terminal, and marks of direction could turn a line around.
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

_STYLES: Final = {
    "critical": "bold red",
    "error": "red",
    "warning": "yellow",
    "info": "cyan",
    "none": "dim",
    "not_available": "dim",
    "open": "bold red",
    "acknowledged": "yellow",
    "resolved": "green",
    "down": "bold red",
    "unreachable": "yellow",
    "unknown": "yellow",
    "up": "green",
    "recovery": "green",
    "rejected": "bold red",
    "ok": "green",
    "warn": "yellow",
    "fail": "bold red",
}


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        header: its title.
        text: gives what it shows of an item.
        share: how much of the room that is left it takes, against the others; 0 for what its texts need.
        width: characters in a table that has no end; 0 for what is left.
    """

    header: str
    text: Callable[[Item], str]
    share: int = 0
    width: int = 0

    def cell(self, item: Item) -> tuple[str, str]:
        """Give the text, safe for a terminal, and its style."""
        text = self.text(item)
        return safe(text), _STYLES.get(text, "")


def safe(text: str) -> str:
    """Replace what could harm a terminal or break the line."""
    return _UNSAFE.sub(lambda found: " " if found[0] in "\n\t" else "\N{MIDDLE DOT}", text)


def field(name: str, *, header: str = "", share: int = 0, width: int = 0) -> Column:
    """Make a column that shows a field as it is; nothing where another version does not give it."""
    return Column(header or name, lambda item: plain(item.get(name)), share, width)


def moment(name: str, header: str) -> Column:
    """Make a column that shows a time of today as time alone, any other by its date; both local."""
    return Column(header, lambda item: _local(item.get(name)), width=8)


def plain(value: object) -> str:
    """Give a JSON value as text: '' for null, `yes` and `no` for a truth value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _local(written: str | None) -> str:
    if not written:
        return ""
    time = datetime.fromisoformat(written).astimezone()
    is_of_today = time.date() == datetime.now().astimezone().date()
    return f"{time:%H:%M:%S}" if is_of_today else f"{time:%Y-%m-%d %H:%M}"


def _where(item: Item) -> str:
    return "/".join(name for name in (item.get("host"), item.get("service")) if name)


def _held_by(item: Item) -> str:
    """Say why nobody need look at a host or service that is in trouble."""
    by = f"ack by {item['acknowledged_by']}" if item["acknowledged_by"] else ""
    known = (by, "downtime" if item["in_downtime"] else "", "flapping" if item["flapping"] else "")
    return ", ".join(filter(None, known))


def _targets(item: Item) -> str:
    return ", ".join(target["name"] for target in item.get("targets", ()))


def _alert(item: Item) -> str:
    if item["new_alert"]:
        return f"a new one, {item['alert_state']}"
    return ", ".join(filter(None, (item["alert_id"], item["alert_state"])))


def _chosen(item: Item) -> str:
    return ", ".join(f"{each['name']} ({each['route']})" for each in item["targets"])


_WHERE: Final = Column("host/service", _where, width=24)

EVENTS: Final = (
    moment("time", "time"),
    field("severity", width=8),
    field("kind", width=8),
    _WHERE,
    field("title", share=1),
    field("id", width=18),
)
ALERTS: Final = (
    Column("state", lambda item: ", ".join([item["state"], *(["silenced"] * bool(item.get("silenced_by")))])),
    field("severity"),
    field("count"),
    _WHERE,
    field("title", share=1),
    moment("opened_at", "opened"),
    moment("last_at", "last"),
    field("id"),
)
RECEIPTS: Final = (
    field("index", width=5),
    field("outcome", width=12),
    field("reason", share=1),
    field("id", width=18),
    field("alert_id", header="alert", width=18),
)
TRIALS: Final = (
    field("index"),
    field("kind"),
    field("severity"),
    _WHERE,
    field("key", share=1),
    field("outcome"),
    Column("alert", _alert),
    field("silenced_by", header="silence"),
    Column("targets (route)", _chosen, share=1),
    Column("reason", lambda item: item["refused"] or item["reason"], share=2),
)
OBJECTS: Final = (
    _WHERE,
    field("state"),
    field("state_type", header="type"),
    Column("attempt", lambda item: f"{item['attempt']}/{item['max_attempts']}"),
    moment("since", "since"),
    Column("held by", _held_by),
    field("output", share=1),
)
DOWNTIMES: Final = (
    Column("state", lambda item: "active" if item["started"] else "pending"),
    moment("starts_at", "starts"),
    moment("ends_at", "ends"),
    Column("objects", lambda item: ", ".join(map(_where, item["objects"])), share=2),
    field("author"),
    field("comment", share=1),
    field("id"),
)
SOURCES: Final = (
    field("name", share=1),
    field("format"),
    field("enabled"),
    field("project_id", header="project"),
    field("id"),
    moment("created_at", "created"),
)
TARGETS: Final = (
    field("name", share=1),
    field("kind"),
    field("host"),
    field("enabled"),
    field("id"),
    moment("created_at", "created"),
)
ROUTES: Final = (
    field("position"),
    field("name", share=1),
    field("expression", share=2),
    Column("targets", _targets, share=1),
    field("enabled"),
    field("id"),
)
SILENCES: Final = (
    field("state"),
    field("expression", share=2),
    moment("starts_at", "starts"),
    moment("ends_at", "ends"),
    field("author"),
    field("comment", share=1),
    field("id"),
)
NEAR_MISSES: Final = (field("kind"), field("name", share=1), field("why", share=2), field("id"))
DELIVERIES: Final = (
    field("state"),
    field("target", share=1),
    field("change"),
    field("key", share=1),
    field("attempts", header="tries"),
    field("status"),
    field("reason", share=2),
    moment("created_at", "created"),
    field("id"),
)
ATTEMPTS: Final = (
    field("number"),
    moment("started_at", "started"),
    field("milliseconds", header="ms"),
    field("outcome"),
    field("status"),
    field("reason", share=1),
    field("answer", share=1),
)
REJECTED: Final = (
    moment("rejected_at", "time"),
    field("source_id", header="source"),
    field("format"),
    field("index"),
    field("reason", share=1),
    field("id"),
)
STEPS: Final = (
    field("action"),
    field("kind"),
    field("name", share=1),
    Column("fields", lambda item: ", ".join(item["fields"]), share=1),
)
PROJECTS: Final = (field("name", share=1), field("id"), moment("created_at", "created"))
TOKENS: Final = (
    field("name", share=1),
    field("user_id", header="user"),
    moment("created_at", "created"),
    moment("expires_at", "expires"),
    field("id"),
)
DOMAINS: Final = PROJECTS
USERS: Final = (
    field("name", share=1),
    field("role"),
    field("disabled"),
    field("id"),
    moment("created_at", "created"),
)
ROLES: Final = (
    field("name", share=1),
    Column("permissions", lambda item: " ".join(item.get("permissions", ())), share=2),
    field("scope", share=2),
    field("id"),
)
AUDIT: Final = (
    moment("recorded_at", "time"),
    field("author", width=16),
    field("action", width=16),
    field("subject_name", header="name", share=1),
    field("subject_id", header="id", width=24),
)
CHECKS: Final = (field("status"), field("check"), field("detail", share=1), field("advice", share=1))
