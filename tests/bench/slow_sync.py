"""The slower disk: a small library that adds a millisecond to each sync, built with gcc and preloaded."""

import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCE = Path(__file__).with_name("slow_sync.c")
VARIABLE = "LD_PRELOAD"
_SYNC = (
    "import os, sys, time; file = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)\n"
    "for _ in range(50):\n"
    "    os.write(file, bytes(4096)); start = time.perf_counter(); os.fdatasync(file)\n"
    "    print(time.perf_counter() - start)"
)


def build(directory: Path) -> Path:
    """Build the library, and make sure that it does what it says.

    Args:
        directory: where to put it; the user who runs PostgreSQL must be able to read it.

    Raises:
        AssertionError: there is no compiler, or the library slows nothing; the text says what to do.
    """
    compiler = shutil.which("gcc")
    assert compiler, "The bench builds a small library: install gcc, on Debian with apt-get install gcc."
    library = directory / "slow_sync.so"
    options = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([compiler, *options, "-o", library, SOURCE], check=True)
    library.chmod(0o755)
    with preloaded(library):
        assert sync_seconds(directory) > 0.001, "the library that slows syncs down does not"
    return library


@contextmanager
def preloaded(library: Path | None) -> Iterator[None]:
    """Let every process that starts within the block load a library first; None for no library."""
    before = os.environ.get(VARIABLE)
    if library is not None:
        os.environ[VARIABLE] = str(library)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = before


def sync_seconds(directory: Path) -> float:
    """Measure how long a sync of 4 KiB takes on the disk of a directory: the median of fifty."""
    file = directory / "sync"
    finished = subprocess.run([sys.executable, "-c", _SYNC, file], capture_output=True, check=True, text=True)
    file.unlink()
    return statistics.median(map(float, finished.stdout.split()))


def assert_preloaded(pid: int, library: Path) -> None:
    """Make sure that a process has loaded the library."""
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    assert str(library) in maps, f"process {pid} runs without {library}"
