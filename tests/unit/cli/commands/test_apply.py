from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.command_line import Run
from tests.unit.cli.items import role, route, silence, source, target, user
from tests.unit.client.fake_tocsin import FakeTocsin, Reply, problem

URL = "https://pager.example.com/hooks/s3cret"
SECRET = "whsec_" + "A" * 44


@pytest.fixture
def standing(tocsin: FakeTocsin) -> FakeTocsin:
    """Give a server that has one thing of each kind."""
    tocsin.answer("GET", "/projects", {"items": [{"id": "default", "name": "main"}]})
    tocsin.answer("GET", "/sources", {"items": [source(options={"rate_limit": 5})]})
    tocsin.answer("GET", "/targets", {"items": [target()]})
    tocsin.answer("GET", "/targets/pager", target(url=URL, secret=SECRET))
    tocsin.answer("GET", "/routes", {"items": [route()]})
    lasting = silence(starts_at="2026-01-01T12:00:00.000000Z", ends_at="2099-01-01T14:00:00.000000Z")
    waiting = lasting | {"expression": "waiting", "starts_at": "2098-01-01T12:00:00.000000Z"}
    tocsin.answer(
        "GET",
        "/silences",
        {"items": [lasting, waiting, lasting | {"state": "expired", "expression": "over"}]},
    )
    tocsin.answer("GET", "/roles", {"items": [role()]})
    tocsin.answer("GET", "/users", {"items": [user()]})
    return tocsin


def applied(run: Run, folder: Path, text: str, *words: str) -> Any:
    file = folder / "it.yaml"
    file.write_text(text, encoding="utf-8")
    return run("apply", "-f", str(file), *words)


def sent(tocsin: FakeTocsin) -> list[tuple[str, str, Any]]:
    """Give what was sent to change something."""
    return [
        (each.method, each.path.removeprefix("/api/v1"), each.document)
        for each in tocsin.seen
        if each.method != "GET"
    ]


def test_what_is_missing_is_made_and_what_differs_is_changed(
    run: Run, standing: FakeTocsin, tmp_path: Path
) -> None:
    standing.answer("POST", "/sources", Reply(source(), 201))
    standing.answer("PATCH", "/targets/pager", target())
    standing.answer("POST", "/routes", Reply(route(), 201))
    text = f"""
routes:
  - {{name: day, expression: "host:db*", targets: [pager]}}
sources:
  - {{name: fresh, project: main, enabled: false}}
  - {{name: zabbix, format: victorops, project: main, options: {{rate_limit: 5, warning_opens: true}}}}
targets:
  - {{name: pager, url: "{URL}", options: {{timeout: 3}}}}
"""
    ran = applied(run, tmp_path, text)
    assert [tuple(each.values()) for each in ran.lines] == [
        ("create", "source", "fresh", ["project", "enabled"]),
        ("keep", "source", "zabbix", []),
        ("change", "target", "pager", ["options"]),
        ("create", "route", "day", ["expression", "targets"]),
    ]
    assert sent(standing) == [
        ("POST", "/sources", {"name": "fresh", "project_id": "main", "enabled": False}),
        ("PATCH", "/targets/pager", {"options": {"timeout": 3}}),
        ("POST", "/routes", {"name": "day", "expression": "host:db*", "targets": ["pager"]}),
    ]
    assert "s3cret" not in ran.out


@pytest.mark.parametrize("targets", ["[pager]", "[target-1]"])
def test_what_is_so_already_is_kept(run: Run, standing: FakeTocsin, tmp_path: Path, targets: str) -> None:
    text = f"""
targets: [{{name: pager, kind: webhook, url: "{URL}", secret: {SECRET}, options: {{timeout: 10}}}}]
routes: [{{name: night, expression: severity>=error, position: 1, targets: {targets}, enabled: true}}]
"""
    ran = applied(run, tmp_path, text)
    assert ran.code == 0
    assert [each["action"] for each in ran.lines] == ["keep", "keep"]
    assert sent(standing) == []


def test_of_sources_with_one_name_the_project_says_which(
    run: Run, standing: FakeTocsin, tmp_path: Path
) -> None:
    standing.answer(
        "GET", "/projects", {"items": [{"id": "default", "name": "main"}, {"id": "w", "name": "web"}]}
    )
    twins = [source(), source(id="source-2", project_id="w")]
    standing.answer("GET", "/sources", {"items": twins})
    standing.answer("PATCH", "/sources/source-2", twins[1])
    text = """
sources: [{name: zabbix, project: main, enabled: true}, {name: zabbix, project: web, enabled: false}]
"""
    ran = applied(run, tmp_path, text)
    assert [each["action"] for each in ran.lines] == ["keep", "change"]
    assert sent(standing) == [("PATCH", "/sources/source-2", {"enabled": False})]
    ran = applied(run, tmp_path, "sources: [{name: zabbix}]")
    assert "it.yaml:1: sources[0]: several projects have a zabbix: say which one's" in ran.err


