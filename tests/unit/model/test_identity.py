from copy import deepcopy
from typing import Any

import pytest

from tests.unit.model.samples import problem, source
from tocsin.model.identity import identify, names_of, object_of, own_object
from tocsin.model.severity import Severity

FULL: dict[str, Any] = {
    "host": "web",
    "service": "load",
    "rule": "high",
    "labels": {"region": "eu", "a.b": "dotted", "": "bare"},
}


@pytest.mark.parametrize(
    ("identity", "key"),
    [
        ((), "cpu"),
        (("host",), "web"),
        (("host", "service"), "web/load"),
        (("service", "host"), "load/web"),
        (("host", "key"), "web/cpu"),
        (("labels.region", "rule"), "eu/high"),
        (("labels.a.b",), "dotted"),
        (("severity",), "critical"),
        (("host", "provider", "rule"), "web//high"),
        (("labels.team", "host"), "/web"),
    ],
)
def test_the_key_is_made_of_the_fields_that_the_source_names(identity: tuple[str, ...], key: str) -> None:
    assert identify(problem(**FULL), identity).key == key


@pytest.mark.parametrize(
    "identity",
    [("provider",), ("labels.team", "account"), ("nonsense",), ("index",), ("key_made",), ("labels",)],
)
def test_the_senders_key_stands_where_no_field_has_a_text(identity: tuple[str, ...]) -> None:
    assert identify(problem(**FULL), identity).key == "cpu"


def test_the_signal_itself_stays_as_it_is() -> None:
    signal = problem(**FULL)
    as_it_came = deepcopy(signal)
    named = identify(signal, ("host", "key"))
    assert signal == as_it_came
    assert (named.key, named.title, named.severity) == ("web/cpu", signal.title, Severity.CRITICAL)


def test_what_is_meant_for_one_alert_keeps_that_alerts_key() -> None:
    assert identify(problem(alert_seq=3, **FULL), ("host",)).key == "cpu"


def test_a_long_key_is_cut() -> None:
    assert identify(problem(host="é" * 600), ("host",)).key == "é" * 512


@pytest.mark.parametrize(
    ("identity", "key_made"),
    [((), True), (("rule",), False), (("rule", "key"), True), (("labels.team",), True)],
)
def test_a_key_made_of_fields_is_not_made_up(identity: tuple[str, ...], key_made: bool) -> None:
    assert identify(problem(key_made=True, **FULL), identity).key_made is key_made
    assert not identify(problem(**FULL), identity).key_made


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"host": "web", "service": "load"}, ("web", "load")),
        ({"host": "web"}, ("web", "")),
        ({"host": "web", "key_made": True}, ("agent", "")),
        ({"host": "web", "service": "load", "key_made": True}, ("agent", "")),
        ({}, ("agent", "cpu")),
        ({"service": "load"}, ("agent", "cpu")),
        ({"key_made": True}, ("agent", "")),
        ({"service": "load", "key_made": True}, ("agent", "")),
    ],
)
def test_an_event_belongs_to_the_object_that_its_signal_names(
    fields: dict[str, Any], named: tuple[str, str]
) -> None:
    assert object_of(problem(**fields), source()) == named


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"host": "web", "service": "load"}, ("web", "load")),
        ({}, ("agent", "cpu")),
        ({"key_made": True}, ("agent", "")),
        ({"host": "web", "service": "load", "key_made": True}, ("web", "")),
    ],
)
def test_an_event_says_the_host_that_its_signal_names(fields: dict[str, Any], said: tuple[str, str]) -> None:
    assert names_of(problem(**fields), source()) == said


def test_a_source_is_an_object_of_its_own() -> None:
    assert own_object(source("Prometheus")) == ("Prometheus", "")


def test_long_names_are_cut() -> None:
    long = "x" * 600
    cut = "x" * 255
    assert object_of(problem(host=long, service=long), source()) == (cut, cut)
    signal = problem()
    signal.key = long
    assert object_of(signal, source(long)) == (cut, cut)
    assert own_object(source(long)) == (cut, "")
