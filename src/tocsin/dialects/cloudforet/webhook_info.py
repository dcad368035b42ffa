"""A source as the document that queries see and that a WebhookInfo shows."""

from typing import Any, Final

from tocsin.dialects.cloudforet.dates import moment
from tocsin.dialects.cloudforet.plugins import plugin_info
from tocsin.model.source import Source

FIELDS: Final = (
    *("webhook_id", "name", "state", "access_key", "webhook_url", "capability", "plugin_info", "tags"),
    *("project_id", "domain_id", "created_at"),
)
"""The names of its fields."""

MINIMAL: Final = ("webhook_id", "name", "state", "webhook_url", "project_id")
"""What is shown of a webhook where the least is asked for."""

_PLUGIN_FIELDS: Final = ("plugin_id", "version", "options", "metadata", "upgrade_mode")
_FREE: Final = ("capability", "tags", "plugin_info.options", "plugin_info.metadata")
"""Where any path leads somewhere."""


def document(source: Source, public_url: str, *, with_key: bool) -> dict[str, Any]:
    """Give the document of a source.

    Args:
        source: which.
        public_url: where senders reach Tocsin, without a slash at the end; '' to show the path alone.
        with_key: show its key, and its address, which holds the key.
    """
    path = f"/monitoring/v1/webhook/{source.id}/{source.access_key}/events"
    return {
        "webhook_id": source.id,
        "name": source.name,
        "state": "ENABLED" if source.enabled else "DISABLED",
        "access_key": source.access_key if with_key else "",
        "webhook_url": f"{public_url}{path}" if with_key else "",
        "capability": {},
        "plugin_info": plugin_info(source),
        "tags": source.tags,
        "project_id": source.project_id,
        "domain_id": source.domain_id,
        "created_at": moment(source.created_at),
    }


def is_field(path: str) -> bool:
    """Say whether a dotted path leads to something that a document can have."""
    name, _, rest = path.partition(".")
    if any(path == free or path.startswith(f"{free}.") for free in _FREE):
        return True
    if name == "plugin_info":
        return not rest or rest in _PLUGIN_FIELDS
    return name in FIELDS and not rest
