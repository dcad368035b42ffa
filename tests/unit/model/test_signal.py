import msgspec

from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal


def test_what_a_signal_does_not_say_is_empty() -> None:
    signal = Signal(Kind.INFO, "cpu")
    said = msgspec.structs.asdict(signal)
    assert {name: value for name, value in said.items() if value} == {
        "kind": Kind.INFO,
        "key": "cpu",
        "severity": Severity.NOT_AVAILABLE,
    }
    assert None not in said.values()


def test_signals_share_no_labels_links_or_remarks() -> None:
    first, second = Signal(Kind.INFO, "cpu"), Signal(Kind.INFO, "cpu")
    first.labels["team"] = "blue"
    first.links.append(Link("http://runbook.example/cpu"))
    first.remarks.append("title cut")
    assert (second.labels, second.links, second.remarks) == ({}, [], [])


def test_a_link_shows_its_address_unless_it_has_a_text() -> None:
    assert Link("http://runbook.example/cpu") == Link("http://runbook.example/cpu", "", "link")
