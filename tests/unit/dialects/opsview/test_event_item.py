from collections.abc import Collection
from typing import Any

import pytest

from tests.unit.dialects.opsview.worlds import WORLD
from tests.unit.query.records import event
from tocsin.dialects.opsview.event_item import EVENT_TYPES, event_item
from tocsin.model.signal import Kind

AT = 1_248_858_348

COMMON = {
    "eventid": "9373",
    "objectid": "194",
    "time": str(AT),
    "hostname": "web",
    "servicename": "Check Loadavg",
    "state": "ok",
    "state_type": "hard",
}
OUTPUT = {"output": "OK - load average: 1.53", "markdown": "0"}
BY = {"author": "admin", "comment": "Offline for repairs"}
DOWNTIME = {"downtime_author": "admin", "downtime_comment": "Offline for repairs"}
FOUND = {"host_group": "Tocsin,Discovered,", "host_group_id": "2"}
WINDOW = {"downtime_start": str(AT), "downtime_end": str(AT + 60)}


def shown(kind: Kind, columns: Collection[str] = (), **values: Any) -> dict[str, str]:
    return event_item(
        event(
            **{
                "kind": kind,
                "seq": 9373,
                "object_id": 194,
                "time": AT * 1_000_000 + 999_999,
                "host": "web",
                "service": "Check Loadavg",
                "state": "ok",
                "state_type": "hard",
                "output": "OK - load average: 1.53",
                "markdown": False,
                **values,
            }
        ),
        columns,
        WORLD.hearing({9: "db"}),
    )


@pytest.mark.parametrize(
    ("kind", "values", "more"),
    [
        (Kind.CHECK_RESULT, {}, {"eventtype": "0", **OUTPUT}),
        (Kind.PROBLEM, {"markdown": True}, {"eventtype": "0", **OUTPUT, "markdown": "1"}),
        (Kind.RECOVERY, BY, {"eventtype": "0", **OUTPUT}),
        (Kind.INFO, {}, {"eventtype": "0", **OUTPUT}),
        (Kind.ERROR, {}, {"eventtype": "0", **OUTPUT}),
        (
            Kind.ACKNOWLEDGEMENT,
            {"author": "admin", "comment": "Due to: power failure"},
            {"eventtype": "1", "ack_author": "admin", "ack_comment": "Due to: power failure"},
        ),
        (
            Kind.DOWNTIME_START,
            {**BY, "window_start": AT * 1_000_000, "window_end": (AT + 60) * 1_000_000},
            {"eventtype": "2", **OUTPUT, **DOWNTIME, **WINDOW},
        ),
        (
            Kind.DOWNTIME_END,
            {**BY, "window_start": 0, "window_end": 0},
            {"eventtype": "3", **OUTPUT, **DOWNTIME},
        ),
    ],
)
def test_each_kind_has_its_keys(kind: Kind, values: dict[str, Any], more: dict[str, str]) -> None:
    assert shown(kind, **values) == {**COMMON, **more}


def test_an_event_of_a_host_names_no_service() -> None:
    assert "servicename" not in shown(Kind.CHECK_RESULT, service="")


@pytest.mark.parametrize(
    ("values", "output"),
    [
        ({"output": "", "description": "long", "title": "short"}, "long"),
        ({"output": "", "description": "", "title": "short"}, "short"),
        ({"output": "", "description": "", "title": ""}, ""),
    ],
)
def test_who_sends_no_output_is_shown_by_what_they_say(values: dict[str, Any], output: str) -> None:
    assert shown(Kind.PROBLEM, **values)["output"] == output


def test_notes_and_the_end_of_acknowledgements_are_not_listed() -> None:
    assert set(Kind) - set(EVENT_TYPES) == {Kind.NOTE, Kind.ACKNOWLEDGEMENT_END}


@pytest.mark.parametrize(
    ("number", "columns", "more"),
    [
        (
            2,
            ("host_group", "host_group_id"),
            {"host_group": "Tocsin,Berlin,Racks,", "host_group_id": "12"},
        ),
        (1, ("alias", "ip"), {"alias": "the shop", "ip": "10.0.0.1"}),
        (2, ("htid", "bcid", "bsid"), {"htid": "41", "bcid": "51", "bsid": "61"}),
        (3, ("htid", "bcid", "bsid"), {}),
        (1, ("htid",), {}),
        (9, ("host_group_id", "alias"), {"host_group_id": "13", "alias": ""}),
        (194, ("host_group", "host_group_id", "alias"), FOUND),
        (1, ("hostname", "nope", "markdown_filter"), {}),
    ],
)
def test_columns_say_what_is_configured(number: int, columns: tuple[str, ...], more: dict[str, str]) -> None:
    common = shown(Kind.CHECK_RESULT, object_id=number)
    assert shown(Kind.CHECK_RESULT, columns, object_id=number) == {**common, **more}
