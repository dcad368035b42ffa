"""/rest, /rest/info, /rest/serverinfo and /rest/reload: what clients ask before they begin."""

import time
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from tocsin.dialects.opsview.router import Document, Operation, Request, Route
from tocsin.dialects.opsview.zone import zone_name, zone_offset
from tocsin.model.access import Action

API_VERSION: Final = "6.10"
_API: Final = {"api_version": API_VERSION, "api_min_version": "2.0", "easyxdm_version": "2.4.19"}
_SYSTEM: Final = "Tocsin"
_DOMAINS: Final = UUID("6d5c0a0e-6a2b-4b8e-9d5c-0f6a4f6a2b1e")
"""The namespace (RFC 9562) of the ids that domains have here."""


class Information:
    """Says what this server is.

    Args:
        version: of Tocsin.
    """

    def __init__(self, version: str) -> None:
        self._version = version

    @property
    def routes(self) -> tuple[Route, ...]:
        """Give what is answered."""
        return (
            Route("", {"GET": Operation(_api, None)}),
            Route("info", {"GET": Operation(self._info, Action.IDENTIFY)}),
            Route("serverinfo", {"GET": Operation(_servers, Action.READ)}),
            Route(
                "reload",
                {"GET": Operation(_reload, Action.READ), "POST": Operation(_reload, Action.CONFIGURE)},
            ),
        )

    async def _info(self, request: Request) -> Document:
        return {
            "opsview_version": f"{API_VERSION}.0",
            "opsview_build": self._version,
            "opsview_edition": "community",
            "opsview_name": _SYSTEM,
            "server_timezone": zone_name(),
            "server_timezone_offset": zone_offset(datetime.now().astimezone()),
            "uuid": str(uuid5(_DOMAINS, request.caller.domain_id)).upper(),
            "hosts_limit": "0",
        }


async def _api(_: Request) -> Document:
    return dict(_API)


async def _servers(_: Request) -> Document:
    return {"list": [{"id": "1", "name": _SYSTEM, "activated": "1", "passive": "0"}]}


async def _reload(_: Request) -> Document:
    """Say that nothing waits to be reloaded: whatever is configured holds at once."""
    return {
        "configuration_status": "uptodate",
        "average_duration": "0",
        "lastupdated": str(int(time.time())),
        "auditlog_entries": [],
        "messages": [],
        "server_status": "0",
    }
