"""Trees about events as they are seen, asked of events as they were recorded."""

import pytest

from tocsin.model.mark import Mark, Marks
from tocsin.query.fields import ALERT_FIELDS, AUDIT_FIELDS, EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.marked import recorded, visible
from tocsin.query.render import render
from tocsin.query.tree import All, Expression, Not, Or, one_of

MARKS = Marks([Mark("d", 2, merged_into=1), Mark("d", 3, project_id="p"), Mark("d", 4, deleted_at=9)])
ONE, TWO = "alert-000000000001", "alert-000000000002"


def tree(text: str) -> Expression:
    return parse(text, EVENT_FIELDS, 0)


@pytest.mark.parametrize(
    ("seen", "asked"),
    [
        (f"alert_id={ONE}", one_of(EVENT_FIELDS.by_name["alert_id"], [1, 2])),
        (f"-alert_id={ONE} key:a", tree(f"-(alert_id={ONE} OR alert_id={TWO}) key:a")),
        (f"alert_id={TWO}", Or(())),
        ("severity=critical OR key:a", tree("severity=critical OR key:a")),
        ("project_id=p", tree("(project_id=p -alert_id=alert-000000000003) OR alert_id=alert-000000000003")),
    ],
)
def test_alerts_and_projects_are_those_with_which_events_were_recorded(seen: str, asked: Expression) -> None:
    found = recorded(tree(seen), MARKS)
    assert found == asked, render(found)


def test_what_nobody_sees_is_left_out() -> None:
    assert visible(EVENT_FIELDS, MARKS) == Not(one_of(EVENT_FIELDS.by_name["alert_id"], [4]))
    assert visible(ALERT_FIELDS, MARKS) == Not(one_of(ALERT_FIELDS.by_name["id"], [2, 4]))
    assert visible(AUDIT_FIELDS, MARKS) == visible(EVENT_FIELDS, Marks()) == All()
