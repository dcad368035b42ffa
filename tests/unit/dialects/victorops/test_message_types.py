"""Message types: every alias, in any letter case."""

import pytest

from tocsin.dialects.victorops.message_types import meaning_of
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind


@pytest.mark.parametrize(
    ("names", "kind", "severity"),
    [
        ("CRITICAL PROBLEM", Kind.PROBLEM, Severity.CRITICAL),
        ("WARNING WARN", Kind.PROBLEM, Severity.WARNING),
        ("INFO INFORMATION INFORMATIONAL", Kind.INFO, Severity.INFO),
        (
            "ACKNOWLEDGEMENT ACKNOWLEDGMENT ACK ACKED ACKNOWLEDGE ACKNOWLEDGED",
            Kind.ACKNOWLEDGEMENT,
            Severity.NOT_AVAILABLE,
        ),
        ("RECOVERY RECOVERED OK RESOLVE RESOLVED CLOSED", Kind.RECOVERY, Severity.NONE),
    ],
)
def test_every_alias_means_the_same_in_any_letter_case(names: str, kind: Kind, severity: Severity) -> None:
    for name in names.split():
        for written in (name, name.lower(), name.title(), f" {name}\n"):
            assert meaning_of(written) == (kind, severity), written


@pytest.mark.parametrize("name", ["", "DOWN", "CRITICAL!", "CRIT ICAL", "critical alert", "None"])
def test_what_is_unknown_means_nothing(name: str) -> None:
    assert meaning_of(name) is None
