"""Every metric has its row, with its type and labels; every value of a label is listed."""

import re

import pytest
from prometheus_client import Counter, Gauge, Histogram

from tests.unit.docs.literals import words_passed
from tests.unit.docs.pages import Page, code
from tocsin.api import inlet
from tocsin.dialects import reception
from tocsin.dialects.asgi import Refused
from tocsin.dialects.cloudforet import event
from tocsin.dialects.victorops import endpoints
from tocsin.hub import recorder
from tocsin.hub.metrics import Metrics
from tocsin.model.receipt import Outcome
from tocsin.server.formats import PARSERS, READERS

PAGE = Page("reference/metrics.md")
ROWS = {code(row[0]): row for row in PAGE.rows() if len(row) == 5}
KINDS = {Counter: "counter", Gauge: "gauge", Histogram: "histogram"}
METRICS = {
    f"{next(iter(metric.describe())).name}{'_total' if isinstance(metric, Counter) else ''}": metric
    for metric in vars(Metrics()).values()
    if isinstance(metric, Counter | Gauge | Histogram)
}


def listed(label: str) -> set[str]:
    """Give the values that the page lists for a label, in its sentence or in its table."""
    section = PAGE.section("Values of the labels")
    sentence = section.split(f"`{label}`")[1].split("\n\n`")[0]
    cells = [row[0] for row in PAGE.rows("Values of the labels")] if label == "reason" else [sentence]
    return {value for cell in cells for value in re.findall("`(.+?)`", cell)}


def test_every_metric_has_a_row_and_every_row_a_metric() -> None:
    assert sorted(ROWS) == sorted(METRICS)


@pytest.mark.parametrize("name", METRICS)
def test_a_row_names_type_and_labels(name: str) -> None:
    _, kind, labels, _, meaning = ROWS[name]
    metric = METRICS[name]
    assert kind == KINDS[type(metric)]
    named = re.findall(r"`(\w+)`", labels)
    if named:
        metric.labels(**dict.fromkeys(named, "x"))
    assert next(iter(metric.collect())).samples, "it has labels, and the row names none"
    assert meaning


def test_every_format_and_outcome_is_listed() -> None:
    assert listed("format") - {"native"} == {*PARSERS, *READERS} - {"native"}
    assert listed("outcome") == set(Outcome) - {Outcome.REJECTED}


def test_every_reason_is_listed() -> None:
    refusals = {Refused(status, "").code for status in (400, 404, 405, 408, 413, 415)}
    written = (
        words_passed(recorder, "labels")
        | words_passed(reception, "count")
        | words_passed(event, "count")
        | words_passed(inlet, "_fail")
        | words_passed(endpoints, "_fail")
    )
    assert listed("reason") == refusals | written


def test_every_expression_asks_for_a_metric_of_the_page() -> None:
    asked = {name for row in PAGE.rows("What to watch") for name in re.findall(r"\btocsin_\w+", code(row[0]))}
    assert {name.removesuffix("_bucket") for name in asked} <= METRICS.keys()