@pytest.mark.parametrize(
    "text",
    [
        "silences: [{expression: host:web-*, ends_at: 2099-01-01T14:00:00Z, comment: moving}]",
        # It began when it was made, since that was later than the file says.
        "silences: [{expression: host:web-*, ends_at: 2099-01-01T14:00:00Z, starts_at: 2020-01-01 0:00:00}]",
        "silences: [{expression: waiting, ends_at: 2099-01-01T14:00:00Z, starts_at: 2098-01-01T12:00:00Z}]",
        "silences: [{expression: nobody had it, ends_at: 2020-01-01T14:00:00Z}]",
        "roles: [{name: on-call, permissions: [ACTIONSOME, VIEWALL], scope: 'host:db*'}]",
        "users: [{name: ann, role: on-call, disabled: false}]",
        "users: [{name: ann, role: role-1}]",
    ],
)
def test_so_it_is_with_silences_roles_and_users(
    run: Run, standing: FakeTocsin, tmp_path: Path, text: str
) -> None:
    ran = applied(run, tmp_path, text)
    assert (ran.code, [each["action"] for each in ran.lines]) == (0, ["keep"]), ran.err
    assert sent(standing) == []


def test_silences_roles_and_users_are_made_and_changed(
    run: Run, standing: FakeTocsin, tmp_path: Path
) -> None:
    standing.answer("POST", "/silences", Reply(silence(), 201))
    standing.answer("POST", "/roles", Reply(role(), 201))
    standing.answer("PATCH", "/users/ann", user())
    text = """
users: [{name: ann, role: night watch, disabled: true}]
roles: [{name: night watch, permissions: [VIEWALL]}]
silences:
  - {expression: over, ends_at: 2099-01-01T14:00:00Z}
  - {expression: host:web-*, ends_at: 2099-01-01T16:00:00Z, starts_at: 2098-01-01T16:00:00Z, comment: again}
"""
    ran = applied(run, tmp_path, text)
    assert [tuple(each.values()) for each in ran.lines] == [
        ("create", "silence", "over until 2099-01-01T14:00:00Z", ["expression", "ends_at"]),
        (
            "create",
            "silence",
            "host:web-* until 2099-01-01T16:00:00Z",
            ["expression", "ends_at", "starts_at", "comment"],
        ),
        ("create", "role", "night watch", ["permissions"]),
        ("change", "user", "ann", ["role", "disabled"]),
    ]
    assert sent(standing) == [
        ("POST", "/silences", {"expression": "over", "ends_at": "2099-01-01T14:00:00Z"}),
        (
            "POST",
            "/silences",
            {
                "expression": "host:web-*",
                "ends_at": "2099-01-01T16:00:00Z",
                "starts_at": "2098-01-01T16:00:00Z",
                "comment": "again",
            },
        ),
        ("POST", "/roles", {"name": "night watch", "permissions": ["VIEWALL"]}),
        ("PATCH", "/users/ann", {"role": "night watch", "disabled": True}),
    ]


def test_who_may_not_see_users_applies_a_file_without_any(
    run: Run, standing: FakeTocsin, tmp_path: Path
) -> None:
    for path in ("/users", "/roles"):
        standing.answer("GET", path, problem(403, "you may not", "forbidden"))
    assert applied(run, tmp_path, "routes: [{name: night}]").code == 0
    assert applied(run, tmp_path, "users: [{name: ann}]").code == 3


def test_a_dry_run_says_all_and_does_nothing(run: Run, standing: FakeTocsin, tmp_path: Path) -> None:
    text = "routes: [{name: night, enabled: false}, {name: day}]"
    ran = applied(run, tmp_path, text, "--dry-run", "-o", "table")
    assert [line.split() for line in ran.out.splitlines()[1:]] == [
        ["change", "route", "night", "enabled"],
        ["create", "route", "day"],
    ]
    assert sent(standing) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("targets:\n - name: new\n   kind: webhook", "it.yaml:2: targets[0]: url is needed to make new"),
        (
            "sources:\n - name: zabbix\n   format: auto",
            "it.yaml:3: sources[0].format: zabbix has victorops, which cannot be changed",
        ),
        (
            "silences:\n - expression: host:web-*\n   ends_at: 2099-01-01T14:00:00Z\n   comment: other",
            "it.yaml:4: silences[0].comment: host:web-* until 2099-01-01T14:00:00Z has moving, which cannot",
        ),
        (
            "sources:\n - name: fresh\n   project: nowhere",
            "it.yaml:3: sources[0].project: there is no project nowhere",
        ),
        (
            "sources: [{name: fresh}]\nusers:\n - name: ann\n   role: nobody",
            "it.yaml:4: users[0].role: there is no role nobody",
        ),
        ("users:\n - name: ben\n   role: nobody", "it.yaml:3: users[0].role: there is no role nobody"),
        ("roles:\n - name: new", "it.yaml:2: roles[0]: permissions is needed to make new"),
        (
            "roles:\n - name: on-call\n   permissions: [VIEWSOME]\n   scope: ''",
            "it.yaml:4: roles[0].scope: ",
        ),
    ],
)
def test_what_cannot_be_done_is_told_before_anything_is(
    run: Run, standing: FakeTocsin, tmp_path: Path, text: str, said: str
) -> None:
    ran = applied(run, tmp_path, f"{text}\nroutes: [{{name: day}}]")
    assert ran.code == 2
    assert said in ran.err
    assert sent(standing) == []


