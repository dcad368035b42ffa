import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.dialects.opsview.worlds import WORLD
from tests.unit.query.records import event
from tocsin.dialects.opsview.errors import OpsviewError
from tocsin.dialects.opsview.event_query import asked_for
from tocsin.dialects.opsview.parameters import of_form
from tocsin.model.signal import Kind
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.predicate import compile_predicate

SECOND = 1_000_000
AT = 1_320_172_999
"""2011-11-01 18:43:19 UTC."""

DEFAULTS: dict[str, Any] = {"host": "web", "kind": Kind.CHECK_RESULT, "time": AT * SECOND}
GIVEN: dict[str, dict[str, Any]] = {
    "disk": {
        "service": "Disk",
        "state": "critical",
        "state_type": "hard",
        "output": "DISK 99% full",
        "title": "unseen",
    },
    "load": {
        "service": "Load",
        "state": "ok",
        "state_type": "soft",
        "output": "",
        "description": "Load is low",
        "title": "unseen",
    },
    "host": {"service": "", "state": "down", "state_type": "hard", "output": "PING lost", "host": "DB"},
    "up": {
        "service": "",
        "state": "up",
        "state_type": "hard",
        "output": "",
        "description": "",
        "title": "Alive",
    },
    "late": {"service": "Disk", "state": "unknown", "time": (AT + 1) * SECOND + 999_999, "output": "?"},
    "ack": {"kind": Kind.ACKNOWLEDGEMENT, "service": "Disk", "state": "critical"},
    "down": {"kind": Kind.DOWNTIME_START, "service": "", "state": "down"},
    "end": {"kind": Kind.DOWNTIME_END, "service": "", "state": "up"},
    "note": {"kind": Kind.NOTE, "service": "Disk", "state": "critical"},
    "unack": {"kind": Kind.ACKNOWLEDGEMENT_END, "service": "Disk", "state": "critical"},
}
EVENTS = {name: event(**{**DEFAULTS, **values}) for name, values in GIVEN.items()}
CHANGES = ["disk", "load", "host", "up", "late"]


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the server be in Berlin, an hour ahead of UTC in November."""
    with monkeypatch.context() as environment:
        environment.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


def found(query: str) -> list[str]:
    matches = compile_predicate(asked_for(of_form(query.encode()), WORLD), EVENT_FIELDS)
    return [name for name, each in EVENTS.items() if matches(each)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", CHANGES),
        ("eventtype=0", CHANGES),
        ("eventtype=", CHANGES),
        ("eventtype=1", ["ack"]),
        ("eventtype=2&eventtype=3", ["down", "end"]),
        ("eventtype=0&eventtype=1&eventtype=2&eventtype=3", [*CHANGES, "ack", "down", "end"]),
        ("eventtype=4", []),
        ("eventtype=x&eventtype=1", ["ack"]),
        ("state_type=hard", ["disk", "host", "up", "late"]),
        ("state_type=HARD&state_type=soft", CHANGES),
        ("state_type=0", ["load"]),
        ("state_type=1", ["disk", "host", "up", "late"]),
        ("state_type=firm", []),
        ("state_type=firm&state_type=soft", ["load"]),
        ("host_state=down", ["host"]),
        ("host_state=UP&host_state=1", ["host", "up"]),
        ("host_state=2", []),
        ("host_state=ok", []),
        ("service_state=ok", ["load"]),
        ("service_state=2", ["disk"]),
        ("service_state=critical&service_state=unknown", ["disk", "late"]),
        ("service_state=critical&host_state=down", ["disk", "host"]),
        ("service_state=critical&host_state=nope", ["disk"]),
        ("service_state=4", []),
        ("host=web", ["disk", "load", "up", "late"]),
        ("host=WEB&host=db", CHANGES),
        ("host=we", []),
        ("host=w%25", ["disk", "load", "up", "late"]),
        ("host=%25e%25", ["disk", "load", "up", "late"]),
        ("host=*", []),
        ("service=disk", ["disk", "late"]),
        ("service=disk&service=LOAD", ["disk", "load", "late"]),
        ("service=%25", ["disk", "load", "late"]),
        ("service=", CHANGES),
        ("serviceonly=1", ["disk", "load", "late"]),
        ("serviceonly=0", CHANGES),
        ("host=web&service=disk&state_type=hard", ["disk", "late"]),
        ("search=full", ["disk"]),
        ("search=DISK", ["disk", "late"]),
        ("search=disk&search=full", ["disk"]),
        ("search=disk&search=web", ["disk", "late"]),
        ("search=low", ["load"]),
        ("search=alive", ["up"]),
        ("search=unseen", []),
        ("search=99%25", ["disk"]),
        ("search=k%25f", []),
        ("search=", CHANGES),
        (f"startTime={AT}", CHANGES),
        (f"startTime={AT + 1}", ["late"]),
        (f"endTime={AT}", ["disk", "load", "host", "up"]),
        (f"endTime={AT + 1}", CHANGES),
        (f"startTime={AT}&endTime={AT}", ["disk", "load", "host", "up"]),
        ("startTime=2011-11-01 19:43:19&endTime=2011-11-01+19:43:19", ["disk", "load", "host", "up"]),
        ("startTime=2011-11-01 19:43:20", ["late"]),
        ("startTime=2011-11-01 19:43", CHANGES),
        ("endTime=2011-11-01 19:43", []),
        ("nope=1&cols=nope", CHANGES),
    ],
)
def test_parameters_ask_for_events(query: str, names: list[str]) -> None:
    assert found(query) == names


@pytest.mark.parametrize("name", ["startTime", "endTime"])
@pytest.mark.parametrize(
    "written",
    [
        "yesterday",
        "2011-11-01",
        "2011-11-31 00:00",
        "0000-01-01 00:00",
        "1.5",
        "-1",
        "123456789012",
        "\u0661",
    ],
)
def test_a_time_that_is_none_is_refused_by_name(name: str, written: str) -> None:
    with pytest.raises(OpsviewError, match=f"^{name}: expected a time") as failure:
        found(f"{name}={written}")
    assert failure.value.status == 400


@pytest.mark.parametrize(
    ("query", "objects"),
    [
        ("host_group=berlin", [1, 2, 3]),
        ("host_group=Racks", [1, 2, 3, 4, 5]),
        ("host_group=tocsin,berlin,", [1, 2, 3]),
        ("host_group=Tocsin,Racks,", [4, 5]),
        ("host_group=13", [4, 5]),
        ("hostgroupid=11&hostgroupid=13", [1, 2, 3, 4, 5]),
        ("hostgroupid=1", [1, 2, 3, 4, 5, 6]),
        ("hostgroupid=2", [6]),
        ("host_group=Discovered&host_group=Berlin", [1, 2, 3, 6]),
        ("hostgroupid=99", []),
        ("host_group=nowhere", []),
        ("hostgroupid=11&host_group=Racks", [1, 2, 3]),
        ("keyword=SHOP", [1, 2]),
        ("keyword=nope", []),
        ("keyword=nope&keyword=shop&service=disk", [2]),
        ("htid=41", [2]),
        ("htid=99&htid=x", []),
        ("htid=41&hostgroupid=13", []),
        ("bcid=51", [2]),
        ("bcid=51&bcid=52", [2, 5]),
        ("bsid=61", [2, 5]),
        ("bsid=61&bcid=52", [5]),
        ("bsid=", [1, 2, 3, 4, 5, 6]),
        ("bsid=51&bsid=x", []),
        ("bcid=41", []),
    ],
)
def test_groups_keywords_templates_and_components_are_sets_of_objects(query: str, objects: list[int]) -> None:
    matches = compile_predicate(asked_for(of_form(query.encode()), WORLD), EVENT_FIELDS)
    names = {1: "", 2: "Disk", 3: "Load", 4: "", 5: "Disk", 6: ""}
    events = [event(**{**DEFAULTS, "object_id": number, "service": name}) for number, name in names.items()]
    assert [each.object_id for each in events if matches(each)] == objects


@pytest.mark.parametrize("written", ["0001-01-01 00:00", "9999-12-31 23:59:59", "0", "99999999999"])
def test_the_ends_of_time_are_times(written: str) -> None:
    try:
        assert found(f"startTime={written}&endTime={written}") == []
    except OpsviewError as failure:
        # Some systems have no such moment in their zone.
        assert failure.message.startswith("startTime: expected a time")  # noqa: PT017
