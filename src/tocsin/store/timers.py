"""What time brings, done: each thing once, in one transaction with its row's end, whichever node is first.

The lock of the domain is the claim: whoever comes second finds the row gone.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, select, tuple_

from tocsin.model.alert import Alert, AlertState
from tocsin.model.by_hand import submission_on
from tocsin.model.delivery import Delivery, delivery_of
from tocsin.model.downtime import Downtime
from tocsin.model.due import Due, DueKind
from tocsin.model.event import MICROSECONDS_PER_SECOND, Event
from tocsin.model.intake_rule import NO_ORDERS, Orders
from tocsin.model.life_cycle import Change
from tocsin.model.monitored import quieted_by
from tocsin.model.own import NAME, downtime_signal, downtime_submission, own_submission
from tocsin.model.policy import Policy, pass_on
from tocsin.model.signal import Kind
from tocsin.model.source import SourceOptions
from tocsin.model.submission import Payload, Submission
from tocsin.store import (
    bulk,
    configuration,
    directory,
    downtimes,
    handling,
    lanes,
    marks,
    objects,
    outbox,
    reading,
    situation,
    tables,
)
from tocsin.store.errors import NotFound
from tocsin.store.ledger import Ledger, Written
from tocsin.store.policies import read_policy
from tocsin.store.rows import (
    ALERT_COLUMNS,
    EVENT_COLUMNS,
    alert_of,
    alert_row,
    delivery_row,
    event_of,
    object_of,
)
from tocsin.store.targets import trouble_key

STEP: Final = 500
"""How many things, or alerts of a silence, are done in one transaction, so that intake goes on meanwhile."""
_LOOK_AGAIN: Final = 5 * MICROSECONDS_PER_SECOND
"""How often is looked whether a silent source sends again."""
_CLOCKS_APART: Final = 30 * MICROSECONDS_PER_SECOND
"""How long after a silence's end is looked once more: a node whose clock is behind may still go by it."""
ACKNOWLEDGEMENT_ENDED: Final = "the acknowledgement ended by itself"
UNTOLD: Final = (
    "what held it back has ended, but nothing was passed on: the event of its problem is not kept any more"
)
SOURCE_GONE: Final = "the source was deleted"
TARGET_GONE: Final = "the target was deleted"
_PROBLEM_KINDS: Final = (Kind.PROBLEM.value, Kind.ERROR.value)


def next_due(connection: Connection) -> int:
    """Give when the next thing is due, microseconds UTC; 0 where nothing is."""
    due_at = tables.due.c.due_at
    return connection.execute(select(due_at).order_by(due_at).limit(1)).scalar() or 0


