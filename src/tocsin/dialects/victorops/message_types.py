"""What a message_type says: its kind and severity, with the aliases that VictorOps and its senders use."""

from collections.abc import Iterable
from typing import Final, TypeAlias

from tocsin.model.severity import Severity
from tocsin.model.signal import Kind

Meaning: TypeAlias = tuple[Kind, Severity]

INFO: Final[Meaning] = (Kind.INFO, Severity.INFO)
"""What every message_type means that has no meaning of its own."""


def _all(names: str, kind: Kind, severity: Severity) -> Iterable[tuple[str, Meaning]]:
    return ((name, (kind, severity)) for name in names.split())


MEANINGS: Final[dict[str, Meaning]] = dict(
    (
        *_all("CRITICAL PROBLEM", Kind.PROBLEM, Severity.CRITICAL),
        *_all("WARNING WARN", Kind.PROBLEM, Severity.WARNING),
        *_all("INFO INFORMATION INFORMATIONAL", *INFO),
        *_all("ACKNOWLEDGEMENT ACKNOWLEDGMENT", Kind.ACKNOWLEDGEMENT, Severity.NOT_AVAILABLE),
        *_all("ACK ACKED ACKNOWLEDGE ACKNOWLEDGED", Kind.ACKNOWLEDGEMENT, Severity.NOT_AVAILABLE),
        *_all("RECOVERY RECOVERED OK RESOLVE RESOLVED CLOSED", Kind.RECOVERY, Severity.NONE),
    )
)
"""Every message_type that is known, in upper case: VictorOps's own, those of its e-mail endpoint, and what
senders write in their place."""


def meaning_of(message_type: str) -> Meaning | None:
    """Give what a message_type means, in any letter case; None where it is none that is known."""
    return MEANINGS.get(message_type) or MEANINGS.get(message_type.strip().upper())
