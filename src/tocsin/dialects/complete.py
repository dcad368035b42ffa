"""What every format does to a signal at the end: a title, a service, and no text too long."""

from collections.abc import Mapping
from typing import Final

from tocsin.model.identity import KEY_LIMIT, NAME_LIMIT
from tocsin.model.signal import Kind, Signal

LINE_LIMIT: Final = 1024
"""Characters that are kept of what is one line, such as a title or the name of a person."""
TEXT_LIMIT: Final = 20_480
"""Characters that are kept of what may be long, such as an output or a comment."""
LABELS_LIMIT: Final = 512

_LIMITS: Final = {
    "key": KEY_LIMIT,
    "title": LINE_LIMIT,
    "description": TEXT_LIMIT,
    "host": NAME_LIMIT,
    "service": NAME_LIMIT,
    **dict.fromkeys(
        ("rule", "resource_id", "resource_type", "resource_name", "provider", "account", "image_url"),
        LINE_LIMIT,
    ),
}
_NAMED: Final = 5
"""So many cut labels have a remark of their own."""


def complete(signal: Signal) -> Signal:
    """Fill in title and service where the dialect named none, and cut what is too long, with a remark.

    The title is the key; the service of a host is the rule, or else the label alertname, or else the key.

    Returns:
        The signal itself, changed.
    """
    signal.title = signal.title or signal.key
    # A check result that names no service is its host's.
    if signal.host and not signal.service and signal.kind is not Kind.CHECK_RESULT:
        signal.service = signal.rule or signal.labels.get("alertname", "") or signal.key
    for name, limit in _LIMITS.items():
        text = getattr(signal, name)
        if len(text) > limit:
            setattr(signal, name, text[:limit])
            signal.remarks.append(f"{name} cut at {limit} characters")
    signal.links = [link for link in signal.links if len(link.href) <= LINE_LIMIT]
    signal.labels = _cut_labels(signal.labels, signal.remarks)
    return signal


def filled(texts: Mapping[str, str]) -> dict[str, str]:
    """Give the texts that are not empty, by name."""
    return {name: text for name, text in texts.items() if text}


def host_of(labels: Mapping[str, str]) -> str:
    """Give the host that labels name: `host`, `instance` without its port, or `node`; '' for none."""
    host, _, port = labels.get("instance", "").rpartition(":")
    return labels.get("host") or host or port or labels.get("node", "")


def _cut_labels(labels: dict[str, str], remarks: list[str]) -> dict[str, str]:
    cut = [name for name, text in labels.items() if len(text) > TEXT_LIMIT or len(name) > NAME_LIMIT]
    if not cut and len(labels) <= LABELS_LIMIT:
        return labels
    remarks += [f"label {name[:NAME_LIMIT]} cut" for name in cut[:_NAMED]]
    if len(cut) > _NAMED:
        remarks.append(f"{len(cut) - _NAMED} more labels cut")
    if len(labels) > LABELS_LIMIT:
        remarks.append(f"only the first {LABELS_LIMIT} labels are kept")
    kept = list(labels.items())[:LABELS_LIMIT]
    return {name[:NAME_LIMIT]: text[:TEXT_LIMIT] for name, text in kept}
