"""`/api/v1/alerts/durations`: how long alerts took to be acknowledged, and to be resolved."""

from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import QueryParameter
from sqlalchemy import Connection

from tocsin.api.counts import Groups, field_of
from tocsin.api.events import moment_of
from tocsin.api.given import Asker, TheHub
from tocsin.api.problems import bad_input
from tocsin.api.search import Query, deadline, understand
from tocsin.api.visible import sought
from tocsin.model.access import Action
from tocsin.query.fields import ALERT_FIELDS
from tocsin.store import durations


class Duration(msgspec.Struct):
    """How long alerts took, in whole seconds, rounded down; `value` is null for all alerts."""

    value: str | None
    count: int
    mean: int
    median: int
    p95: int


class Ended(msgspec.Struct):
    """What came to its end in the time.

    Attributes:
        total: of all alerts.
        groups: of those with each value of the field, the greatest group first.
    """

    total: Duration
    groups: list[Duration]


class DurationsShown(msgspec.Struct):
    """How long it took.

    Attributes:
        by: the field that parts the groups.
        acknowledged: from when an alert was opened to the acknowledgement that holds, or held to its end.
        resolved: from when an alert was opened to when it was resolved.
    """

    by: str
    acknowledged: Ended
    resolved: Ended


class AlertDurations(Controller):
    """How long alerts took."""

    path = "/api/v1/alerts"
    tags = ["alerts"]

    @get("/durations", opt={"action": Action.READ})
    async def durations(
        self,
        hub: TheHub,
        principal: Asker,
        q: Query = "",
        by: Annotated[str, QueryParameter(description="The field that parts the groups.")] = "severity",
        since: Annotated[
            str, QueryParameter(name="from", description="Only what ended then or later: RFC 3339 or -7d.")
        ] = "-1d",
        until: Annotated[
            str, QueryParameter(name="to", description="Only what ended before: RFC 3339 or -7d.")
        ] = "now",
        limit: Groups = 10,
    ) -> DurationsShown:
        """Say how long it took until alerts were acknowledged, and until they were resolved. Exact."""
        start, stop = moment_of("from", since), moment_of("to", until)
        if stop <= start:
            raise bad_input("to", "is not later than from")
        tree = await sought(hub, principal, understand(q, ALERT_FIELDS), ALERT_FIELDS)
        field, latest = field_of(ALERT_FIELDS, "by", by), deadline()

        def look(connection: Connection) -> DurationsShown:
            def ended(name: str) -> Ended:
                total, groups = durations.durations(
                    connection,
                    principal.domain_id,
                    tree,
                    end=ALERT_FIELDS.by_name[name],
                    since=start,
                    until=stop,
                    by=field,
                    limit=limit,
                    deadline=latest,
                )
                return Ended(_shown(total), [_shown(each) for each in groups])

            return DurationsShown(by, ended("acknowledged"), ended("resolved"))

        return await hub.database.read(look)


def _shown(given: durations.Durations) -> Duration:
    return Duration(given.value, given.count, given.mean, given.median, given.p95)
