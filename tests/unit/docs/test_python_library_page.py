"""The page of the library names all that it holds, with the parameters that it has."""

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

import tocsin
from tests.unit.docs.pages import Page, code

PAGE = Page("reference/python-library.md")
METHODS = {
    code(row[0]).partition("(")[0]: code(row[0])
    for row in PAGE.rows("Client")
    if "(" in row[0] and ";" not in row[0]
}


def signature(of: Callable[..., Any]) -> str:
    """Give the parameters as they are called, without types."""
    given = inspect.signature(of)
    bare = [each.replace(annotation=each.empty) for name, each in given.parameters.items() if name != "self"]
    text = str(given.replace(parameters=bare, return_annotation=given.empty))
    return text.replace("'", '"').replace("10000", "10_000").replace("=30,", "=logging.WARNING,")


def test_every_public_name_is_on_the_page() -> None:
    named = [row[0].partition("](")[0].strip("[`") for row in PAGE.rows("Library: `tocsin`")]
    assert sorted(named) == sorted(tocsin.__all__)


def test_every_method_is_on_the_page() -> None:
    public = {name for name in vars(tocsin.Client) if not name.startswith("_")}
    assert set(METHODS) == public - {"close"}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("client", [tocsin.Client, tocsin.AsyncClient])
def test_a_method_has_the_parameters_of_the_page(client: type[Any], name: str) -> None:
    assert METHODS[name] == name + signature(getattr(client, name))


@pytest.mark.parametrize("name", ["Client", "job", "TocsinHandler"])
def test_a_class_has_the_parameters_of_the_page(name: str) -> None:
    (shown,) = [block.text for block in PAGE.blocks() if block.heading == name]
    assert shown.strip() == f"tocsin.{name}{signature(getattr(tocsin, name))}"


def test_every_error_that_is_named_is_one() -> None:
    named = [code(row[0]) for row in PAGE.rows("Errors")]
    assert {name for name in named if hasattr(tocsin, name)} == {"Unreachable", "Refused", "NotAllowed"}


def test_the_back_off_is_as_the_page_says() -> None:
    shown = ", ".join(f"{each.name}={each.default}" for each in fields(tocsin.BackOff))
    assert f"`BackOff({shown})`" in PAGE.section("BackOff")
