from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.cli.command_line import Run
from tests.unit.cli.stores import known, new_store
from tests.unit.client.fake_tocsin import FakeTocsin, Reply
from tocsin.server.first_start import NewDomain
from tocsin.store.database import sqlite_url
from tocsin.store.digest import digest

TOKEN = {
    "id": "token-1",
    "name": "laptop",
    "user_id": "user-1",
    "created_at": "2026-01-01T12:00:00.000000Z",
    "expires_at": None,
}


def test_a_token_is_made_on_the_store(run: Run, made: NewDomain, store_url: str) -> None:
    ran = run("token", "create", "--user", "admin", "--database", store_url, "--output", "json")
    assert (ran.code, list(ran.document)) == (0, ["token"])
    token, account = known(store_url).tokens[digest(ran.document["token"])]
    assert (account.name, token.name, token.expires_at) == ("admin", "command line", 0)


def test_a_token_can_have_a_name_and_an_end(run: Run, made: NewDomain, store_url: str) -> None:
    words = ["--user", "admin", "--name", "laptop", "--expires", "30d"]
    ran = run("token", "create", *words, "--database", store_url)
    token, _ = known(store_url).tokens[digest(ran.document["token"])]
    left = datetime.fromtimestamp(token.expires_at / 1_000_000, UTC) - datetime.now(UTC)
    assert token.name == "laptop"
    assert abs(left - timedelta(days=30)) < timedelta(minutes=1)


def test_the_data_is_found_by_option_by_environment_and_here(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    new_store(sqlite_url(tmp_path / "data"))
    assert run("token", "create", "--user", "admin").code == 0
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert run("token", "create", "--user", "admin").code == 4
    assert run("token", "create", "--user", "admin", "--data", "../data").code == 0
    monkeypatch.setenv("TOCSIN_DATA", "../data")
    assert run("token", "create", "--user", "admin").code == 0
    monkeypatch.setenv("TOCSIN_DATABASE", sqlite_url(tmp_path / "nowhere"))
    assert run("token", "create", "--user", "admin").code == 4


def test_a_user_that_there_is_not_is_a_failure(run: Run, made: NewDomain, store_url: str) -> None:
    ran = run("token", "create", "--user", "nobody", "--database", store_url)
    assert (ran.code, ran.out, ran.err) == (1, "", "tocsin: there is no user nobody\n")


def test_tokens_are_listed_by_the_server(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/tokens", {"items": [TOKEN]})
    assert run("token", "list").lines == [TOKEN]
    assert run("token", "list", "-o", "table").out.splitlines()[1].split()[:2] == ["laptop", "user-1"]


def test_a_token_is_revoked_by_the_server(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("DELETE", "/tokens/token-1", Reply(status=204))
    ran = run("token", "revoke", "token-1")
    assert (ran.code, ran.out) == (0, "")
