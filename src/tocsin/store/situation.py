"""The situation: what the ledger holds about a batch's keys and objects, under the locks of its domains."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection

from tocsin.model.alert import Alert, AlertState
from tocsin.model.identity import own_object
from tocsin.model.intake_rule import IntakeRule
from tocsin.model.monitored import DOWN, MonitoredObject
from tocsin.model.naming import Named, name
from tocsin.model.policy import Policy
from tocsin.model.situation import AlertKey, DomainState, ObjectName, Situation
from tocsin.model.source import Source
from tocsin.model.submission import Submission
from tocsin.store import keyed, past, statements, tables
from tocsin.store.objects import NAMED, NUMBERED
from tocsin.store.policies import Policies
from tocsin.store.rows import ALERT_COLUMNS, alert_of, object_of

DOMAIN_COUNTERS: Final = ("id", "next_seq", "next_object", "discovered", "recorded_at")

# Written out once: building the statement anew costs a batch more time than running it.
_LOCK: Final = (
    "select (select version from configuration where id = 1),"
    f" {', '.join(DOMAIN_COUNTERS)} from domain where id"
)
_LOCK_SQLITE: Final = f"{_LOCK} in (select value from json_each(?)) order by id"
_LOCK_POSTGRESQL: Final = f"{_LOCK} = any($1::text[]) order by id for update"
_TEXTS: Final = ("text", "text", "text")
_ALERT: Final = tuple(column.name for column in ALERT_COLUMNS)
_KEY: Final = "found.domain_id = k.a and found.project_id = k.b and found.key = k.c"
_OPEN: Final = keyed.Lookup(tables.alert, _ALERT, "ix_alert_key", _TEXTS, f"{_KEY} and found.resolved_at = 0")
_LAST_RESOLVED: Final = keyed.Lookup(
    tables.alert,
    _ALERT,
    "ix_alert_key",
    _TEXTS,
    f"{_KEY} and found.resolved_at = (select max(last.resolved_at) from alert as last"
    " where last.domain_id = k.a and last.project_id = k.b and last.key = k.c)",
)
_ALERT_NUMBERED: Final = keyed.Lookup(
    tables.alert, _ALERT, "", ("text", "bigint"), "found.domain_id = k.a and found.seq = k.b"
)


def load(
    connection: Connection, submissions: Sequence[Submission], policies: Policies, now: int
) -> tuple[list[tuple[Submission, list[Named]]], Situation]:
    """Lock the batch's domains, in the order of their ids, and read what it names.

    Args:
        connection: a transaction, not yet used.
        submissions: what the requests brought.
        policies: what is known of the domains' policies.
        now: microseconds UTC.

    Returns:
        Each submission with its named signals, and what the ledger holds about them.
    """
    domains, version = lock_domains(connection, {each.source.domain_id for each in submissions})
    known = policies.of(connection, domains, version, now)
    batch = [(each, name(each, _rules(known, each.source))) for each in submissions]
    keys: dict[AlertKey, bool] = {}
    objects: dict[ObjectName, None] = {}
    for submission, named in batch:
        source = submission.source
        if named:
            objects[source.domain_id, *own_object(source)] = None
        for each in named:
            keys[each.alert] = keys.get(each.alert, False) or source.options.source_time
            objects[each.object] = None
            objects[each.object[0], each.object[1], ""] = None
    alerts, earlier = _alerts(connection, _OPEN, keys)
    latest = [key for key, by_source_time in keys.items() if by_source_time and key not in alerts]
    if latest:
        # Of two that were resolved at the same time the newer one counts.
        alerts |= _alerts(connection, _LAST_RESOLVED, latest)[0]
    named_objects = _objects(connection, objects)
    hosts = _parents(connection, batch, named_objects)
    found = Situation(domains, alerts, hosts | named_objects, known, earlier, _names(hosts))
    _load_merged(connection, keys, found)
    found.past = past.known(connection, batch)
    return batch, found


def _parents(
    connection: Connection,
    batch: list[tuple[Submission, list[Named]]],
    known: dict[ObjectName, MonitoredObject],
) -> dict[ObjectName, MonitoredObject]:
    """Give the hosts through which those are reached that were checked and found to be down."""
    wanted: dict[tuple[str, int], None] = {}
    for _, named in batch:
        for each in named:
            if each.signal.is_active and each.signal.state == DOWN and each.object in known:
                wanted |= {(each.object[0], parent): None for parent in known[each.object].parents}
    found = map(object_of, keyed.find(connection, NUMBERED, list(wanted)))
    return {(each.domain_id, each.host, each.service): each for each in found}


def _names(hosts: dict[ObjectName, MonitoredObject]) -> dict[tuple[str, int], ObjectName]:
    return {(each.domain_id, each.id): name for name, each in hosts.items()}


def _rules(policies: dict[str, Policy], source: Source) -> tuple[IntakeRule, ...]:
    policy = policies.get(source.domain_id)
    return () if policy is None else policy.intake_rules.get(source.project_id, ())


def lock_domains(connection: Connection, ids: set[str]) -> tuple[dict[str, DomainState], int]:
    """Take the rows of some domains, in the order of their ids; give them and the configuration's version."""
    if connection.dialect.name == "postgresql":
        rows = statements.run(connection, _LOCK_POSTGRESQL, (sorted(ids),))
    else:
        rows = statements.run(connection, _LOCK_SQLITE, (msgspec.json.encode(sorted(ids)).decode(),))
    found = list(rows)
    version = next((row[0] for row in found), None) or 0
    return {row[1]: DomainState(*row[1:]) for row in found}, version


def _alerts(
    connection: Connection, lookup: keyed.Lookup, keys: Iterable[AlertKey]
) -> tuple[dict[AlertKey, Alert], dict[AlertKey, list[Alert]]]:
    """Give the newest of the alerts of each key that a look-up finds, and the older ones."""
    newest: dict[AlertKey, Alert] = {}
    earlier: dict[AlertKey, list[Alert]] = {}
    found = map(alert_of, keyed.find(connection, lookup, list(keys)))
    for alert in sorted(found, key=lambda alert: alert.seq):
        key = (alert.domain_id, alert.project_id, alert.key)
        if key in newest:
            earlier.setdefault(key, []).append(newest[key])
        newest[key] = alert
    return newest, earlier


def _load_merged(connection: Connection, keys: Iterable[AlertKey], found: Situation) -> None:
    """Read the open alerts into which those of some keys were merged."""
    if not any(policy.merged for policy in found.policies.values()):
        return
    wanted = {
        key: (key[0], seq)
        for key in keys
        if (policy := found.policies.get(key[0])) and (seq := policy.merged.get(key[1:]))
    }
    read = map(alert_of, keyed.find(connection, _ALERT_NUMBERED, list(set(wanted.values()))))
    alerts = {(each.domain_id, each.seq): each for each in read if each.state is not AlertState.RESOLVED}
    for key, number in wanted.items():
        if alert := alerts.get(number):
            home = (alert.domain_id, alert.project_id, alert.key)
            found.alerts.setdefault(home, alert)
            found.merged[key] = alert.seq, home


def _objects(connection: Connection, names: Iterable[ObjectName]) -> dict[ObjectName, MonitoredObject]:
    found = map(object_of, keyed.find(connection, NAMED, list(names)))
    return {(each.domain_id, each.host, each.service): each for each in found}
