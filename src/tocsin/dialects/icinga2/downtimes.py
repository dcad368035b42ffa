"""Icinga's downtimes -> what is planned here."""

from collections.abc import Mapping
from typing import Any, Final

from tocsin.dialects.complete import LINE_LIMIT, TEXT_LIMIT
from tocsin.dialects.document import Document
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.icinga2.parse import names_of
from tocsin.hub.pull_desk import Planned

ENDED: Final = "DowntimeRemoved"
TYPES: Final = ("DowntimeAdded", "DowntimeTriggered", ENDED)


def name_of(downtime: Mapping[str, Any]) -> str:
    """Give what Icinga calls a downtime.

    Raises:
        BadPayload: it has no name.
    """
    return Document(downtime, "downtime").need("__name")


def object_of(downtime: Mapping[str, Any]) -> tuple[str, str]:
    """Give the host and service that a downtime is of; the service is '' for the host itself."""
    given = Document(downtime, "downtime")
    return given.text("host_name"), given.text("service_name")


def planned(downtime: Mapping[str, Any], now: int) -> Planned | None:
    """Give what is planned by a downtime as Icinga has it; None where it is over, or waits for a problem.

    Args:
        downtime: as the stream and /v1/objects tell it.
        now: microseconds UTC.

    Raises:
        BadPayload: it has no name, host or times.
    """
    given = Document(downtime, "downtime")
    name = name_of(downtime)
    host, service = names_of(
        Document({"host": given.need("host_name"), "service": given.text("service_name")})
    )
    starts_at, ends_at = given.time("start_time"), given.time("end_time")
    if not given.values.get("fixed"):
        starts_at = given.time("trigger_time")
        ends_at = starts_at + given.time("duration")
        if not starts_at:
            return None
    if not 0 < starts_at < ends_at:
        raise BadPayload("downtime: it has no start before its end")
    if ends_at <= now or given.values.get("remove_time"):
        return None
    author, comment = given.text("author")[:LINE_LIMIT], given.text("comment")[:TEXT_LIMIT]
    return Planned(name, host, service, starts_at, ends_at, author, comment)
