from tests.unit.cli.command_line import Run
from tests.unit.cli.stores import change, known
from tocsin.server.first_start import NewDomain
from tocsin.store import directory
from tocsin.store.digest import digest


def test_a_domain_is_made_with_its_administrator(run: Run, made: NewDomain, store_url: str) -> None:
    ran = run("domain", "create", "acme", "--database", store_url, "--output", "json")
    assert (ran.code, list(ran.document)) == (0, ["id", "admin", "token"])
    assert ran.document["admin"] == "admin@acme"
    _, account = known(store_url).tokens[digest(ran.document["token"])]
    assert (account.name, account.domain_id) == ("admin@acme", ran.document["id"])
    projects = change(store_url, lambda connection: directory.projects(connection, ran.document["id"]))
    assert [project.name for project in projects] == ["default"]


def test_a_foreign_id_is_kept(run: Run, made: NewDomain, store_url: str) -> None:
    assert run("domain", "create", "acme", "--id", "d-7", "--database", store_url).document["id"] == "d-7"
    ran = run("domain", "create", "other", "--id", "d-7", "--database", store_url)
    assert (ran.code, ran.err) == (1, "tocsin: a domain with the id d-7 exists already\n")
    assert run("domain", "create", "acme", "--database", store_url).code == 1


def test_domains_are_listed(run: Run, made: NewDomain, store_url: str) -> None:
    run("domain", "create", "acme", "--id", "d-7", "--database", store_url)
    ran = run("domain", "list", "--database", store_url)
    assert [(line["id"], line["name"]) for line in ran.lines] == [("default", "default"), ("d-7", "acme")]
    assert all(line["created_at"].endswith("Z") for line in ran.lines)
