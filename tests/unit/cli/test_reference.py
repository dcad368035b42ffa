"""The reference says what the commands themselves say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.reference import PAGE, WIDTH, block, commands, documented, help_of
from tocsin.cli.failures import ExitCode


@pytest.mark.parametrize("command", commands())
def test_the_help_of_each_command_stands_in_the_reference(command: str) -> None:
    found = documented(PAGE.read_text(encoding="utf-8"))
    assert found.get(command) == block(command), "write it anew: python -m tests.unit.cli.reference"


def test_the_reference_has_no_command_that_there_is_not() -> None:
    assert set(documented(PAGE.read_text(encoding="utf-8"))) == set(commands())


@pytest.mark.parametrize("command", ["tocsin", "tocsin alerts ack"])
def test_the_help_is_that_of_the_real_command(command: str) -> None:
    program = Path(sys.executable).parent / "tocsin"
    ran = subprocess.run(
        [program, *command.split()[1:], "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": str(WIDTH)},
    )
    assert ran.stdout == help_of(command)


def test_every_exit_code_is_explained() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for code in (*ExitCode, 130, 141):
        assert f"| {int(code)} |" in page
