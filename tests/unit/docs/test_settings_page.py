"""Every setting has its row: name, variable, default, unit."""

import json
import tomllib

import pytest
from msgspec.structs import fields

from tests.unit.docs.pages import Page, code
from tocsin.server.settings import PREFIX, Settings, load

PAGE = Page("reference/settings.md")
ROWS = {code(row[0]): row for row in PAGE.rows() if len(row) == 5}
SETTINGS = {field.name: field for field in fields(Settings)}


def test_every_setting_has_a_row_and_every_row_a_setting() -> None:
    assert sorted(ROWS) == sorted(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_row_names_the_variable_and_the_default(name: str) -> None:
    _, variable, default, _, meaning = ROWS[name]
    assert code(variable) == f"{PREFIX}{name.upper()}"
    stated = json.loads(code(default))
    assert (stated, type(stated)) == (SETTINGS[name].default, type(SETTINGS[name].default))
    assert meaning


@pytest.mark.parametrize("name", [name for name, field in SETTINGS.items() if field.type in {int, float}])
def test_a_number_has_a_unit(name: str) -> None:
    assert ROWS[name][3] or name in {"port", "grpc_port"}


def test_the_example_file_and_the_example_variables_say_the_same() -> None:
    file, variables = (block.text for block in PAGE.blocks())
    exported = dict(pair.split("=") for pair in variables.removeprefix("export ").split())
    assert load(tomllib.loads(file), {}) == load(environment=exported)
