"""What somebody sees of a domain who sees a part: which hosts and services, and what is configured of them.

It is told from their names and numbers, not from how they stand, so it is kept until there are others, or
another configuration.
"""

from collections import OrderedDict
from threading import Lock
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import Connection, Engine, select

from tocsin.model.world.sight import SeenWorld
from tocsin.model.world.world import World
from tocsin.query.scope import can_hold, must_hold
from tocsin.query.tree import All, Expression
from tocsin.store import configuration, search, tables
from tocsin.store.world import world

MOST: Final = 500_000
"""So many numbers of hosts and services are kept together, of those scopes that were asked for last."""


class _Moment(NamedTuple):
    """As long as these are the same, the domain has the same hosts and services, and they belong together so.

    A new one takes the next number, and one of those nobody configured that goes is counted off.
    """

    configuration: int
    next_object: int
    discovered: int


class _Asked(NamedTuple):
    domain_id: str
    scope: Expression
    for_sure: bool


class _Sight(msgspec.Struct):
    moment: _Moment
    numbers: frozenset[int]
    world: World | None = None


class _Kept:
    """What was told last, for one open store, on whose readers' threads it is asked for."""

    def __init__(self) -> None:
        self._sights: OrderedDict[_Asked, _Sight] = OrderedDict()
        self._held = 0
        self._lock = Lock()

    def find(self, asked: _Asked, moment: _Moment) -> _Sight | None:
        with self._lock:
            sight = self._sights.get(asked)
            if sight is None or sight.moment != moment:
                return None
            self._sights.move_to_end(asked)
            return sight

    def keep(self, asked: _Asked, sight: _Sight) -> None:
        with self._lock:
            self._let_go(self._sights.pop(asked, None))
            self._sights[asked] = sight
            self._held += len(sight.numbers)
            while self._held > MOST and len(self._sights) > 1:
                self._let_go(self._sights.popitem(last=False)[1])

    def _let_go(self, sight: _Sight | None) -> None:
        self._held -= 0 if sight is None else len(sight.numbers)


_KEPT: Final[WeakKeyDictionary[Engine, _Kept]] = WeakKeyDictionary()


def numbers_seen(
    connection: Connection, domain_id: str, scope: Expression, *, for_sure: bool = True
) -> frozenset[int]:
    """Give the numbers of the hosts and services of which a scope holds whatever their events say.

    A scope that asks for more than host, service and object (a label, a project) holds of none for sure.

    Args:
        connection: within a read.
        domain_id: whose.
        scope: what may be seen.
        for_sure: else those of which it can hold of some event.
    """
    return _sight(connection, _Asked(domain_id, scope, for_sure)).numbers


def world_seen(connection: Connection, domain_id: str, scope: Expression, *, for_sure: bool = True) -> World:
    """Give of the world of a domain what somebody may know. The parameters are those of `numbers_seen`."""
    if isinstance(scope, All):
        return world(connection, domain_id)
    sight = _sight(connection, _Asked(domain_id, scope, for_sure))
    if sight.world is None:
        sight.world = SeenWorld(world(connection, domain_id), sight.numbers)
    return sight.world


def _sight(connection: Connection, asked: _Asked) -> _Sight:
    moment = _moment(connection, asked.domain_id)
    kept = _KEPT.setdefault(connection.engine, _Kept())
    sight = kept.find(asked, moment)
    if sight is None:
        sight = _Sight(moment, _numbers(connection, asked))
        kept.keep(asked, sight)
    return sight


def _moment(connection: Connection, domain_id: str) -> _Moment:
    columns = tables.domain.c
    counted = select(columns.next_object, columns.discovered).where(columns.id == domain_id)
    row = connection.execute(counted).one_or_none()
    return _Moment(configuration.version(connection), *(row or (0, 0)))


def _numbers(connection: Connection, asked: _Asked) -> frozenset[int]:
    resolved = search.resolved_events(connection, asked.domain_id, asked.scope)
    holds = (must_hold if asked.for_sure else can_hold)(resolved)
    columns = tables.monitored_object.c
    found = select(columns.id, columns.host, columns.service).where(columns.domain_id == asked.domain_id)
    if asked.for_sure:
        # What was taken out has events still, but stands there no more.
        found = found.where(columns.gone_at == 0)
    return frozenset(
        number
        for number, host, service in connection.execute(found)
        if holds({"host": host, "service": service, "object_id": number})
    )
