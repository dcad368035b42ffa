"""Silences of one alert."""

from tocsin.model.silence import snooze_of
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.tree import Comparison, Operator


def test_a_snooze_asks_for_one_alert() -> None:
    asked = Comparison(EVENT_FIELDS.by_name["alert_id"], Operator.EQUAL, 26)
    assert parse(snooze_of(26), EVENT_FIELDS, 0) == asked