@pytest.mark.parametrize("words", [(), ("--dry-run",), ("--prune",)])
@pytest.mark.parametrize("name", ["night", "day"])
def test_a_name_of_nothing_is_told_with_its_line_before_anything_is_done(
    run: Run, standing: FakeTocsin, tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    text = f"""
sources: [{{name: fresh}}]
targets: [{{name: chat, kind: webhook, url: "{URL}"}}]
routes:
  - name: {name}
    targets:
      - chat
      - target-1
      - nowhere
"""
    ran = applied(run, tmp_path, text, *words)
    assert (ran.code, ran.out) == (2, "")
    assert "it.yaml:9: routes[0].targets[2]: there is no target nowhere" in ran.err
    assert sent(standing) == []


def test_what_is_named_can_be_made_by_the_same_file(run: Run, standing: FakeTocsin, tmp_path: Path) -> None:
    text = f"""
users: [{{name: ben, role: night watch}}]
roles: [{{name: night watch, permissions: [VIEWALL]}}]
routes: [{{name: day, targets: [chat]}}]
targets: [{{name: chat, kind: webhook, url: "{URL}"}}]
"""
    ran = applied(run, tmp_path, text, "--dry-run")
    assert (ran.code, [each["name"] for each in ran.lines]) == (0, ["chat", "day", "night watch", "ben"])


def test_a_user_whose_role_is_gone_stays_so(run: Run, standing: FakeTocsin, tmp_path: Path) -> None:
    standing.answer("GET", "/users", {"items": [user(role="", role_id="")]})
    ran = applied(run, tmp_path, "users: [{name: ann, role: ''}]")
    assert (ran.code, [each["action"] for each in ran.lines]) == (0, ["keep"])


def test_what_the_server_refuses_has_its_line(run: Run, standing: FakeTocsin, tmp_path: Path) -> None:
    standing.answer("POST", "/routes", problem(400, "position: expected less", "bad_input"))
    ran = applied(run, tmp_path, "routes:\n - name: day\n   position: 9999999")
    assert ran.code == 2
    assert "it.yaml:2: routes[0]: position: expected less" in ran.err


def test_whoever_may_not_is_told_so(run: Run, standing: FakeTocsin, tmp_path: Path) -> None:
    standing.answer("POST", "/routes", problem(403, "you may not", "forbidden"))
    assert applied(run, tmp_path, "routes: [{name: day}]").code == 3


def test_a_file_comes_from_standard_input_too(run: Run, standing: FakeTocsin) -> None:
    ran = run("apply", "-f", "-", "--dry-run", given=b"routes: [{name: day}]")
    assert [each["name"] for each in ran.lines] == ["day"]


MONITORED = """\
host_groups:
  - name: UK
hosts:
  - name: web
    group: UK
  - name: db
    group: EU
"""
CREATED = {"action": "create", "kind": "host", "name": "web", "fields": ["group"]}


def asked(tocsin: FakeTocsin) -> list[tuple[str, str]]:
    """Give what was said beside the document with each change of what is monitored."""
    return [
        (each.parameters["prune"], each.parameters["dry_run"])
        for each in tocsin.seen
        if each.method == "PATCH"
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], [("false", "true"), ("false", "false")]),
        (["--prune"], [("true", "true"), ("true", "false")]),
        (["--prune", "--dry-run"], [("true", "true")]),
    ],
)
def test_what_is_monitored_is_tried_before_it_is_changed(
    run: Run, standing: FakeTocsin, tmp_path: Path, words: list[str], said: list[tuple[str, str]]
) -> None:
    standing.answer("PATCH", "/world", {"items": [CREATED]})
    ran = applied(run, tmp_path, MONITORED, *words)
    assert ran.lines == [CREATED]
    assert asked(standing) == said
    assert standing.last.document == {
        "host_groups": [{"name": "UK", "groups": []}],
        "hosts": [{"name": "web", "group": "UK"}, {"name": "db", "group": "EU"}],
    }


def test_a_mistake_in_what_is_monitored_is_told_with_its_line_before_anything_is_done(
    run: Run, standing: FakeTocsin, tmp_path: Path
) -> None:
    wrong = [{"pointer": "/hosts/1/group", "detail": "there is no hostgroup called EU"}]
    standing.answer("PATCH", "/world", problem(400, "hosts.1.group: there is none", errors=wrong))
    ran = applied(run, tmp_path, f"{MONITORED}sources:\n  - {{name: fresh}}\n")
    assert ran.code == 2
    assert "it.yaml:7: hosts[1].group: there is no hostgroup called EU" in ran.err
    assert [path for _, path, _ in sent(standing)] == ["/world"]
    standing.answer("PATCH", "/world", problem(400, "the host web is named by the host db"))
    ran = applied(run, tmp_path, MONITORED, "--prune")
    assert (ran.code, "the host web is named by the host db" in ran.err) == (1, True)
