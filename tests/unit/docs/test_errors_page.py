"""Every code of a problem has its heading, which is the anchor of the problem's type."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from litestar.plugins.problem_details import ProblemDetailsException

from tests.unit.docs.literals import words_passed
from tests.unit.docs.pages import Page
from tocsin.api import inlet, problems, rejected
from tocsin.api.problems import problem
from tocsin.query.errors import QueryError
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.language import parse
from tools.check_links import anchors

PAGE = Page("reference/errors.md")
HEADINGS = PAGE.headings()[1:]
STATUSES = [status for status in HTTPStatus if status >= 400]


def members(answer: ProblemDetailsException) -> dict[str, Any]:
    """Give what a problem has beside the members of the RFC."""
    assert isinstance(answer.extra, dict)
    return answer.extra


def codes() -> dict[str, set[int]]:
    """Give every code of the native API with the statuses that have it by themselves."""
    found: dict[str, set[int]] = {}
    for status in STATUSES:
        found.setdefault(members(problem(status, ""))["code"], set()).add(status)
    for word in (
        words_passed(problems, "_plain", "problem")
        | words_passed(inlet, "_fail", "_problem")
        | words_passed(rejected, "problem")
    ):
        found.setdefault(word, set())
    return found


def test_every_code_has_a_heading_and_every_heading_a_code() -> None:
    assert sorted(HEADINGS) == sorted(codes())


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_is_an_anchor(heading: str) -> None:
    assert heading in anchors(PAGE.text)


@pytest.mark.parametrize("code", [code for code, statuses in codes().items() if len(statuses) == 1])
def test_a_section_says_the_status(code: str) -> None:
    (status,) = codes()[code]
    assert f"Status {status}" in PAGE.section(code)


def test_the_type_of_a_problem_leads_to_its_code() -> None:
    assert problem(409, "").type_ == "/docs/errors#conflict"


def test_the_example_is_what_the_expression_gives() -> None:
    (block,) = PAGE.blocks()
    shown = json.loads(block.text)
    with pytest.raises(QueryError) as caught:
        parse("severity>=warnin", EVENT_FIELDS, 0)
    answer: ProblemDetailsException = problems._of_query(caught.value)
    assert shown == {
        "status": answer.status_code,
        "type": answer.type_,
        "title": answer.title,
        "detail": answer.detail,
        **members(answer),
    }
