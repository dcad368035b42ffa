"""Files of a log: plain or compressed, in the order of their times, with a bar that shows how far one is."""

import gzip
import hashlib
import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

from tocsin.cli.failures import CommandError, UsageError

_GZIP: Final = b"\x1f\x8b"
_TIME: Final = re.compile(r"\[([0-9]{1,18})\]")
_DIGITS: Final = 24
"""Of the digest of a line: a log would need billions of lines within one second for two to be alike."""
_STEP_LINES: Final = 1_000
"""After so many lines the bar moves."""


class Line(NamedTuple):
    """A line without its end.

    Attributes:
        place: the file, and the number of the line in it, from 1.
        occurrence: which of the lines of this file it is that are equal to it and have the same time, from 1.
    """

    place: str
    text: str
    occurrence: int

    @property
    def identity(self) -> str:
        """What the line is known by, in whichever file it stands."""
        digest = hashlib.sha256(self.text.encode()).hexdigest()[:_DIGITS]
        return f"{digest}-{self.occurrence}"


def lines(names: Sequence[str]) -> Iterator[Line]:
    """Give the lines of all files: first those of the file that begins first.

    Args:
        names: the files' paths.

    Raises:
        UsageError: one cannot be read.
        CommandError: one that is compressed is damaged.
    """
    paths = [Path(name) for name in names]
    begins = {path: _begin(path) for path in paths}
    total = sum(path.stat().st_size for path in begins)
    with _bar(total) as moved:
        done = 0
        for path in sorted(begins, key=begins.__getitem__):
            with _opened(path) as (raw, stream):
                count = _Occurrences()
                for number, line in enumerate(map(_decoded, stream), start=1):
                    yield Line(f"{path}:{number}", line, count(line))
                    if number % _STEP_LINES == 0:
                        moved(done + raw.tell())
                done += raw.tell()
                moved(done)


class _Occurrences:
    """Counts equal lines of the same second, one after the other."""

    def __init__(self) -> None:
        self._second = ""
        self._lines: Counter[str] = Counter()

    def __call__(self, line: str) -> int:
        found = _TIME.match(line)
        second = found[1] if found else ""
        if second != self._second:
            self._second = second
            self._lines.clear()
        self._lines[line] += 1
        return self._lines[line]


def _begin(path: Path) -> int:
    """Give the time of the first line that has one."""
    with _opened(path) as (_, stream):
        return next((int(found[1]) for line in stream if (found := _TIME.match(_decoded(line)))), 0)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Open a file: as it is on the disk, and as it is read."""
    try:
        with path.open("rb") as raw:
            is_compressed = raw.peek(len(_GZIP)).startswith(_GZIP)
            yield raw, cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if is_compressed else raw
    except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
        raise CommandError(f"{path}: it is damaged: {fault}") from None
    except OSError as fault:
        raise UsageError(f"{path}: {fault.strerror}") from None


def _decoded(line: bytes) -> str:
    """Read a line as UTF-8, or where it is none as Latin-1, which old systems wrote."""
    line = line.rstrip(b"\r\n")
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal; give what moves it to so many bytes."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=total)
        yield lambda done: progress.update(task, completed=done)
