from tests.unit.cli.command_line import Run
from tests.unit.client.fake_tocsin import FakeTocsin

ENTRY = {
    "seq": 14,
    "recorded_at": "2026-01-01T12:00:00.000000Z",
    "author": "admin",
    "via": "token-1",
    "action": "role.change",
    "subject": "role",
    "subject_id": "role-1",
    "subject_name": "shop",
    "details": {"before": {"scope": "a"}, "after": {"scope": "b"}},
}


def test_the_audit_log_is_searched(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/audit", {"items": [ENTRY], "next": None})
    assert run("audit", "action:role.*", "-author:bob").lines == [ENTRY]
    assert tocsin.seen[-1].parameters["q"] == "action:role.* -author:bob"
    shown = run("audit", "-o", "table").out.splitlines()[1]
    assert shown.split()[-4:] == ["admin", "role.change", "shop", "role-1"]


def test_nothing_that_matches_is_a_failure(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", "/audit", {"items": [], "next": None})
    assert run("audit").code == 1
