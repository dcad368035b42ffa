"""A small file system of a test's own, that can be filled to the last byte."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILLER = "filler"
_PIECE = 64 * 1024


class SmallDisk:
    """A mounted file system.

    Args:
        directory: where it is mounted.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def fill(self) -> None:
        """Take all the room that is left."""
        with (self.directory / FILLER).open("ab", buffering=0) as filler:
            piece = _PIECE
            while piece:
                try:
                    filler.write(bytes(piece))
                except OSError:
                    piece //= 2

    def free(self) -> None:
        """Give the room back."""
        (self.directory / FILLER).unlink()


@contextmanager
def small_disk(directory: Path, mebibytes: int) -> Iterator[SmallDisk]:
    """Mount a file system in memory and yield it.

    Args:
        directory: where to; an empty directory.
        mebibytes: how much it holds.

    Raises:
        AssertionError: it cannot be mounted; the text says why.
    """
    assert os.geteuid() == 0, "This test mounts a small file system: run it as root."
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", directory],
        capture_output=True,
        text=True,
        check=False,
    )
    assert mounted.returncode == 0, f"This test mounts a small file system: {mounted.stderr}"
    try:
        yield SmallDisk(directory)
    finally:
        subprocess.run(["umount", directory], check=True)
