"""The configured world of a domain, and what it makes of the domain's hosts and services."""

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Final, TypeVar
from weakref import WeakKeyDictionary

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, and_, delete, select, update

from tocsin.model.audit import Author
from tocsin.model.monitored import HARD, MonitoredObject, initial_state
from tocsin.model.world.documents import DOCUMENTS, Configured, Kind
from tocsin.model.world.draft import Draft, Numbers
from tocsin.model.world.world import Effective, World
from tocsin.store import audit, bulk, objects, tables
from tocsin.store.configuration import changed, taken
from tocsin.store.errors import NotFound
from tocsin.store.rows import object_row

T = TypeVar("T")

_DECODERS: Final = {kind: msgspec.json.Decoder(type_).decode for kind, type_ in DOCUMENTS.items()}
_COLUMNS: Final = tables.configured.c
_KEPT: Final[WeakKeyDictionary[Engine, dict[str, tuple[int, int, World]]]] = WeakKeyDictionary()
"""For each open store the worlds of its domains, each with its version and the next number of an object."""
_KEEPING: Final = Lock()
_TOGETHER: Final = 500
"""So many rows one statement deletes."""
_UNUSED: Final = 1 << 62
"""The first of numbers that no domain has come to."""


def version(connection: Connection, domain_id: str) -> int:
    """Give the version of a domain's world, which grows with every change."""
    columns = tables.domain.c
    return connection.execute(select(columns.world_version).where(columns.id == domain_id)).scalar() or 0


def world(connection: Connection, domain_id: str) -> World:
    """Give the world of a domain as it is now. It is kept for as long as it does not change.

    Not for a transaction that has changed it: that may be undone.
    """
    columns = tables.domain.c
    row = connection.execute(
        select(columns.world_version, columns.next_object).where(columns.id == domain_id)
    ).one_or_none()
    # The numbers first: should a change come in between, the world is read again, never kept too long.
    known, numbered = row or (0, 0)
    kept = _KEPT.setdefault(connection.engine, {})
    found = kept.get(domain_id)
    if found is not None and found[:2] == (known, numbered):
        return found[2]
    if found is not None and found[0] == known and found[1] < numbered:
        # Objects that were made since are all that is new.
        there = found[2].hearing(_heard(connection, domain_id, found[1]))
    else:
        there = _read(connection, domain_id)
    with _KEEPING:
        # Another thread may have read a newer one meanwhile.
        if domain_id not in kept or kept[domain_id][:2] < (known, numbered):
            kept[domain_id] = known, numbered, there
    return there


def _read(connection: Connection, domain_id: str) -> World:
    columns = tables.monitored_object.c
    rows = connection.execute(
        select(columns.id, columns.host, columns.service).where(
            columns.domain_id == domain_id, columns.discovered == 0, columns.group_id > 0
        )
    )
    numbers = {(row.host, row.service): row.id for row in rows}
    configured = World(domain_id, things(connection, domain_id), numbers)
    return configured.hearing(_heard(connection, domain_id, 0))


def _heard(connection: Connection, domain_id: str, first: int) -> dict[int, str]:
    """Give the hosts of what nobody configures, from a number of an object on."""
    columns = tables.monitored_object.c
    rows = connection.execute(
        select(columns.id, columns.host).where(
            columns.domain_id == domain_id, columns.id >= first, columns.group_id == 0, columns.service != ""
        )
    )
    return {row.id: row.host for row in rows}


def things(connection: Connection, domain_id: str) -> list[Configured]:
    """Give all that is configured in a domain, the oldest numbers first."""
    rows = connection.execute(
        select(_COLUMNS.kind, _COLUMNS.id, _COLUMNS.name, _COLUMNS.document, _COLUMNS.created_at)
        .where(_COLUMNS.domain_id == domain_id)
        .order_by(_COLUMNS.id)
    )
    found = []
    for name, number, called, document, created_at in rows:
        kind = Kind(name)
        found.append(Configured(domain_id, kind, number, called, _DECODERS[kind](document), created_at))
    return found


def change(connection: Connection, author: Author, domain_id: str, edit: Callable[[Draft], T]) -> T:
    """Change the world of a domain, and with it the domain's hosts and services.

    Args:
        connection: within a transaction.
        author: who changes it.
        domain_id: whose.
        edit: puts in and takes out; what it raises undoes all.

    Raises:
        NotFound: there is no such domain.
        Conflict: a service would be called as another.
        Unfit: the world would be unsound.
    """
    columns = tables.domain.c
    # Under the domain's lock no batch of signals comes in between.
    counted = connection.execute(
        update(tables.domain)
        .where(columns.id == domain_id)
        .values(world_version=columns.world_version + 1)
        .returning(columns.next_configured, columns.next_object)
    ).one_or_none()
    if counted is None:
        raise NotFound(f"there is no domain {domain_id}")
    present = {(each.host, each.service): each for each in objects.with_former(connection, domain_id)}
    numbers = Numbers(counted.next_configured, counted.next_object)
    draft = _draft(connection, domain_id, present, numbers, author.at)
    before = World(domain_id, draft.before.values())
    result = edit(draft)
    draft.check()
    _write_things(connection, author, draft)
    adopted = _write_objects(connection, domain_id, present, before, draft.world, numbers, author.at)
    connection.execute(
        update(tables.domain)
        .where(columns.id == domain_id)
        .values(
            next_configured=numbers.configured,
            next_object=numbers.object,
            discovered=columns.discovered - adopted,
        )
    )
    changed(connection)
    return result


