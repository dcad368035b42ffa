from tests.unit.cli.command_line import Run
from tests.unit.client.fake_tocsin import FakeTocsin, Reply, problem

PROJECT = {"id": "project-1", "name": "web", "created_at": "2026-01-01T12:00:00.000000Z"}


def test_projects_are_listed(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/projects", {"items": [PROJECT]})
    assert run("project", "list").lines == [PROJECT]
    assert run("project", "list", "-o", "table").out.splitlines()[1].split()[:2] == ["web", "project-1"]


def test_a_new_project_is_told_by_its_id(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/projects", Reply(PROJECT, 201))
    assert run("project", "create", "web", "--output", "json").out == '{"id": "project-1"}\n'
    assert tocsin.last.document == {"name": "web"}
    run("project", "create", "web", "--id", "p-7")
    assert tocsin.last.document == {"name": "web", "id": "p-7"}


def test_a_name_that_is_taken_is_a_failure(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/projects", problem(409, "a project named web exists already", "conflict"))
    ran = run("project", "create", "web")
    assert (ran.code, ran.err) == (1, "tocsin: a project named web exists already\n")
