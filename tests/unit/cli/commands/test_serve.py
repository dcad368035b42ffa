import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.unit.cli.command_line import Run
from tocsin.server.settings import Settings

FAILING = 7
"""The port at which a start fails here."""


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Give the settings that a server would run with."""
    given: list[Settings] = []

    def run(settings: Settings) -> int:
        given.append(settings)
        return 1 if settings.port == FAILING else 0

    # In place of the module, so that the whole server is not loaded for nothing.
    monkeypatch.setitem(sys.modules, "tocsin.server.serve", SimpleNamespace(run=run))
    return given


def test_without_options_the_defaults_hold(run: Run, served: list[Settings]) -> None:
    assert run("serve").code == 0
    assert served == [Settings()]


def test_options_are_settings(run: Run, served: list[Settings]) -> None:
    numbers = "--host ::1 --port 0 --grpc-port 9"
    words = f"{numbers} --data here --database postgresql:///tocsin --demo --allow-undurable"
    assert run("serve", *words.split()).code == 0
    assert served == [
        Settings(
            host="::1",
            port=0,
            grpc_port=9,
            data="here",
            database="postgresql:///tocsin",
            demo=True,
            allow_undurable=True,
        )
    ]


def test_a_file_counts_least_and_the_command_line_most(
    run: Run, served: list[Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.toml").write_text('host = "10.0.0.1"\nport = 1\ndata = "file"\n')
    monkeypatch.setenv("TOCSIN_PORT", "2")
    monkeypatch.setenv("TOCSIN_DATA", "environment")
    assert run("serve", "--config", "own.toml", "--data", "option").code == 0
    assert served == [Settings(host="10.0.0.1", port=2, data="option")]


@pytest.mark.parametrize(
    "words", [["--port", "99999"], ["--port", "http"], ["--config", "missing.toml"], ["--grpc-port", "x"]]
)
def test_a_setting_that_cannot_be_used_is_a_usage_error(
    run: Run, served: list[Settings], words: list[str]
) -> None:
    ran = run("serve", *words)
    assert (ran.code, served) == (2, [])
    assert ran.err.count("\n") == 1


def test_a_failed_start_is_the_exit_code(run: Run, served: list[Settings]) -> None:
    assert run("serve", "--port", str(FAILING)).code == 1
