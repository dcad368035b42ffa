"""The directory: domains, projects and sources."""

import secrets
from collections.abc import Collection
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from tocsin.model.account import Account, Domain, Project, Token
from tocsin.model.alert import AlertState
from tocsin.model.alert_config import AlertConfig
from tocsin.model.due import DueKind
from tocsin.model.event import MICROSECONDS_PER_SECOND
from tocsin.model.identifiers import random_id
from tocsin.model.role import Role
from tocsin.model.source import Plugin, Source, SourceOptions
from tocsin.store import accounts, alert_configs, dues, escalation_policies, roles, tables
from tocsin.store.configuration import by_id_or_name, changed, taken, version
from tocsin.store.digest import digest
from tocsin.store.errors import NotFound

DEFAULT: Final = "default"
FIRST_SOURCE: Final = "first"
_OPTIONS: Final = frozenset(SourceOptions.__struct_fields__)


class Snapshot(msgspec.Struct, frozen=True):
    """All that a node keeps in memory to know who is speaking.

    Attributes:
        version: of the configuration it was read at.
        sources: by the hash of their access key.
        tokens: by the hash of the token, with the account.
        roles: by their id.
        alert_configs: by the id of their project.
        accounts: by their name.
    """

    version: int
    sources: dict[str, Source]
    tokens: dict[str, tuple[Token, Account]]
    roles: dict[str, Role]
    alert_configs: dict[str, AlertConfig]
    accounts: dict[str, Account]


def snapshot(connection: Connection) -> Snapshot:
    """Read all sources, users, tokens, roles and alert configurations."""
    # The version first: what is read too new is read again, what is read too old would stay.
    present = version(connection)
    sources = {row.key_hash: _source(row) for row in connection.execute(select(tables.source))}
    users = {
        row.id: accounts.account_of(row) for row in connection.execute(select(*accounts.ACCOUNT_COLUMNS))
    }
    tokens = {
        row.token_hash: (accounts.token_of(row), users[row.account_id])
        for row in connection.execute(select(tables.token))
        if row.account_id in users
    }
    known = {row.id: roles.role_of(row) for row in connection.execute(select(tables.role))}
    configs = {each.project_id: each for each in alert_configs.every(connection)}
    named = {account.name: account for account in users.values()}
    return Snapshot(present, sources, tokens, known, configs, named)


def create_domain(connection: Connection, name: str, now: int, *, identifier: str = "") -> Domain:
    """Make a domain with its project `default`.

    Args:
        connection: within a transaction.
        name: what to call it.
        now: microseconds UTC.
        identifier: the id to give it; '' to make one.

    Raises:
        Conflict: the id is taken.
    """
    domain = Domain(identifier or random_id("domain"), name, now)
    with taken(f"a domain with the id {domain.id} exists already"):
        connection.execute(
            insert(tables.domain).values(id=domain.id, name=name, next_seq=1, next_object=1, created_at=now)
        )
    escalation_policies.create_first(connection, domain.id, now)
    project_id = DEFAULT if domain.id == DEFAULT else ""
    create_project(connection, domain.id, DEFAULT, now, identifier=project_id)
    changed(connection)
    return domain


def domains(connection: Connection) -> list[Domain]:
    """Give every domain, the oldest first."""
    columns = (tables.domain.c.id, tables.domain.c.name, tables.domain.c.created_at)
    return [Domain(*row) for row in connection.execute(select(*columns).order_by(tables.domain.c.created_at))]


def find_domain(connection: Connection, name_or_id: str) -> Domain:
    """Find a domain by its id, or else by its name.

    Raises:
        NotFound: there is none.
    """
    domain = by_id_or_name(domains(connection), name_or_id)
    if domain is None:
        raise NotFound(f"there is no domain {name_or_id}")
    return domain


def create_project(
    connection: Connection, domain_id: str, name: str, now: int, *, identifier: str = ""
) -> Project:
    """Make a project in a domain.

    Raises:
        Conflict: the id is taken, or the name is taken in the domain.
    """
    project = Project(identifier or random_id("project"), domain_id, name, now)
    with taken(f"a project named {name}, or with that id, exists already"):
        connection.execute(insert(tables.project).values(**msgspec.structs.asdict(project)))
    alert_configs.create_first(connection, project)
    changed(connection)
    return project


def projects(connection: Connection, domain_id: str) -> list[Project]:
    """Give the projects of a domain, the oldest first."""
    rows = connection.execute(
        select(tables.project)
        .where(tables.project.c.domain_id == domain_id)
        .order_by(tables.project.c.created_at, tables.project.c.id)
    )
    return [Project(**row._mapping) for row in rows]


def first_project(connection: Connection, domain_id: str) -> Project:
    """Give the oldest project of a domain: what belongs to none in particular stands there."""
    return projects(connection, domain_id)[0]


def find_project(connection: Connection, domain_id: str, name_or_id: str) -> Project:
    """Find a project of a domain by its id, or else by its name.

    Raises:
        NotFound: the domain has none.
    """
    project = by_id_or_name(projects(connection, domain_id), name_or_id)
    if project is None:
        raise NotFound(f"there is no project {name_or_id}")
    return project


