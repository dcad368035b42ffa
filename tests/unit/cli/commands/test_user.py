import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text

from tests.unit.cli.command_line import Run
from tests.unit.cli.stores import change
from tests.unit.client.fake_tocsin import FakeTocsin, Reply
from tocsin.server.first_start import NewDomain
from tocsin.store.tables import account, audit


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


def test_who_comes_by_the_identity_provider_needs_no_password(
    run: Run, made: NewDomain, store_url: str
) -> None:
    assert run("user", "create", "bob", "--no-password", "--database", store_url).code == 0
    assert password_hash(store_url, "bob") == ""


@pytest.mark.parametrize(
    ("answers", "message"),
    [(["one", "two"], "the two passwords are not the same"), ([""], "the password is empty")],
)
def test_a_password_that_is_none_makes_no_user(
    run: Run, made: NewDomain, store_url: str, typed: list[str], answers: list[str], message: str
) -> None:
    typed += answers
    ran = run("user", "create", "bob", "--database", store_url)
    assert (ran.code, ran.err) == (2, f"tocsin: {message}\n")


def test_without_a_terminal_the_password_must_come_from_somewhere(
    run: Run, made: NewDomain, store_url: str
) -> None:
    words = ["user", "create", "bob", "--database", store_url]
    ran = run(*words, given=b"secret\n")
    assert ran.code == 2
    assert "give it with --password-stdin" in ran.err
    assert run(*words, "--password-stdin").err == "tocsin: no password came on standard input\n"


def test_nobody_is_asked_for_a_password_where_there_is_no_store(run: Run, typed: list[str]) -> None:
    ran = run("user", "create", "bob")
    assert ran.code == 4
    assert "there is no store" in ran.err


def test_a_password_that_is_not_typed_or_no_text_makes_no_user(
    run: Run, made: NewDomain, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["user", "create", "bob", "--database", store_url]
    ran = run(*words, "--password-stdin", given=b"\xff\n")
    assert (ran.code, ran.err) == (2, "tocsin: the password on standard input is no UTF-8\n")

    def end(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("tocsin.cli.commands.user.getpass", end)
    monkeypatch.setattr("tocsin.cli.commands.user.is_terminal", lambda: True)
    ran = run(*words)
    assert (ran.code, ran.err) == (2, "tocsin: no password was typed\n")


def test_a_user_belongs_to_a_domain_and_has_a_role(run: Run, made: NewDomain, store_url: str) -> None:
    run("domain", "create", "acme", "--database", store_url)
    words = ["--password-stdin", "--database", store_url]
    assert run("user", "create", "eve", "--domain", "acme", *words, given=b"x\n").code == 0
    assert run("user", "create", "bob", "--role", "operator", *words, given=b"x\n").code == 0
    names = "select a.name, a.domain_id, r.name, r.domain_id = a.domain_id from account a, role r"
    rows = change(
        store_url,
        lambda connection: connection.execute(
            text(f"{names} where r.id = a.role_id and a.name in ('eve', 'bob') order by a.name")
        ).all(),
    )
    assert [(row[0], row[2], bool(row[3])) for row in rows] == [
        ("bob", "operator", True),
        ("eve", "viewer", True),
    ]
    for option, name in (("--domain", "domain"), ("--role", "role")):
        ran = run("user", "create", "ann", option, "nowhere", *words, given=b"x\n")
        assert (ran.code, ran.err) == (1, f"tocsin: there is no {name} nowhere\n")


def test_what_is_made_on_the_store_is_in_the_audit_log(run: Run, made: NewDomain, store_url: str) -> None:
    run("user", "create", "bob", "--password-stdin", "--database", store_url, given=b"s3cret\n")
    run("token", "create", "--user", "bob", "--database", store_url)
    rows = change(store_url, lambda connection: connection.execute(select(audit)).all())
    assert [(row.action, row.via) for row in rows][-2:] == [
        ("user.create", "command line"),
        ("token.create", "command line"),
    ]
    assert [row.via for row in rows][:-2] == ["first start"] * 3
    assert "s3cret" not in str(rows)


USER = {"id": "user-1", "name": "ann", "role": "viewer", "disabled": False, "created_at": None}


def test_users_are_listed_by_the_server(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/users", {"items": [USER]})
    assert run("user", "list").lines == [USER]
    assert run("user", "list", "-o", "table").out.splitlines()[1].split()[:3] == ["ann", "viewer", "no"]


@pytest.mark.parametrize(
    ("words", "document"),
    [
        (["change", "ann", "--role", "operator", "--name", "anna"], {"role": "operator", "name": "anna"}),
        (["change", "ann", "--no-password"], {"password": None}),
        (["change", "ann", "--password-stdin"], {"password": "s3cret"}),
        (["disable", "ann"], {"disabled": True}),
        (["enable", "ann"], {"disabled": False}),
    ],
)
def test_a_user_is_changed_by_the_server(
    run: Run, tocsin: FakeTocsin, words: list[str], document: object
) -> None:
    tocsin.answer("PATCH", "/users/ann", USER)
    assert run("user", *words, given=b"s3cret\n").document == USER
    assert tocsin.seen[-1].document == document


def test_a_new_password_is_asked_for_on_a_terminal(run: Run, tocsin: FakeTocsin, typed: list[str]) -> None:
    tocsin.answer("PATCH", "/users/ann", USER)
    typed += ["one", "one"]
    assert run("user", "change", "ann", "--password").code == 0
    assert tocsin.seen[-1].document == {"password": "one"}


def test_a_user_is_deleted_by_the_server(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("DELETE", "/users/ann", Reply(status=204))
    assert run("user", "delete", "ann").code == 0
