from pathlib import Path

import pytest

from tests.unit.cli.stores import new_store
from tocsin.cli.failures import CommandError, NoAnswer, UsageError
from tocsin.cli.storage import Store
from tocsin.store.database import sqlite_url
from tocsin.store.directory import domains
from tocsin.store.errors import Conflict


def test_a_store_is_read_and_written(store_url: str) -> None:
    new_store(store_url)
    store = Store(database=store_url)
    assert [domain.id for domain in store.read(domains)] == ["default"]
    assert [domain.id for domain in store.write(domains)] == ["default"]


def test_what_the_store_refuses_is_for_the_person_who_asked(tmp_path: Path) -> None:
    new_store(sqlite_url(tmp_path))

    def refuse(_: object) -> None:
        raise Conflict("the name is taken")

    with pytest.raises(CommandError, match=r"^the name is taken$"):
        Store(data=tmp_path).write(refuse)


def test_a_directory_without_a_store_stays_empty(tmp_path: Path) -> None:
    with pytest.raises(NoAnswer, match=r"there is no store at .*: `tocsin serve` makes one"):
        Store(data=tmp_path / "none").read(domains)
    assert list(tmp_path.iterdir()) == []


def test_settings_are_those_of_the_server(tmp_path: Path) -> None:
    Path("tocsin.toml").write_text('data = "from-file"\nport = 1\n', encoding="utf-8")
    assert Store().settings().data == "from-file"
    assert Store(data=Path("given")).settings().data == "given"
    assert Store(database="postgresql:///x").settings().database_url == "postgresql:///x"
    Path("tocsin.toml").write_text("dta = 1\n", encoding="utf-8")
    with pytest.raises(UsageError, match="dta"):
        Store().settings()
