from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.cli.items import alert, event
from tocsin.cli.columns import ALERTS, EVENTS, field, moment, plain, safe


def test_what_could_harm_a_terminal_is_replaced() -> None:
    assert safe("a\x1b[31mb\nc\td\x9be\u202ef") == "a·[31mb c d·e·f"
    assert safe("Übergröße 日本 👍") == "Übergröße 日本 👍"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "yes"), (False, "no"), (0, "0"), ("x", "x"), ({"a": 1}, "{'a': 1}")],
)
def test_values_become_text(value: object, text: str) -> None:
    assert plain(value) == text


def test_a_field_is_shown_as_it_is_with_its_style() -> None:
    column = field("severity")
    assert column.header == "severity"
    assert column.cell({"severity": "critical"}) == ("critical", "bold red")
    assert column.cell({"severity": "of\x07course"}) == ("of·course", "")
    assert column.cell({}) == ("", "")


def test_a_time_of_today_is_shown_without_its_date() -> None:
    column = moment("time", "when")
    now = datetime.now(UTC)
    assert column.cell({"time": now.isoformat()})[0] == f"{now.astimezone():%H:%M:%S}"
    old = now - timedelta(days=3)
    assert column.cell({"time": old.isoformat()})[0] == f"{old.astimezone():%Y-%m-%d %H:%M}"
    assert column.cell({"time": None})[0] == ""


def test_the_place_of_an_event_is_its_host_and_service() -> None:
    place = next(column for column in EVENTS if column.header == "host/service")
    assert place.cell(event())[0] == "db1/disk"
    assert place.cell(event(service=""))[0] == "db1"
    assert place.cell({})[0] == ""


def test_lists_show_the_ids_that_other_commands_need() -> None:
    assert ("event-000000000001", "") in [column.cell(event()) for column in EVENTS]
    assert ("alert-000000000001", "") in [column.cell(alert()) for column in ALERTS]
