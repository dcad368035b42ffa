"""A source: where signals come in."""

from typing import Any

import msgspec


class SourceOptions(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a source's signals are taken.

    Attributes:
        warning_opens: a problem of severity warning opens an alert; otherwise it only joins one.
        source_time: go by the sender's clock: what is older than the alert's last change counts for nothing.
        identity: names of the fields that make the key ('host', 'labels.region'), joined by '/';
            empty to take the sender's own key.
        rate_limit: signals a second that are taken, 0 for no limit.
        resolve_after: seconds without a signal after which an alert resolves by itself; 0 for never.
        silent_after: seconds without a signal after which the source itself is a problem; 0 for never.
        same_event_seconds: seconds after the last event of an open alert for which a problem joins it; a
            later one opens another alert beside it. 0 to join it for as long as it is open.
        check_attempts: how many results in a row make a problem hard, of what nobody configured.
        soft_opens: a problem that a check found opens an alert at once; otherwise when it is hard.
        format_options: how its format reads payloads, a JSON object; each format says what it knows.
    """

    warning_opens: bool = True
    source_time: bool = False
    identity: tuple[str, ...] = ()
    rate_limit: int = 0
    resolve_after: int = 0
    silent_after: int = 0
    same_event_seconds: int = 0
    check_attempts: int = 1
    soft_opens: bool = False
    format_options: dict[str, Any] = {}


class Plugin(msgspec.Struct, frozen=True):
    """What a source has as a webhook of Cloudforet beside what every source has.

    Attributes:
        plugin_id: which plugin its client asked for.
        version: of the plugin, as the client said it.
        upgrade_mode: AUTO or MANUAL, as the client said it.
        metadata: what is known of the plugin, a JSON object.
    """

    plugin_id: str
    version: str = ""
    upgrade_mode: str = "AUTO"
    metadata: dict[str, Any] = {}


class Source(msgspec.Struct, frozen=True):
    """Where signals come in. Its key opens the inlets and nothing else.

    Attributes:
        id: 'source-' and 12 hex digits, 'webhook-' where a client of Cloudforet made it; unique over all
            domains.
        format: the dialect that its payloads are in, or auto.
        access_key: 32 hex digits.
        created_at: microseconds UTC.
        tags: what a client of Cloudforet noted about it, a JSON object.
        plugin: as what it was made by such a client; None where it was not.
        secret: what Tocsin shows where it fetches the source's signals, such as a password; '' for none.
    """

    id: str
    domain_id: str
    project_id: str
    name: str
    format: str
    enabled: bool
    access_key: str
    options: SourceOptions
    created_at: int
    tags: dict[str, Any] = {}
    plugin: Plugin | None = None
    secret: str = ""
