"""What the page says about alerts is what the model decides: life cycle, objects, options of a source."""

import json
import re

import msgspec
import pytest

from tests.unit.docs.pages import Page, code
from tests.unit.model.samples import acknowledged, alert, place, said
from tocsin.model.alert import Alert
from tocsin.model.identity import identify, object_of
from tocsin.model.life_cycle import ALREADY_OLD, NO_OPEN_ALERT, TRIGGERED_AGAIN, Verdict, decide
from tocsin.model.monitored import state_after
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.source import Source, SourceOptions

PAGE = Page("explanation/alerts-and-identity.md")
OUTCOMES = {
    "opens one": "opened",
    "is recorded": "recorded",
    "joins": "joined",
    "resolves": "resolved",
    "acknowledges": "acknowledged",
    "acknowledges anew": "acknowledged",
}
SIGNALS = {
    "problem, error": [said(kind, severity=Severity.CRITICAL) for kind in (Kind.PROBLEM, Kind.ERROR)],
    "warning, if `warning_opens` is off": [said(Kind.PROBLEM, severity=Severity.WARNING)],
    "info": [said(Kind.INFO)],
    "acknowledgement": [said(Kind.ACKNOWLEDGEMENT)],
    "recovery": [said(Kind.RECOVERY)],
}
OPTIONS = {code(row[0]): row[1] for row in PAGE.rows("Options of a source")}
SOURCE = Source("source-1", "default", "default", "probe", "auto", True, "", SourceOptions(), 0)


def decided(name: str, signal: Signal, latest: Alert | None) -> Verdict:
    return decide(signal, place(), latest, SourceOptions(warning_opens="warning_opens" not in name))


@pytest.mark.parametrize("row", PAGE.rows("Life cycle"), ids=lambda row: row[0])
def test_a_signal_does_what_its_row_says(row: list[str]) -> None:
    name, *cells = row
    cells = [cells[1] if cell == "as above" else cell for cell in cells]
    for signal in SIGNALS[name]:
        for cell, latest in zip(cells, (None, alert(severity=Severity.INFO), acknowledged()), strict=True):
            verdict = decided(name, signal, latest)
            assert verdict.outcome == OUTCOMES[cell.split(";")[0]], (name, cell)
            counted = verdict.alert is not None and verdict.alert.count > (latest.count if latest else 0)
            assert counted == ("counts" in cell or cell == "opens one"), (name, cell)


def test_what_is_worse_opens_an_acknowledged_alert_again() -> None:
    signal, latest = said(Kind.PROBLEM, severity=Severity.CRITICAL), acknowledged(severity=Severity.WARNING)
    worse = decided("", signal, latest)
    assert worse.alert is not None
    assert (worse.alert.state, worse.reason) == ("open", TRIGGERED_AGAIN)


def test_the_quoted_reasons_are_the_models() -> None:
    quoted = re.findall(r"`([a-z]+ [^`]+)`", " ".join(PAGE.text.split()))
    assert {NO_OPEN_ALERT, ALREADY_OLD} <= set(quoted)


STATES = PAGE.rows("Objects")[5:]


@pytest.mark.parametrize("row", STATES, ids=lambda row: row[0])
def test_a_signal_leaves_the_state_that_its_row_says(row: list[str]) -> None:
    said_as = {
        "critical, error": [(Kind.PROBLEM, Severity.CRITICAL), (Kind.PROBLEM, Severity.ERROR)],
        "warning": [(Kind.PROBLEM, Severity.WARNING)],
        "problem of another severity, kind error": [
            (Kind.PROBLEM, Severity.INFO),
            (Kind.PROBLEM, Severity.NONE),
            (Kind.ERROR, Severity.CRITICAL),
        ],
        "recovery": [(Kind.RECOVERY, Severity.NONE)],
        "anything else": [(Kind.INFO, Severity.INFO), (Kind.ACKNOWLEDGEMENT, Severity.NONE)],
    }
    name, service, host = row
    for kind, severity in said_as[name]:
        assert state_after(kind, severity, "cpu", "as it was") == service
        assert state_after(kind, severity, "", "as it was") == host


def test_an_event_stands_on_the_object_that_its_row_says() -> None:
    signals = {
        "a host and a service": Signal(Kind.PROBLEM, "the key", host="the host", service="the service"),
        "a host": Signal(Kind.PROBLEM, "the key", host="the host"),
        "neither": Signal(Kind.PROBLEM, "the key"),
        "neither, and its key was made up": Signal(Kind.PROBLEM, "the key", key_made=True),
        "a host, and its key was made up": Signal(Kind.PROBLEM, "k", host="the host", key_made=True),
    }
    objects = PAGE.rows("Objects")[:5]
    for name, host, service in objects:
        found = object_of(signals[name], SOURCE)
        shown = host.replace("the name of the source", SOURCE.name), service.split(",")[0].strip('`"')
        assert found == shown, name


def test_every_option_has_a_row_with_its_default() -> None:
    defaults = msgspec.json.decode(msgspec.json.encode({**msgspec.structs.asdict(SourceOptions())}))
    assert {name: json.loads(code(default)) for name, default in OPTIONS.items()} == defaults
    assert set(OPTIONS) <= set(PAGE.headings()) | {"warning_opens"}


def test_every_field_of_an_identity_is_one_of_a_signal() -> None:
    sentence = PAGE.section("identity").split("Fields are ")[1].split("Take only")[0]
    fields = [name for name in re.findall(r"`([\w.]+)`", sentence) if name != "labels.NAME"]
    assert len(fields) > 5
    for name in fields:
        signal = msgspec.structs.replace(Signal(Kind.PROBLEM, "k"), **{name: "found"})
        assert identify(signal, (name,)).key == "found"


def test_the_example_of_an_identity_is_one() -> None:
    (block,) = PAGE.blocks()
    options = msgspec.json.decode(block.text, type=SourceOptions)
    signal = Signal(Kind.PROBLEM, "k", host="db1", service="disk")
    assert identify(signal, options.identity).key == "db1/disk"
