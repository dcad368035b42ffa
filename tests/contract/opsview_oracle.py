"""What /rest/event should answer, by going through all events one after the other.

Written from the description of the API alone: it knows neither trees nor engines.
"""

import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

from tocsin.model.event import Event

TYPES = {
    "problem": "0",
    "info": "0",
    "recovery": "0",
    "check_result": "0",
    "error": "0",
    "acknowledgement": "1",
    "downtime_start": "2",
    "downtime_end": "3",
}
HOST_STATES = {"0": "up", "1": "down", "2": "unreachable"}
SERVICE_STATES = {"0": "ok", "1": "warning", "2": "critical", "3": "unknown"}
STATE_TYPES = {"0": "soft", "1": "hard"}


def answer(events: Sequence[Event], query: str, groups: dict[str, set[int]] | None = None) -> dict[str, Any]:
    """Answer a query whose times are epoch seconds and whose sortby has one column.

    Args:
        events: all of the domain.
        query: as a URL has it.
        groups: for each parameter that names a set of objects, as `NAME=VALUE`, their ids.
    """
    given = parse_qs(query)
    listed = [each for each in map(_item, events) if each is not None]
    found = [item for item in listed if _matches(item, given, groups or {})]
    column, order = given.get("sortby", ["time-desc"])[0].split("-")
    # Sorted is by the output that a check gave, though others are shown by what they say.
    given_output = {str(event.seq): event.output for event in events}

    def key(item: dict[str, str]) -> tuple[int | str, int]:
        value = given_output[item["eventid"]] if column == "output" else item.get(column, "")
        is_number = column in {"time", "eventid", "objectid"}
        return int(value) if is_number else value, int(item["eventid"])

    found.sort(key=key, reverse=order == "desc")
    rows = given.get("rows", ["50"])[0]
    size = len(found) if rows == "all" else int(rows)
    pages = max(1, math.ceil(len(found) / size)) if size else 1
    page = min(int(given.get("page", ["1"])[0]), pages)
    shown = found[(page - 1) * size : page * size]
    summary = {
        "entries": str(len(shown)),
        "page": str(page),
        "pages": str(pages),
        "total_entries": str(len(found)),
        "maxeventid": str(max((event.seq for event in events), default=0)),
    }
    if found:
        summary["filtered_maxeventid"] = str(max(int(item["eventid"]) for item in found))
    if "saved_maxeventid" in given:
        saved = int(given["saved_maxeventid"][0])
        summary["filtered_new_event_count"] = str(sum(int(item["eventid"]) > saved for item in found))
    return {"list": shown, "summary": summary} if rows != "0" else {"summary": summary}


def _item(event: Event) -> dict[str, str] | None:
    if event.kind not in TYPES:
        return None
    number = TYPES[event.kind]
    item = {
        "eventid": str(event.seq),
        "eventtype": number,
        "objectid": str(event.object_id),
        "time": str(event.time // 1_000_000),
        "hostname": event.host,
        "state": event.state,
        "state_type": event.state_type,
        "servicename": event.service,
        "ack_author": event.author if number == "1" else "-",
        "ack_comment": event.comment if number == "1" else "-",
        "downtime_author": event.author if number in {"2", "3"} else "-",
        "downtime_comment": event.comment if number in {"2", "3"} else "-",
        "downtime_start": str(event.window_start // 1_000_000) if number in {"2", "3"} else "-",
        "downtime_end": str(event.window_end // 1_000_000) if number in {"2", "3"} else "-",
        "output": (event.output or event.description or event.title) if number != "1" else "-",
        "markdown": str(int(event.markdown)) if number != "1" else "-",
    }
    # What does not apply is not there.
    return {
        name: value for name, value in item.items() if value != "-" and (name, value) != ("servicename", "")
    }


def _matches(item: dict[str, str], given: dict[str, list[str]], groups: dict[str, set[int]]) -> bool:
    service = item.get("servicename", "")
    texts = (item["hostname"], service, item.get("output", ""))
    tests = [item["eventtype"] in given.get("eventtype", ["0"])]
    if "startTime" in given:
        tests.append(int(item["time"]) >= int(given["startTime"][0]))
    if "endTime" in given:
        tests.append(int(item["time"]) <= int(given["endTime"][0]))
    if "host_state" in given or "service_state" in given:
        name, known = ("service_state", SERVICE_STATES) if service else ("host_state", HOST_STATES)
        wanted = [known.get(value, value.lower()) for value in given.get(name, [])]
        tests.append(item["state"] in wanted and item["state"] in known.values())
    if "state_type" in given:
        wanted = [STATE_TYPES.get(value, value.lower()) for value in given["state_type"]]
        tests.append(item["state_type"] in wanted)
    if "host" in given:
        tests.append(item["hostname"].casefold() in [name.casefold() for name in given["host"]])
    if "service" in given:
        tests.append(service.casefold() in [name.casefold() for name in given["service"]])
    if "serviceonly" in given:
        tests.append(service != "")
    tests += [any(term.casefold() in text.casefold() for text in texts) for term in given.get("search", [])]
    for name, values in given.items():
        named = [groups[f"{name}={value}"] for value in values if f"{name}={value}" in groups]
        if named:
            tests.append(int(item["objectid"]) in set().union(*named))
    return all(tests)
