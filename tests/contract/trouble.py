"""Real trouble with a store, that comes and goes."""

import resource
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.postgresql import PostgreSQL


class Trouble(ABC):
    """Something that keeps a store from writing."""

    @abstractmethod
    def begin(self) -> None:
        """Let it come."""

    @abstractmethod
    def end(self) -> None:
        """Let it go."""

    @contextmanager
    def lasting(self) -> Iterator[None]:
        """Let it last for the length of a block."""
        self.begin()
        try:
            yield
        finally:
            self.end()


class FullDisk(Trouble):
    """SQLite's log cannot grow: no file of this process may become larger than the log is now.

    Args:
        database: SQLite's file.
    """

    def __init__(self, database: Path) -> None:
        self._log = database.with_name(f"{database.name}-wal")
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def begin(self) -> None:
        """Let it come."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._log.stat().st_size, self._limits[1]))

    def end(self) -> None:
        """Let it go."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)


class ClosedDatabase(Trouble):
    """PostgreSQL ends every connection to a database and takes no new one.

    Args:
        cluster: the server.
        name: the database.
    """

    def __init__(self, cluster: PostgreSQL, name: str) -> None:
        self._cluster = cluster
        self._name = name

    def begin(self) -> None:
        """Let it come."""
        self._cluster.execute(f"alter database {self._name} allow_connections false")
        self._cluster.execute(
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{self._name}'"
        )

    def end(self) -> None:
        """Let it go."""
        self._cluster.execute(f"alter database {self._name} allow_connections true")
