import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.command_line import Run, runner
from tests.unit.client.fake_tocsin import TOKEN, FakeTocsin, running_fake_tocsin


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the settings, and the terminal, of whoever runs the tests out of them."""
    for name in os.environ:
        if name.startswith("TOCSIN_") or name in {"COLUMNS", "NO_COLOR", "FORCE_COLOR"}:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(monkeypatch, capsys)


@pytest.fixture
def tocsin(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTocsin]:
    """Run a fake server, and point the environment at it."""
    with running_fake_tocsin() as fake:
        monkeypatch.setenv("TOCSIN_URL", fake.url)
        monkeypatch.setenv("TOCSIN_TOKEN", TOKEN)
        yield fake