def create_source(
    connection: Connection,
    *,
    domain_id: str,
    project_id: str,
    name: str,
    source_format: str,
    now: int,
    options: SourceOptions | None = None,
    enabled: bool = True,
    tags: dict[str, Any] | None = None,
    plugin: Plugin | None = None,
    secret: str = "",
) -> Source:
    """Make a source with a new access key; with a plugin it is a webhook.

    Raises:
        Conflict: the name is taken in the project.
    """
    source = Source(
        random_id("source" if plugin is None else "webhook"),
        domain_id,
        project_id,
        name,
        source_format,
        enabled,
        secrets.token_hex(16),
        options or SourceOptions(),
        now,
        tags or {},
        plugin,
        secret,
    )
    with taken(f"a source named {name} exists already"):
        connection.execute(insert(tables.source).values(**_source_values(source)))
    _watch(connection, source, now)
    changed(connection)
    return source


def sources(connection: Connection, domain_id: str) -> list[Source]:
    """Give the sources of a domain, the oldest first."""
    rows = connection.execute(
        select(tables.source)
        .where(tables.source.c.domain_id == domain_id)
        .order_by(tables.source.c.created_at, tables.source.c.id)
    )
    return [_source(row) for row in rows]


def find_source(connection: Connection, domain_id: str, name_or_id: str) -> Source:
    """Find a source of a domain by its id, or else by its name.

    Raises:
        NotFound: the domain has none, or several projects have one of that name.
    """
    known = sources(connection, domain_id)
    source = by_id_or_name(known, name_or_id)
    if source is None:
        raise NotFound(f"there is no source {name_or_id}")
    if source.id != name_or_id and sum(each.name == name_or_id for each in known) > 1:
        raise NotFound(f"several projects have a source {name_or_id}: name it by its id")
    return source


def change_source(connection: Connection, source: Source) -> None:
    """Write a source's name, format, project, state, options, tags, plugin and secret.

    Raises:
        Conflict: the name is taken in the project.
    """
    with taken(f"a source named {source.name} exists already"):
        connection.execute(
            update(tables.source)
            .where(tables.source.c.domain_id == source.domain_id, tables.source.c.id == source.id)
            .values(**_source_values(source))
        )
    _watch(connection, source, source.created_at)
    _resolve_in_time(connection, source)
    changed(connection)


def sources_in(connection: Connection, formats: Collection[str]) -> list[Source]:
    """Give the enabled sources of all domains that have one of some formats."""
    columns = tables.source.c
    wanted = select(tables.source).where(columns.format.in_(list(formats)), columns.enabled == 1)
    return [_source(row) for row in connection.execute(wanted.order_by(columns.id))]


def delete_source(connection: Connection, source: Source) -> None:
    """Delete a source. Its events stay."""
    # What Tocsin said of it resolves then.
    _watch(connection, source, source.created_at)
    connection.execute(
        delete(tables.source).where(
            tables.source.c.domain_id == source.domain_id, tables.source.c.id == source.id
        )
    )
    for table in (tables.pull, tables.gap):
        connection.execute(
            delete(table).where(table.c.domain_id == source.domain_id, table.c.source_id == source.id)
        )
    changed(connection)


def _watch(connection: Connection, source: Source, now: int) -> None:
    """Note that somebody should look whether a source is silent: at once, and then when it says so itself."""
    dues.note(connection, source.domain_id, DueKind.SOURCE, [(source.id, now)])


def _resolve_in_time(connection: Connection, source: Source) -> None:
    """Note when the alerts that a source has open resolve by themselves, by the options that it has now."""
    seconds, columns = source.options.resolve_after, tables.alert.c
    if not seconds:
        return
    rows = connection.execute(
        select(columns.seq, columns.last_at)
        .with_hint(tables.alert, "INDEXED BY ix_alert_state", "sqlite")
        .where(
            columns.domain_id == source.domain_id,
            columns.state.in_([AlertState.OPEN.value, AlertState.ACKNOWLEDGED.value]),
            columns.source_id == source.id,
        )
    )
    moments = [(str(seq), last_at + seconds * MICROSECONDS_PER_SECOND) for seq, last_at in rows]
    dues.note(connection, source.domain_id, DueKind.ALERT, moments)


def _source(row: Row[Any]) -> Source:
    return Source(
        row.id,
        row.domain_id,
        row.project_id,
        row.name,
        row.format,
        bool(row.enabled),
        row.access_key,
        _options(row.options),
        row.created_at,
        msgspec.json.decode(row.tags or "{}", type=dict[str, Any]),
        msgspec.json.decode(row.plugin, type=Plugin) if row.plugin else None,
        row.secret,
    )


def _options(stored: str) -> SourceOptions:
    """Read a source's options. What a newer Tocsin wrote beside them must not make the source unknown."""
    given = msgspec.json.decode(stored, type=dict[str, Any])
    known = {name: value for name, value in given.items() if name in _OPTIONS}
    return msgspec.convert(known, SourceOptions)


def _source_values(source: Source) -> dict[str, Any]:
    return msgspec.structs.asdict(source) | {
        "enabled": int(source.enabled),
        "options": msgspec.json.encode(source.options).decode(),
        "tags": msgspec.json.encode(source.tags).decode() if source.tags else "",
        "plugin": msgspec.json.encode(source.plugin).decode() if source.plugin else "",
        "key_hash": digest(source.access_key),
    }
