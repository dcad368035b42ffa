"""A source: where signals come in."""

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
    """

    warning_opens: bool = True
    source_time: bool = False
    identity: tuple[str, ...] = ()
    rate_limit: int = 0
    resolve_after: int = 0
    silent_after: int = 0


class Source(msgspec.Struct, frozen=True):
    """Where signals come in. Its key opens the inlets and nothing else.

    Attributes:
        id: 'source-' and 12 hex digits, unique over all domains.
        format: the dialect that its payloads are in, or auto.
        access_key: 32 hex digits.
        created_at: microseconds UTC.
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
