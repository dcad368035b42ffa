"""The preloaded shim: built with gcc, told what to watch, and its report read back."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

SOURCE = Path(__file__).with_name("shim.c")
MARK = "mark-"
MARK_DIGITS = 8


class Write(NamedTuple):
    """Bytes were written to a file of the database, `db` or `wal`; done by now."""

    file: str
    offset: int
    length: int
    ends_transaction: bool
    marks: tuple[str, ...]


class SyncBegins(NamedTuple):
    """A thread begins to sync a file."""

    thread: int
    file: str


class SyncEnded(NamedTuple):
    """That sync has ended, with an error number or 0."""

    thread: int
    file: str
    failure: int


class Answered(NamedTuple):
    """An answer is about to leave to the peer with this port."""

    port: int
    status: int


Entry: TypeAlias = Write | SyncBegins | SyncEnded | Answered


class Shim:
    """The shim for one server.

    Args:
        directory: for the library, the report and the switch of the fault.
        database: name of the database's file.
    """

    def __init__(self, directory: Path, database: str = "tocsin.db") -> None:
        self._library = directory / "shim.so"
        self._report = directory / "report"
        self._fault = directory / "fault"
        self._database = database
        compiler = shutil.which("gcc")
        assert compiler, "This test builds a small library: install gcc, on Debian with apt-get install gcc."
        subprocess.run(
            [compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", self._library, SOURCE],
            check=True,
        )

    @property
    def environment(self) -> dict[str, str]:
        """What the server's environment needs."""
        return {
            "LD_PRELOAD": str(self._library),
            "SHIM_DATABASE": self._database,
            "SHIM_REPORT": str(self._report),
            "SHIM_FAULT": str(self._fault),
        }

    def fail_syncs(self) -> None:
        """From now on every sync fails."""
        self._fault.touch()

    def heal(self) -> None:
        """From now on syncs work again."""
        self._fault.unlink()

    def report(self) -> Iterator[Entry]:
        """Read what was reported until now, in order."""
        for line in self._report.read_text().splitlines():
            yield _entry(line.split(" "))


def _entry(fields: list[str]) -> Entry:
    match fields:
        case ["W", file, offset, length, ends, *marks]:
            return Write(file, int(offset), int(length), ends == "1", tuple(MARK + mark for mark in marks))
        case ["B", thread, file]:
            return SyncBegins(int(thread), file)
        case ["E", thread, file, failure]:
            return SyncEnded(int(thread), file, int(failure))
        case ["A", port, status]:
            return Answered(int(port), int(status))
    raise AssertionError(f"not a line of the shim: {fields}")
