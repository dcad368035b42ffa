import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from tests.unit.cli.command_line import Run
from tests.unit.cli.stores import change
from tocsin.server.first_start import NewDomain
from tocsin.store.tables import account


def password_hash(url: str, name: str) -> str:
    statement = select(account.c.password_hash).where(account.c.name == name)
    return change(url, lambda connection: str(connection.execute(statement).scalar_one()))


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the list of what is typed on a terminal when a password is asked for."""
    answers: list[str] = []

    monkeypatch.setattr("tocsin.cli.commands.user.getpass", lambda prompt: answers.pop(0))
    monkeypatch.setattr("tocsin.cli.commands.user.is_terminal", lambda: True)
    return answers


def test_a_user_is_made_with_a_password_from_standard_input(
    run: Run, made: NewDomain, store_url: str
) -> None:
    ran = run(
        "user", "create", "bob", "--password-stdin", "--database", store_url, given="gehe1m\u00fc\n".encode()
    )
    assert ran.code == 0
    assert ran.document["name"] == "bob"
    assert ran.document["domain_id"] == "default"
    assert "gehe1m" not in ran.out
    assert PasswordHasher().verify(password_hash(store_url, "bob"), "gehe1mü")


def test_a_password_is_asked_for_twice(run: Run, made: NewDomain, store_url: str, typed: list[str]) -> None:
    typed += ["one", "one"]
    assert run("user", "create", "bob", "--database", store_url).code == 0
    assert PasswordHasher().verify(password_hash(store_url, "bob"), "one")


@pytest.mark.parametrize(
    ("answers", "message"),
    [(["one", "two"], "the two passwords are not the same"), ([""], "the password is empty")],
)
def test_a_password_that_is_none_makes_no_user(
    run: Run, typed: list[str], answers: list[str], message: str
) -> None:
    typed += answers
    ran = run("user", "create", "bob")
    assert (ran.code, ran.err) == (2, f"tocsin: {message}\n")


def test_without_a_terminal_the_password_must_come_from_somewhere(run: Run) -> None:
    ran = run("user", "create", "bob", given=b"secret\n")
    assert ran.code == 2
    assert "give it with --password-stdin" in ran.err
    assert (
        run("user", "create", "bob", "--password-stdin").err == "tocsin: no password came on standard input\n"
    )


def test_a_password_that_is_not_typed_or_no_text_makes_no_user(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = run("user", "create", "bob", "--password-stdin", given=b"\xff\n")
    assert (ran.code, ran.err) == (2, "tocsin: the password on standard input is no UTF-8\n")

    def end(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("tocsin.cli.commands.user.getpass", end)
    monkeypatch.setattr("tocsin.cli.commands.user.is_terminal", lambda: True)
    ran = run("user", "create", "bob")
    assert (ran.code, ran.err) == (2, "tocsin: no password was typed\n")


def test_users_are_listed_by_domain(run: Run, made: NewDomain, store_url: str) -> None:
    run("domain", "create", "acme", "--database", store_url)
    run(
        "user", "create", "eve", "--domain", "acme", "--password-stdin", "--database", store_url, given=b"x\n"
    )
    names = [line["name"] for line in run("user", "list", "--domain", "acme", "--database", store_url).lines]
    assert names == ["admin@acme", "eve"]
    assert [line["name"] for line in run("user", "list", "--database", store_url).lines] == ["admin"]
    ran = run("user", "list", "--domain", "nowhere", "--database", store_url)
    assert (ran.code, ran.err) == (1, "tocsin: there is no domain nowhere\n")
