from tests.unit.model.samples import alert
from tocsin.model.alert import AlertState


def test_the_words_for_where_an_alert_stands() -> None:
    assert [state.value for state in AlertState] == ["open", "acknowledged", "resolved"]


def test_an_alert_that_nobody_has_touched_is_neither_acknowledged_nor_resolved() -> None:
    untouched = alert()
    assert (untouched.acknowledged_at, untouched.acknowledged_until, untouched.resolved_at) == (0, 0, 0)
    assert (untouched.acknowledged_by, untouched.acknowledged_comment, untouched.resolved_by) == ("", "", "")
