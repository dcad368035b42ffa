"""A store on SQLite belongs to one server: two would each send what is due, and not hear of each other."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tocsin.store.address import parse_address


class AlreadyServed(OSError):
    """Another server is at work on the same store."""


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Hold a store for the length of a block, so that no other server starts on it. Commands may use it.

    The operating system lets go of it when the process ends, however that happens.

    Args:
        url: of the store. PostgreSQL's serve any number of nodes, and are not held.

    Raises:
        AlreadyServed: another server has it.
        OSError: there is no such directory, or nobody may write there.
        ValueError: the URL is none.
    """
    address = parse_address(url)
    file = address.database
    if address.get_backend_name() != "sqlite" or not file:
        yield
        return
    lock = os.open(Path(file).with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyServed(
                f"another Tocsin serves {file}: a store on SQLite belongs to one process. Stop that one, or"
                " choose another directory with --data; several can share a PostgreSQL"
            ) from None
        yield
    finally:
        os.close(lock)
