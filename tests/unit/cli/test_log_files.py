"""Files of a log: all lines, the oldest file first, and a bar on a terminal."""

import gzip
import sys
from pathlib import Path

import pytest

from tocsin.cli.log_files import lines


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Write three logs: the newest first, the oldest compressed, one without any time."""
    contents = (b"[30] c\r\n[31] d", gzip.compress(b"no time\n[10] a\n[11] b\n"), b"")
    for number, content in enumerate(contents):
        (tmp_path / f"{number}.log").write_bytes(content)
    return [str(tmp_path / f"{number}.log") for number in range(len(contents))]


def test_files_come_in_the_order_of_their_times_and_each_once(files: list[str]) -> None:
    found = list(lines([*files, files[0]]))
    assert [line.text for line in found] == ["no time", "[10] a", "[11] b", "[30] c", "[31] d"]
    assert [line.place.removeprefix(str(Path(files[0]).parent)) for line in found] == [
        "/1.log:1",
        "/1.log:2",
        "/1.log:3",
        "/0.log:1",
        "/0.log:2",
    ]


def test_a_terminal_is_shown_how_far_it_is(
    files: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    size = sum(Path(name).stat().st_size for name in files)
    assert len(list(lines(files))) == 5
    assert f"{size}/{size} bytes" in capsys.readouterr().err