class Timers:
    """Does what is due.

    Args:
        ledger: what records it.
        clock: gives microseconds UTC.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], int]) -> None:
        self._ledger = ledger
        self._clock = clock

    def run(self, connection: Connection) -> Written:
        """Do some of what is due, within the connection's transaction.

        Returns:
            What was recorded; nothing where nothing was due.
        """
        now = self._clock()
        columns = tables.due.c
        waiting = select(columns.domain_id, columns.kind).where(columns.due_at <= now)
        found = connection.execute(waiting.order_by(columns.due_at).limit(STEP)).all()
        domain_ids = {row.domain_id for row in found}
        if not domain_ids:
            return Written()
        if any(row.kind in {DueKind.SILENCE, DueKind.DOWNTIME_END} for row in found):
            # What it passes on may be of an old day. Whoever changes things by hand takes the locks likewise.
            configuration.hold(connection)
        situation.lock_domains(connection, domain_ids)
        rows = connection.execute(
            select(tables.due)
            .where(columns.domain_id.in_(domain_ids), columns.due_at <= now)
            # The entries of a downtime begin in the order of their ids.
            .order_by(columns.due_at, columns.kind, columns.subject)
            .limit(STEP)
        ).all()
        round_ = _Round(connection, now, _downtimes(connection, rows))
        looked_at = []
        for row in rows:
            # Many silences may end at once: what is not looked at now is due at the next step.
            if len(round_.alerts) >= STEP:
                break
            round_.look_at(row)
            looked_at.append((row.domain_id, row.kind, row.subject))
        connection.execute(
            tables.due.delete().where(tuple_(columns.domain_id, columns.kind, columns.subject).in_(looked_at))
        )
        round_.submit_downtimes()
        # Before the ledger reads them: it may end the same alerts.
        bulk.upsert(connection, tables.alert, [alert_row(each) for each in round_.alerts])
        written = self._ledger.write(connection, round_.submissions) if round_.submissions else None
        bulk.upsert(connection, tables.due, [msgspec.structs.astuple(each) for each in round_.later])
        # What was passed on before, on the same event, stays as it is.
        passed = outbox.not_written(connection, round_.deliveries)
        bulk.insert(connection, tables.delivery, [delivery_row(each) for each in passed])
        lanes.reopen(connection, passed, now)
        written = written or Written()
        written.deliveries += len(passed)
        written.targets |= {each.target_id for each in round_.deliveries}
        return written


def _silence_key(source_id: str) -> str:
    return f"source/{source_id}"


def _downtimes(connection: Connection, rows: Sequence[Row[Any]]) -> dict[tuple[str, str], Downtime]:
    kinds = {DueKind.DOWNTIME_START, DueKind.DOWNTIME_END}
    return downtimes.by_id(connection, [(row.domain_id, row.subject) for row in rows if row.kind in kinds])


class _Round:
    """What one transaction finds out about the things that are due."""

    def __init__(self, connection: Connection, now: int, entries: dict[tuple[str, str], Downtime]) -> None:
        self._connection = connection
        self._now = now
        self._entries = entries
        self._downtimes: dict[str, list[tuple[Downtime, Kind, int]]] = {}
        self._policies: dict[str, Policy] = {}
        self.submissions: list[Submission] = []
        self.later: list[Due] = []
        self.alerts: list[Alert] = []
        self.deliveries: list[Delivery] = []

    def look_at(self, row: Row[Any]) -> None:
        match DueKind(row.kind):
            case DueKind.ACKNOWLEDGEMENT:
                self._end_acknowledgement(row.domain_id, int(row.subject))
            case DueKind.ALERT:
                self._resolve(row.domain_id, int(row.subject))
            case DueKind.SILENCE:
                self._end_silence(row.domain_id, row.subject)
            case DueKind.SOURCE:
                self._look_at_source(row.domain_id, row.subject)
            case DueKind.TARGET:
                self._resolve_own(row.domain_id, trouble_key(row.subject), TARGET_GONE)
            case DueKind.DOWNTIME_START:
                self._begin_downtime(self._entries.get((row.domain_id, row.subject)), row.due_at)
            case DueKind.DOWNTIME_END:
                self._end_downtime(self._entries.get((row.domain_id, row.subject)), row.due_at)

    def submit_downtimes(self) -> None:
        """Say what downtimes began and ended, once all was looked at, and let go what they held back."""
        for domain_id, moves in self._downtimes.items():
            changed = {entry.id: entry for entry, _, _ in moves}
            standing = downtimes.change(self._connection, domain_id, list(changed.values()))
            signals = [downtime_signal(*move) for move in moves if move[0].object_id in standing]
            if signals:
                project_id = directory.first_project(self._connection, domain_id).id
                self.submissions.append(downtime_submission(domain_id, project_id, signals))
            ended = [entry_id for entry_id, entry in changed.items() if entry.ended_at]
            for alert in objects.held_back(self._connection, domain_id, ended) if ended else ():
                self._release(alert)

    def _end_acknowledgement(self, domain_id: str, alert_seq: int) -> None:
        alert = self._open_alert(domain_id, alert_seq)
        if alert is None or not alert.acknowledged_until:
            return
        if alert.acknowledged_until > self._now:  # acknowledged once more, for longer
            self._postpone(domain_id, DueKind.ACKNOWLEDGEMENT, str(alert_seq), alert.acknowledged_until)
            return
        self._act(alert, Kind.ACKNOWLEDGEMENT_END, ACKNOWLEDGEMENT_ENDED)

    def _resolve(self, domain_id: str, alert_seq: int) -> None:
        alert = self._open_alert(domain_id, alert_seq)
        seconds = self._options(domain_id, alert.source_id).resolve_after if alert is not None else 0
        if alert is None or not seconds:
            return
        silent_at = alert.last_at + seconds * MICROSECONDS_PER_SECOND
        if silent_at > self._now:
            self._postpone(domain_id, DueKind.ALERT, str(alert_seq), silent_at)
            return
        self._act(alert, Kind.RECOVERY, f"no signal for {seconds} seconds")

    def _act(self, alert: Alert, kind: Kind, comment: str) -> None:
        payload = Payload("native", "", {"due": kind.value}, b"")
        self.submissions.append(submission_on(alert, kind, author=NAME, comment=comment, payload=payload))

    def _look_at_source(self, domain_id: str, source_id: str) -> None:
        try:
            source = directory.find_source(self._connection, domain_id, source_id)
        except NotFound:
            self._resolve_own(domain_id, _silence_key(source_id), SOURCE_GONE)
            return
        seconds = source.options.silent_after if source.enabled else 0
        key = _silence_key(source_id)
        is_told = self._is_open(domain_id, source.project_id, key)
        seen_at = self._seen_at(domain_id, source_id) or source.created_at
        silent_at = seen_at + seconds * MICROSECONDS_PER_SECOND
        is_silent = bool(seconds) and silent_at <= self._now
        if is_silent != is_told:
            title = f"the source {source.name} {'is silent' if is_silent else 'sends again'}"
            self.submissions.append(
                own_submission(
                    domain_id,
                    source.project_id,
                    key=key,
                    title=title,
                    is_problem=is_silent,
                    description=f"no signal for {seconds} seconds" if is_silent else "",
                )
            )
        if seconds:
            due_at = self._now + _LOOK_AGAIN if is_silent else silent_at
            self._postpone(domain_id, DueKind.SOURCE, source_id, due_at)

    def _resolve_own(self, domain_id: str, key: str, comment: str) -> None:
        """Resolve what Tocsin itself said of something that is gone."""
        columns = tables.alert.c
        rows = self._connection.execute(
            select(*ALERT_COLUMNS)
            .with_hint(tables.alert, "INDEXED BY ix_alert_state", "sqlite")
            .where(
                columns.domain_id == domain_id,
                columns.state.in_([AlertState.OPEN.value, AlertState.ACKNOWLEDGED.value]),
                columns.key == key,
                columns.source_id == "",
            )
        ).all()
        for row in rows:
            self._act(alert_of(row), Kind.RECOVERY, comment)

    def _begin_downtime(self, entry: Downtime | None, at: int) -> None:
        if entry is not None and not entry.started_at:
            self._move(msgspec.structs.replace(entry, started_at=at), Kind.DOWNTIME_START, at)

    def _end_downtime(self, entry: Downtime | None, at: int) -> None:
        if entry is not None and entry.started_at and not entry.ended_at:
            self._move(msgspec.structs.replace(entry, ended_at=at), Kind.DOWNTIME_END, at)

    def _move(self, entry: Downtime, kind: Kind, at: int) -> None:
        # It may begin and end at the same step.
        self._entries[entry.domain_id, entry.id] = entry
        self._downtimes.setdefault(entry.domain_id, []).append((entry, kind, at))

    def _end_silence(self, domain_id: str, silence_id: str) -> None:
        silences, alerts = tables.silence.c, tables.alert.c
        ends_at = self._connection.execute(
            select(silences.ends_at).where(silences.domain_id == domain_id, silences.id == silence_id)
        ).scalar()
        if ends_at is not None and ends_at > self._now:
            self._postpone(domain_id, DueKind.SILENCE, silence_id, ends_at)
            return
        held = self._connection.execute(
            select(*ALERT_COLUMNS)
            .where(
                alerts.domain_id == domain_id,
                alerts.state.in_([AlertState.OPEN.value, AlertState.ACKNOWLEDGED.value]),
                alerts.silenced_by == silence_id,
            )
            .limit(STEP)
        ).all()
        for row in held:
            self._release(alert_of(row))
        if len(held) == STEP:
            self._postpone(domain_id, DueKind.SILENCE, silence_id, self._now)
        elif ends_at is not None and self._now < ends_at + _CLOCKS_APART:
            self._postpone(domain_id, DueKind.SILENCE, silence_id, ends_at + _CLOCKS_APART)

    def _release(self, alert: Alert) -> None:
        """Pass on the last problem of an alert that a silence held back, unless another one holds it now."""
        problem = self._last(alert, _PROBLEM_KINDS)
        if problem is None:
            self.alerts.append(msgspec.structs.replace(alert, silenced_by=""))
            self._act(alert, Kind.NOTE, UNTOLD)
            return
        change = Change.SEVERITY if alert.passed_to else Change.OPENED
        written = handling.of_alerts(self._connection, alert.domain_id, [alert.seq]).get(alert.seq)
        orders = NO_ORDERS if written is None else Orders(urgency=written.urgency)
        policy, quiet = self._policy(alert.domain_id), self._quieted_by(alert)
        passing = pass_on(policy, problem, change, alert, self._now, orders, quiet)
        if passing.alert is not None:
            self.alerts.append(passing.alert)
        acknowledged = None
        if alert.state is AlertState.ACKNOWLEDGED:
            acknowledged = self._last(alert, (Kind.ACKNOWLEDGEMENT.value,))
        for target_id, route_id in passing.targets.items():
            self.deliveries.append(delivery_of(problem, target_id, route_id, change, self._now))
            if acknowledged is not None:
                self.deliveries.append(
                    delivery_of(acknowledged, target_id, route_id, Change.ACKNOWLEDGED, self._now)
                )

    def _quieted_by(self, alert: Alert) -> str:
        columns = tables.monitored_object.c
        row = self._connection.execute(
            select(tables.monitored_object).where(
                columns.domain_id == alert.domain_id, columns.id == alert.object_id
            )
        ).first()
        return quieted_by(object_of(row)) if row is not None else ""

    def _policy(self, domain_id: str) -> Policy:
        if domain_id not in self._policies:
            self._policies[domain_id] = read_policy(self._connection, domain_id, self._now)
        return self._policies[domain_id]

    def _last(self, alert: Alert, kinds: tuple[str, ...]) -> Event | None:
        columns = tables.event.c
        row = self._connection.execute(
            select(*EVENT_COLUMNS)
            .with_hint(tables.event, "INDEXED BY ix_event_alert", "sqlite")
            .where(
                columns.domain_id == alert.domain_id,
                columns.alert_seq == alert.seq,
                columns.kind.in_(kinds),
            )
            .order_by(columns.seq.desc())
            .limit(1)
        ).first()
        if row is None:
            return None
        return marks.read(self._connection, alert.domain_id).shown(event_of(row))

    def _open_alert(self, domain_id: str, alert_seq: int) -> Alert | None:
        try:
            alert = reading.alert(self._connection, domain_id, alert_seq)
        except NotFound:
            return None
        return alert if alert.state is not AlertState.RESOLVED else None

    def _is_open(self, domain_id: str, project_id: str, key: str) -> bool:
        columns = tables.alert.c
        found = select(columns.seq).where(
            columns.domain_id == domain_id,
            columns.project_id == project_id,
            columns.key == key,
            columns.resolved_at == 0,
        )
        return self._connection.execute(found).first() is not None

    def _options(self, domain_id: str, source_id: str) -> SourceOptions:
        try:
            return directory.find_source(self._connection, domain_id, source_id).options
        except NotFound:
            return SourceOptions()

    def _seen_at(self, domain_id: str, source_id: str) -> int:
        columns = tables.activity.c
        seen = select(columns.seen_at).where(columns.domain_id == domain_id, columns.source_id == source_id)
        return self._connection.execute(seen).scalar() or 0

    def _postpone(self, domain_id: str, kind: DueKind, subject: str, due_at: int) -> None:
        self.later.append(Due(domain_id, kind, subject, due_at))