def attempt(connection: Connection, domain_id: str, edit: Callable[[Draft], T], now: int) -> T:
    """Say what a change would come to. Nothing is changed.

    Args:
        connection: reads.
        domain_id: whose world.
        edit: puts in and takes out.
        now: microseconds UTC.

    Raises:
        Unfit: the world would be unsound.
    """
    present = {(each.host, each.service): each for each in objects.with_former(connection, domain_id)}
    # Numbers that nobody has: they are not kept.
    numbers = Numbers(_UNUSED, _UNUSED)
    draft = _draft(connection, domain_id, present, numbers, now)
    result = edit(draft)
    draft.check()
    return result


def _draft(
    connection: Connection,
    domain_id: str,
    present: Mapping[tuple[str, str], MonitoredObject],
    numbers: Numbers,
    now: int,
) -> Draft:
    known = {name: each.id for name, each in present.items()}
    return Draft(domain_id, things(connection, domain_id), known, numbers, now)


def _write_things(connection: Connection, author: Author, draft: Draft) -> None:
    keys = draft.before.keys() | draft.after.keys()
    rows = []
    for key in sorted(keys):
        old, new = draft.before.get(key), draft.after.get(key)
        if old == new:
            continue
        verb = "create" if old is None else "delete" if new is None else "change"
        audit.write(connection, author, f"{key[0]}.{verb}", before=old, after=new)
        if new is not None:
            document = msgspec.json.encode(new.document).decode()
            times = (new.created_at, author.at)
            rows.append(
                (new.domain_id, key[0].value, key[1], new.name, new.name.casefold(), document, *times)
            )
        elif old is not None:
            own = and_(_COLUMNS.domain_id == old.domain_id, _COLUMNS.kind == key[0].value)
            connection.execute(delete(tables.configured).where(own, _COLUMNS.id == key[1]))
    bulk.upsert(connection, tables.configured, rows)


def _write_objects(
    connection: Connection,
    domain_id: str,
    present: Mapping[tuple[str, str], MonitoredObject],
    before: World,
    after: World,
    numbers: Numbers,
    now: int,
) -> int:
    """Bring the hosts and services to what the configuration says; give how many were discovered before."""
    own = {each.identity: present[each.name] for each in before.effective if each.name in present}
    taken_over = {own[each.identity].id for each in after.effective if each.identity in own}
    written: dict[int, MonitoredObject] = {}
    kept: set[int] = set()
    instead: dict[int, int] = {}
    adopted = 0
    for each in after.effective:
        heard = present.get(each.name)
        if heard is not None and heard.id in taken_over:
            heard = None
        found = own.get(each.identity) or heard
        if found is None:
            number = numbers.object if each.service else each.host_number
            numbers.object += bool(each.service)
            state = initial_state(each.service)
            found = MonitoredObject(domain_id, number, *each.name, state, HARD, now, now, False)
        elif heard is not None and heard is not found:
            # It is called by now as something that signals spoke of: both are one, under the older number.
            instead[heard.id] = found.id
            found = _newer(found, heard)
        adopted += heard is not None and heard.discovered
        if (wanted := _effective(found, each)) != found:
            written[found.id] = wanted
        kept.add(found.id)
    gone = [each for each in own.values() if each.id not in kept | instead.keys()]
    written |= {each.id: _gone(each, now) for each in gone}
    objects.stand_on(connection, domain_id, instead)
    # Their names may be those of others by now.
    renamed = [
        each.id
        for name, each in present.items()
        if (new := written.get(each.id)) and (new.host, new.service) != name
    ]
    _delete(connection, domain_id, [*instead, *renamed])
    with taken("a service would be called as another"):
        bulk.upsert(connection, tables.monitored_object, [object_row(each) for each in written.values()])
    return adopted


def _delete(connection: Connection, domain_id: str, numbers: Sequence[int]) -> None:
    columns = tables.monitored_object.c
    for start in range(0, len(numbers), _TOGETHER):
        some = columns.id.in_(numbers[start : start + _TOGETHER])
        connection.execute(delete(tables.monitored_object).where(columns.domain_id == domain_id, some))


def _newer(own: MonitoredObject, heard: MonitoredObject) -> MonitoredObject:
    """Give an object as it stands, where signals also spoke of it by a name that it has only now."""
    if heard.gone_at or heard.seen_at < own.seen_at:
        return own
    return replace(heard, id=own.id, downtime_id=own.downtime_id)


def _gone(present: MonitoredObject, now: int) -> MonitoredObject:
    """Give what stays of an object that nobody configures any more: its number and its state."""
    return replace(
        present,
        gone_at=now,
        group_id=0,
        max_attempts=0,
        volatile=0,
        flap_detection=False,
        flapping=False,
        markdown=False,
        parents=(),
    )


def _effective(present: MonitoredObject, wanted: Effective) -> MonitoredObject:
    return replace(
        present,
        host=wanted.host,
        service=wanted.service,
        discovered=False,
        group_id=wanted.group_id,
        max_attempts=wanted.max_attempts,
        volatile=wanted.volatile,
        flap_detection=wanted.flap_detection,
        flapping=present.flapping and wanted.flap_detection,
        markdown=wanted.markdown,
        gone_at=0,
        parents=wanted.parents,
    )
