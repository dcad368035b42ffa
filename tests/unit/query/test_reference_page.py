"""The reference page says what the language does: its examples, fields and errors are tried."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.query.records import NOW, event
from tocsin.model.world.documents import (
    Configured,
    Host,
    HostGroup,
    HostTemplate,
    Keyword,
    Kind,
    ServiceCheck,
    ServiceGroup,
)
from tocsin.model.world.world import World
from tocsin.query.errors import QueryError
from tocsin.query.fields import ALERT_FIELDS, AUDIT_FIELDS, EVENT_FIELDS, Fields
from tocsin.query.language import parse
from tocsin.query.predicate import compile_predicate
from tocsin.query.resolve import resolve

PAGE = (Path(__file__).resolve().parents[3] / "docs/reference/query-language.md").read_text(encoding="utf-8")
SAMPLE = event(
    time=NOW - 1_200_000_000,
    recorded_at=NOW - 1_199_000_000,
    labels={"region": "eu", "app.example/name": "shop"},
)
WORLD = World(
    SAMPLE.domain_id,
    [
        Configured(SAMPLE.domain_id, kind, number, name, document, 0)
        for kind, number, name, document in (
            (Kind.HOST_GROUP, 11, "Berlin", HostGroup()),
            (Kind.HOST_GROUP, 12, "Web", HostGroup(11)),
            (Kind.SERVICE_GROUP, 21, "Operating system", ServiceGroup()),
            (Kind.KEYWORD, 31, "shop", Keyword()),
            (Kind.KEYWORD, 32, "web-edge", Keyword(all_hosts=True)),
            (Kind.SERVICE_CHECK, 41, "disk", ServiceCheck(group=21, keywords=(31,))),
            (Kind.HOST_TEMPLATE, 51, "Linux", HostTemplate(checks=(41,))),
            (Kind.HOST, 1, "web-01", Host(group=12, templates=(51,), keywords=(31,))),
        )
    ],
    {("web-01", ""): 1, ("web-01", "disk"): SAMPLE.object_id},
)
NAMES = {"source": {SAMPLE.source_id: "nagios"}, "project": {SAMPLE.project_id: "default"}}


def table(heading: str) -> list[list[str]]:
    """Give the rows of the table under a heading, without the marks of code around a whole cell."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows[1:]]


def code(cell: str) -> str:
    """Give the code that a cell holds between backquotes."""
    return cell.removeprefix("`").removesuffix("`").replace(r"\|", "|")


def finds(text: str) -> bool:
    tree = resolve(parse(text, EVENT_FIELDS, NOW), EVENT_FIELDS, NAMES, WORLD)
    return compile_predicate(tree, EVENT_FIELDS)(SAMPLE)


def test_the_sample_is_the_event_that_the_examples_are_tried_on() -> None:
    found = re.search(r"```json\n(.+?)```", PAGE, re.DOTALL)
    assert found is not None
    sample: dict[str, Any] = json.loads(found[1])
    labels = sample.pop("labels")
    assert labels == SAMPLE.labels
    assert [name for name, value in sample.items() if not finds(f'{name}="{value}"')] == []


@pytest.mark.parametrize(("expression", "found"), [(code(row[0]), row[2]) for row in table("Examples")])
def test_an_example_finds_what_the_page_says(expression: str, found: str) -> None:
    assert finds(expression) is {"yes": True, "no": False}[found]


@pytest.mark.parametrize(
    ("expression", "at", "message"),
    [
        (code(row[0]), int(row[1]), row[2].replace('`""`', '""').replace('`"-"`', '"-"'))
        for row in table("Errors")
    ],
)
def test_an_error_says_what_the_page_says(expression: str, at: int, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(expression, EVENT_FIELDS, NOW)
    assert (caught.value.position + 1, caught.value.message) == (at, message)


def test_the_error_that_is_shown_in_full_looks_like_that() -> None:
    shown = re.search(r"((?: {4}.+\n){3})\n\| expression \| at", PAGE)
    assert shown is not None
    lines = [line.removeprefix("    ") for line in shown[1].splitlines()]
    with pytest.raises(QueryError) as caught:
        parse(lines[0], EVENT_FIELDS, NOW)
    assert [*caught.value.pointer(lines[0]).splitlines(), caught.value.message] == lines


@pytest.mark.parametrize(
    ("heading", "fields"), [("Fields of events", EVENT_FIELDS), ("Fields of alerts", ALERT_FIELDS)]
)
def test_every_field_is_listed_with_its_type(heading: str, fields: Fields) -> None:
    *rows, label = table(heading)
    listed = {code(name): row[1] for row in rows for name in row[0].split(", ")}
    assert listed == {name: str(field.type) for name, field in fields.by_name.items()}
    assert label[:2] == ["`labels.NAME`", "text"]


def test_every_field_of_the_audit_log_is_listed() -> None:
    rows = table("Fields of the audit log")
    listed = {code(name): row[1] for row in rows for name in row[0].split(", ")}
    assert listed == {name: str(field.type) for name, field in AUDIT_FIELDS.by_name.items()}


@pytest.mark.parametrize(
    ("heading", "fields"), [("Fields of events", EVENT_FIELDS), ("Fields of alerts", ALERT_FIELDS)]
)
def test_every_choice_is_listed(heading: str, fields: Fields) -> None:
    for name, kind, meaning in table(heading):
        if kind == "choice":
            listed = set(re.findall(r'[\w"]+', meaning.replace(" or ", " ").replace("of a host ", "")))
            assert listed == {value or '""' for value in fields.by_name[code(name)].values}


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        ("Fields of events", EVENT_FIELDS),
        ("Fields of alerts", ALERT_FIELDS),
        ("Fields of the audit log", AUDIT_FIELDS),
    ],
)
def test_the_searched_fields_are_listed(heading: str, fields: Fields) -> None:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    sentence = section.split("A word alone is looked for in")[1]
    assert re.findall(r"`(\w+)`", sentence) == [field.name for field in fields.searched]


def test_the_first_expression_finds_the_sample() -> None:
    first = re.search(r"\n {4}(\S.+)\n", PAGE)
    assert first is not None
    assert finds(first[1])


@pytest.mark.parametrize(
    "written", [written for row in table("Values and words") for written in re.findall(r"`(.+?)`", row[0])]
)
def test_every_way_to_write_a_time_is_read(written: str) -> None:
    assert compile_predicate(parse(f"occurred!={written}", EVENT_FIELDS, NOW), EVENT_FIELDS)(SAMPLE)
