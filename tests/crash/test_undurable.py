"""A PostgreSQL that loses in a crash what it has committed: Tocsin does not start on it unless told to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.postgresql import PostgreSQL, running_postgresql
from tests.servers.tocsin import Tocsin, running_tocsin


@pytest.fixture(scope="module")
def without_fsync() -> Iterator[str]:
    """Give the URL of an empty database on a PostgreSQL with fsync=off."""
    with running_postgresql(fsync="off") as cluster, cluster.database() as url:
        yield url


@pytest.fixture
def without_synchronous_commit(postgresql: PostgreSQL, postgresql_url: str) -> str:
    """Give the URL of an empty database whose sessions have synchronous_commit=off."""
    name = postgresql_url.rpartition("/")[2]
    postgresql.execute(f"alter database {name} set synchronous_commit = off")
    return postgresql_url


def test_it_refuses_a_postgresql_without_fsync(tmp_path: Path, without_fsync: str) -> None:
    assert_refuses(Tocsin(tmp_path, database=without_fsync), "fsync=off")


def test_it_refuses_a_postgresql_without_synchronous_commit(
    tmp_path: Path, without_synchronous_commit: str
) -> None:
    assert_refuses(Tocsin(tmp_path, database=without_synchronous_commit), "synchronous_commit=off")


def test_it_starts_without_fsync_where_a_flag_allows_it(tmp_path: Path, without_fsync: str) -> None:
    with running_tocsin(tmp_path, database=without_fsync, arguments=["--allow-undurable"]) as server:
        assert server.request("GET", "/readyz").status_code == 200


def test_it_starts_without_synchronous_commit_where_the_environment_allows_it(
    tmp_path: Path, without_synchronous_commit: str
) -> None:
    allowed = {"TOCSIN_ALLOW_UNDURABLE": "true"}
    with running_tocsin(tmp_path, database=without_synchronous_commit, environment=allowed) as server:
        assert server.request("GET", "/readyz").status_code == 200


def assert_refuses(server: Tocsin, setting: str) -> None:
    """Make sure that it ends with 1 and one sentence that names the setting and the way out."""
    server.launch()
    assert server.wait() == 1
    (sentence,) = [line for line in server.output.splitlines() if not line.startswith("{")]
    assert setting in sentence
    assert "a crash would lose events" in sentence
    assert "--allow-undurable" in sentence
