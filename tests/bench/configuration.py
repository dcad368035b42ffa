"""What the bench runs with: the machine, the programs and their settings."""

import os
import platform
import shutil
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

from tests.bench.slow_sync import sync_seconds
from tests.bench.stores import POSTGRESQL_SETTINGS, scratch, work_directory
from tests.servers.postgresql import programs
from tocsin.server.settings import Settings


def configuration(events: int, seconds: int) -> dict[str, str]:
    """Describe a run, by name.

    Args:
        events: about how many events the stores hold beforehand.
        seconds: how long each load lasts.

    Raises:
        AssertionError: the stores would lie in memory, where a sync costs nothing.
    """
    settings = Settings()
    return {
        "processors": f"{os.cpu_count()} x {_processor()}",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.1f} GB",
        "kernel": platform.release(),
        "disk": _disk(),
        "Python": f"{platform.python_version()}, uvloop {version('uvloop')}",
        "Tocsin": f"{version('tocsin')}, batch_signals={settings.batch_signals}",
        "SQLite": f"{sqlite3.sqlite_version}, journal_mode=WAL, synchronous={settings.synchronous}",
        "PostgreSQL": f"{_said(programs() / 'postgres', '--version')}, fsync=on, synchronous_commit=on, "
        + ", ".join(f"{name}={value}" for name, value in POSTGRESQL_SETTINGS.items()),
        "Alertmanager": _said(_found("prometheus-alertmanager", "alertmanager"), "--version"),
        "wrk": f"{_said(_found('wrk'), '--version')}, one thread, on the same machine",
        "store beforehand": f"about {events} events, 20 sources",
        "each load": f"{seconds} s",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _disk() -> str:
    kind = _said(Path("/usr/bin/stat"), "--file-system", "--format=%T", str(scratch()))
    assert kind not in {"tmpfs", "ramfs"}, (
        f"{scratch()} is memory, where a sync costs nothing: set TMPDIR to a directory on a disk"
    )
    with work_directory() as directory:
        return f"{kind}, {sync_seconds(directory) * 1000:.2f} ms for a sync of 4 KiB"


def _found(*names: str) -> Path:
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"The bench needs {names[0]}; on Debian: apt-get install {names[0]}"
    return Path(found)


def _said(program: Path, *arguments: str) -> str:
    """Give the first line that a program says."""
    finished = subprocess.run([program, *arguments], capture_output=True, check=False, text=True)
    return (finished.stdout or finished.stderr).splitlines()[0]
