"""A run of the bench as a whole: what was measured outlasts what fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from tests.bench import __main__ as bench
from tests.bench import measure
from tests.bench.figures import Figure, Result
from tests.bench.workload import WORKLOADS, Workload


@contextmanager
def no_server(*_: object) -> Iterator[None]:
    yield None


def no_store(*_: object) -> None:
    raise AssertionError("PostgreSQL does not start")


def measured(system: str, _: object, __: object, workload: Workload, ___: int) -> Figure:
    return Figure(system, workload.name, 1_000.0, 1.0, 2.0, 100, 100, 0, 0)


def test_figures_outlast_a_system_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "configuration", lambda *_: {"kernel": "6.1"})
    monkeypatch.setattr(bench, "running_alertmanager", no_server)
    monkeypatch.setattr(bench, "copy_of_store", no_store)
    monkeypatch.setattr(measure, "load_alertmanager", measured)
    output = tmp_path / "result.json"
    ended = bench.run(quick=True, soak=True, only=["postgresql", "alertmanager"], output=output)
    assert ended == 1
    result = msgspec.json.decode(output.read_bytes(), type=Result)
    assert [figure.workload for figure in result.figures] == [workload.name for workload in WORKLOADS]
    assert result.soak is None
    said = capsys.readouterr()
    assert "| single, 8 connections | alertmanager | 1,000 |" in said.out
    assert "postgresql: FAILED" in said.err
    assert "PostgreSQL does not start" in said.err
