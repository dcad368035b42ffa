"""Every field of the native shape has its row: type, limit, default; the examples are taken."""

import json
import re
from typing import Any

import msgspec
import pytest

from tests.unit.docs.pages import Page, code
from tocsin.dialects.cloudforet import api_direct, templates
from tocsin.dialects.cloudwatch import parse as cloudwatch
from tocsin.dialects.grafana import parse as grafana
from tocsin.dialects.native.item import FIELDS, Item
from tocsin.dialects.native.parse import of_document
from tocsin.server.formats import FORMATS, ORDER, PARSERS, READERS, detect

PAGE = Page("reference/formats.md")
ROWS = {code(row[0]): row for row in PAGE.rows("The native shape")}
LEAST: dict[str, Any] = {"key": "k", "title": "t"}
JSON_TYPES = {"text": "", "integer": 0, "boolean": False, "object": {}, "array": []}


def refused(document: dict[str, Any]) -> list[str]:
    return [refusal.reason for refusal in of_document(document).refusals]


def test_every_field_has_a_row_and_every_row_a_field() -> None:
    assert sorted(ROWS) == sorted(FIELDS)


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row[2]])
def test_a_field_is_refused_beyond_the_limit_of_its_row(name: str) -> None:
    limit = int(ROWS[name][2])
    fits, exceeds = (limit, limit + 1) if ROWS[name][1] == "integer" else ("x" * limit, "x" * (limit + 1))
    assert refused(LEAST | {name: fits}) == []
    assert len(refused(LEAST | {name: exceeds})) == 1


def test_labels_and_links_have_the_limits_of_the_page() -> None:
    sentence = " ".join(PAGE.section("The native shape").split()).split("An event has at most ")[1]
    labels, links, _, name, value, link = map(int, re.findall(r"\d+", sentence.split(". **")[0]))
    for fits, exceeds in (
        ({"labels": numbered(labels)}, {"labels": numbered(labels + 1)}),
        ({"labels": {"x" * name: ""}}, {"labels": {"x" * (name + 1): ""}}),
        ({"labels": {"x": "y" * value}}, {"labels": {"x": "y" * (value + 1)}}),
        ({"links": [{"href": "x"}] * links}, {"links": [{"href": "x"}] * (links + 1)}),
        ({"links": [{"href": "x" * link}]}, {"links": [{"href": "x" * (link + 1)}]}),
    ):
        assert refused(LEAST | fits) == []
        assert len(refused(LEAST | exceeds)) == 1


def numbered(count: int) -> dict[str, str]:
    return {str(number): "" for number in range(count)}


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if not row[2] and row[1] == "text"])
def test_a_text_without_a_limit_is_a_choice(name: str) -> None:
    assert len(refused(LEAST | {name: "nonsense"})) == 1


@pytest.mark.parametrize("name", ROWS)
def test_a_field_has_the_type_of_its_row(name: str) -> None:
    wrong = [value for kind, value in JSON_TYPES.items() if kind != ROWS[name][1]]
    if ROWS[name][1] in {"time", "object"}:
        wrong = [True]
    for value in wrong:
        assert refused(LEAST | {name: value}), value


@pytest.mark.parametrize("name", ROWS)
def test_a_field_has_the_default_of_its_row(name: str) -> None:
    default = ROWS[name][3]
    field = next(each for each in msgspec.structs.fields(Item) if each.name == name)
    if default == "needed":
        assert field.required
    elif name == "severity":
        assert field.default is None
    elif name == "kind":
        assert field.default == code(default)
    else:
        built = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
        assert built == json.loads(code(default))


NATIVE = [
    block for block in PAGE.blocks() if block.language == "json" and block.heading == "The native shape"
]


@pytest.mark.parametrize("block", NATIVE)
def test_an_example_is_taken(block: Any) -> None:
    items = of_document(json.loads(block.text))
    assert (items.refusals, len(items.signals)) == ([], 1)


def test_the_long_example_has_every_field() -> None:
    *_, long = (json.loads(block.text) for block in NATIVE)
    assert set(long) - {"team"} == FIELDS
    assert of_document(long).signals[0].labels == {"region": "eu", "team": "storage"}


def test_every_format_is_listed() -> None:
    listed = [code(row[0]) for row in PAGE.rows("Formats")]
    assert sorted(listed) == sorted([*PARSERS, *READERS])
    assert set(FORMATS) == {*listed, "auto"}


def test_auto_is_as_the_page_says() -> None:
    assert "Everything else is taken as `native`." in PAGE.section("auto")
    assert [code(row[0]) for row in PAGE.rows("auto")] == [*ORDER]
    assert detect({"message_type": "CRITICAL"}) == "victorops"
    assert detect(LEAST) == detect([{"message_type": "CRITICAL"}]) == "native"


def test_every_format_of_others_says_what_it_makes() -> None:
    rows = PAGE.rows("What others send")
    assert {row[0].split("`")[1] for row in rows} == {*PARSERS, *READERS} - {"native", "victorops"}
    assert all(
        row[1] in {"one", "one for each alert", "one for each result", "one for each line"} and all(row)
        for row in rows
    )


def test_every_option_of_a_format_is_listed() -> None:
    listed = {(code(row[0]), code(row[1])) for row in PAGE.rows("Options of the formats")}
    known = {(grafana, grafana.PER_NOTIFICATION), (grafana, grafana.MESSAGE_ROOT)}
    known |= {(api_direct, api_direct.LOAD_JSON), (api_direct, api_direct.CONVERT_DATA)}
    known |= {(api_direct, api_direct.CONFIRM_URL)}
    known |= {(cloudwatch, cloudwatch.PER_DIMENSION), (cloudwatch, cloudwatch.TIME_BUCKET)}
    assert listed == {(each.FORMAT, option) for each, option in known}


def test_the_example_of_templates_makes_an_event() -> None:
    (options,) = (json.loads(block.text) for block in PAGE.blocks() if block.heading == "Templates")
    message = {"id": 7, "state": "down", "host": {"name": "web1"}, "tags": ["eu", "shop"]}
    (signal,) = api_direct.parse({"Message": json.dumps(message)}, {}, options).signals
    assert (signal.key, signal.title, signal.severity) == ("7", "web1 is down", "critical")
    assert (signal.host, signal.labels) == ("web1", {"tags": "eu, shop"})


def test_every_filter_and_limit_of_templates_is_listed() -> None:
    section = " ".join(PAGE.section("Templates").split())
    listed = re.findall(r"`(\w+)`", section.split("these filters: ")[1].split(". `a.b`")[0])
    assert sorted(listed) == sorted(templates.FILTERS)
    limits = [templates.TEMPLATE_LIMIT, templates.NAMES_LIMIT, templates.RESULT_LIMIT]
    assert [
        int(number) for number in re.findall(r"at most (\d+) characters and (\d+) names", section)[0]
    ] == limits[:2]
    assert f"gives at most {limits[2]} characters" in section
