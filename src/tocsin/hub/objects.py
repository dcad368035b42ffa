"""The monitored hosts and services: who sees which, and what people do with them."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final, TypeAlias

import msgspec
from sqlalchemy import Connection

from tocsin.hub.errors import Unavailable
from tocsin.model.alert import Alert
from tocsin.model.by_hand import refusal, submission_about, submission_on
from tocsin.model.checking import is_well
from tocsin.model.monitored import MonitoredObject
from tocsin.model.receipt import Outcome, Receipt
from tocsin.model.signal import Kind
from tocsin.model.submission import Payload, Submission
from tocsin.query.tree import All, Expression
from tocsin.store import directory, objects
from tocsin.store.database import Database
from tocsin.store.errors import StoreUnavailable
from tocsin.store.sight import numbers_seen

Record: TypeAlias = Callable[[list[Submission]], Awaitable[list[list[Receipt]]]]

_TOGETHER: Final = 500
"""So many acts are recorded in one transaction, so that intake goes on meanwhile."""


class Act(msgspec.Struct, frozen=True):
    """What somebody does with hosts and services.

    Attributes:
        kind: acknowledgement or acknowledgement_end.
        payload: the request that asked for it.
        sticky: an acknowledgement that stays until all is well.
    """

    kind: Kind
    author: str
    comment: str
    payload: Payload
    sticky: bool = False


class Objects:
    """Gives hosts and services, and does what people ask for them.

    Every method raises Unavailable where the store does not answer.

    Args:
        database: where they stand.
        record: records submissions, all or none of them.
    """

    def __init__(self, database: Database, record: Record) -> None:
        self._database = database
        self._record = record

    async def within(self, domain_id: str, scope: Expression) -> list[MonitoredObject]:
        """Give the hosts and services of which a scope holds whatever their events say.

        A scope that asks for more than host, service and object (a label, a project) holds of none for sure.

        Args:
            domain_id: whose.
            scope: what may be seen, or acted on.

        Returns:
            Hosts by name, each before its services.
        """

        def read(connection: Connection) -> list[MonitoredObject]:
            if isinstance(scope, All):
                return objects.objects(connection, domain_id)
            return objects.numbered(connection, domain_id, numbers_seen(connection, domain_id, scope))

        try:
            return await self._database.read(read)
        except StoreUnavailable as failure:
            raise Unavailable(str(failure)) from None

    async def named(self, domain_id: str, names: Collection[tuple[str, str]]) -> list[MonitoredObject]:
        """Give the hosts and services of some names, '' as the service of a host; in no order."""
        try:
            return await self._database.read(lambda connection: objects.named(connection, domain_id, names))
        except StoreUnavailable as failure:
            raise Unavailable(str(failure)) from None

    async def act(self, domain_id: str, chosen: Sequence[MonitoredObject], act: Act) -> list[MonitoredObject]:
        """Do something with the problems of hosts and services: with each of their open alerts.

        Where none is open, the problem is the object's alone: one that is soft still.

        Returns:
            Those with which something was done.
        """

        def read(connection: Connection) -> tuple[list[Alert], str]:
            found = objects.open_alerts(connection, domain_id, [each.id for each in chosen])
            return found, directory.first_project(connection, domain_id).id

        try:
            alerts, project_id = await self._database.read(read)
        except StoreUnavailable as failure:
            raise Unavailable(str(failure)) from None
        said = _submissions(chosen, alerts, project_id, act)
        done: set[int] = set()
        for start in range(0, len(said), _TOGETHER):
            part = said[start : start + _TOGETHER]
            recorded = await self._record([submission for _, submission in part])
            done |= {
                number
                for (number, _), (receipt,) in zip(part, recorded, strict=True)
                if receipt.outcome is not Outcome.REJECTED
            }
        return [each for each in chosen if each.id in done]


def _submissions(
    chosen: Sequence[MonitoredObject], alerts: Sequence[Alert], project_id: str, act: Act
) -> list[tuple[int, Submission]]:
    """Give what is to be recorded, each with the number of its object."""
    by_object: dict[int, list[Alert]] = {}
    names = {each.id: (each.host, each.service) for each in chosen}
    for alert in alerts:
        # What stands on an object of another name may be beyond what they may act on.
        if names[alert.object_id] == (alert.host, alert.service) and not refusal(alert, act.kind):
            by_object.setdefault(alert.object_id, []).append(alert)
    said = []
    for each in chosen:
        for alert in by_object.get(each.id, ()):
            submission = submission_on(
                alert,
                act.kind,
                author=act.author,
                comment=act.comment,
                payload=act.payload,
                until_change=act.kind is Kind.ACKNOWLEDGEMENT and not act.sticky,
                sticky=act.sticky,
            )
            said.append((each.id, submission))
        if each.id not in by_object and _can_be_done(each, act.kind):
            about = submission_about(
                each,
                project_id,
                act.kind,
                author=act.author,
                comment=act.comment,
                payload=act.payload,
                sticky=act.sticky,
            )
            said.append((each.id, about))
    return said


def _can_be_done(present: MonitoredObject, kind: Kind) -> bool:
    if kind is Kind.ACKNOWLEDGEMENT:
        return not is_well(present.state)
    return bool(present.acknowledged_at)
