import pytest

from tests.unit.cli.command_line import Run
from tests.unit.client.fake_tocsin import FakeTocsin, Reply

SHOP = {"id": "role-1", "name": "shop", "permissions": ["VIEWSOME", "ACTIONSOME"], "scope": "project:shop"}


def test_roles_are_listed(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/roles", {"items": [SHOP]})
    assert run("role", "list").lines == [SHOP]
    shown = run("role", "list", "-o", "table").out.splitlines()[1]
    assert shown.split() == ["shop", "VIEWSOME", "ACTIONSOME", "project:shop", "role-1"]


def test_a_role_is_made(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/roles", SHOP)
    words = ["--permission", "VIEWSOME", "--permission", "ACTIONSOME", "--scope", "project:shop"]
    assert run("role", "create", "shop", *words).document == SHOP
    wanted = {name: value for name, value in SHOP.items() if name != "id"}
    assert tocsin.seen[-1].document == wanted


@pytest.mark.parametrize(
    ("words", "document"),
    [
        (["--name", "web"], {"name": "web"}),
        (["--permission", "VIEWALL", "--scope", ""], {"permissions": ["VIEWALL"], "scope": ""}),
    ],
)
def test_a_role_is_changed(run: Run, tocsin: FakeTocsin, words: list[str], document: object) -> None:
    tocsin.answer("PATCH", "/roles/a%2Fb", SHOP)
    assert run("role", "change", "a/b", *words).code == 0
    assert tocsin.seen[-1].document == document


def test_a_change_of_nothing_is_a_mistake(run: Run) -> None:
    for command in ("role", "user"):
        ran = run(command, "change", "x")
        assert ran.code == 2
        assert ran.err.startswith("tocsin: there is nothing to change: --name")


def test_a_role_is_deleted(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("DELETE", "/roles/shop", Reply(status=204))
    assert run("role", "delete", "shop").code == 0
