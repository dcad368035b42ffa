"""Recording: a batch of submissions and what the ledger holds about them -> rows to write, and receipts.

Pure: the ledger loads a `Situation`, `record` decides signal after signal in order of arrival, and the ledger
writes the `Entries` in the same transaction.
"""

from enum import StrEnum
from typing import Final, TypeAlias

import msgspec
from msgspec.structs import replace

from tocsin.model.alert import Alert
from tocsin.model.delivery import Delivery, DeliveryState
from tocsin.model.due import Due, DueKind
from tocsin.model.event import MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND, Event, day_of
from tocsin.model.identity import identify, names_of, object_of, own_object
from tocsin.model.life_cycle import NOT_ITS_ALERT, Change, Place, Verdict, decide, misses
from tocsin.model.monitored import HARD, MonitoredObject, initial_state, state_after
from tocsin.model.policy import NO_POLICY, Passing, Policy, pass_on
from tocsin.model.receipt import Outcome, Receipt
from tocsin.model.signal import Signal
from tocsin.model.source import Source

OBJECTS_FULL: Final = "too many discovered objects: it stands on the source's own object"
FROM_THE_FUTURE: Final = "the sender's time is more than a day ahead"

AlertKey: TypeAlias = tuple[str, str, str]
ObjectName: TypeAlias = tuple[str, str, str]


class Payload(msgspec.Struct, frozen=True, gc=False):
    """One request as it came, kept whole.

    Attributes:
        format: the dialect that understood it.
        content_type: as the sender said, '' where it said none.
        context: what the path said beside the body (the routing key), for replay.
        body: the bytes, decompressed if they came compressed.
    """

    format: str
    content_type: str
    context: dict[str, str]
    body: bytes


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """An item of a request that is no signal: its place from 0 and what is wrong with it."""

    index: int
    reason: str


class Standing(StrEnum):
    """How a request stands to an earlier one with its Idempotency-Key.

    Attributes:
        NEW: there was none.
        REPEATED: it was the same.
        OTHER: it was another.
    """

    NEW = "new"
    REPEATED = "repeated"
    OTHER = "other"


class Once(msgspec.Struct, gc=False):
    """What makes a repeated request known as one. The submissions of a request share it.

    Attributes:
        key: a hash of the Idempotency-Key, of who asks and what for.
        fingerprint: a hash of what is asked.
        standing: how it stands to what was answered before, as the ledger found it.
    """

    key: str
    fingerprint: str
    standing: Standing = Standing.NEW


class Submission(msgspec.Struct, gc=False):
    """What one request brought: its signals and its refused items, of one source.

    Attributes:
        source: where it came in.
        payload: the request itself.
        signals: what it said, in order.
        refusals: what of it was not understood.
        only_to: the ids of the targets that its events go to, whatever silences and routes say; empty for
            what those decide.
        once: by what it is known if it comes again; None where it is recorded each time.
    """

    source: Source
    payload: Payload
    signals: list[Signal]
    refusals: list[Refusal] = []
    only_to: tuple[str, ...] = ()
    once: Once | None = None


class DomainState(msgspec.Struct):
    """The counters of a domain's row, taken under its lock.

    Attributes:
        next_seq: number of the next event.
        next_object: number of the next monitored object.
        discovered: how many objects stand there that nobody configured.
        recorded_at: when the last batch was recorded, microseconds UTC.
    """

    id: str
    next_seq: int
    next_object: int
    discovered: int
    recorded_at: int


class Situation(msgspec.Struct):
    """What the ledger holds about the keys and objects that a batch names.

    Attributes:
        domains: by id.
        alerts: the open alert of each key, or its last resolved one where the source goes by its own clock.
        objects: by domain, host and service.
        policies: by domain; one that is missing has neither silences nor routes.
    """

    domains: dict[str, DomainState]
    alerts: dict[AlertKey, Alert]
    objects: dict[ObjectName, MonitoredObject]
    policies: dict[str, Policy] = {}


class RejectedItem(msgspec.Struct, frozen=True, gc=False):
    """A signal that was not recorded, to be kept with its payload and reason."""

    submission: Submission
    refusal: Refusal
    rejected_at: int


class Entries(msgspec.Struct):
    """What one batch writes.

    Attributes:
        payloads: by the number of the request's first event; one for all submissions that hold the very same.
        events: in order of `seq` within each domain.
        alerts: every opened or changed alert as it stands at the end, by domain and number.
        objects: every new or changed object as it stands at the end, by domain and number.
        deliveries: what goes to targets.
        due: what time is to bring.
        rejected: what is kept among the rejected.
        receipts: per submission, in the order of the indexes of its items.
    """

    payloads: list[tuple[str, int, int, str, Payload]] = []
    events: list[Event] = []
    alerts: dict[tuple[str, int], Alert] = {}
    objects: dict[tuple[str, int], MonitoredObject] = {}
    deliveries: list[Delivery] = []
    due: dict[tuple[str, DueKind, str], Due] = {}
    rejected: list[RejectedItem] = []
    receipts: list[list[Receipt]] = []


class Named(msgspec.Struct, frozen=True, gc=False):
    """The names by which a signal is matched, and the host and service that its event says."""

    signal: Signal
    alert: AlertKey
    object: ObjectName
    host: str
    service: str


def name(submission: Submission) -> list[Named]:
    """Give each signal's alert key and object, before anything is loaded.

    The submission stays as it is: a batch that failed is named and written again.
    """
    source = submission.source
    identity = source.options.identity
    named = []
    for each in submission.signals:
        signal = identify(each, identity)
        named.append(
            Named(
                signal,
                (source.domain_id, source.project_id, signal.key),
                (source.domain_id, *object_of(signal, source)),
                *names_of(signal, source),
            )
        )
    return named


def record(
    batch: list[tuple[Submission, list[Named]]], situation: Situation, now: int, object_limit: int
) -> Entries:
    """Decide a whole batch in its order. The situation's counters, alerts and objects move along.

    Args:
        batch: each submission with its named signals.
        situation: what the ledger holds, under the domains' locks.
        now: microseconds UTC; a clock that ran back is held at the domain's last time.
        object_limit: how many discovered objects a domain may have.
    """
    entries = Entries()
    kept: dict[tuple[str, int], int] = {}
    for submission, named in batch:
        source = submission.source
        domain = situation.domains[source.domain_id]
        domain.recorded_at = recorded_at = max(now, domain.recorded_at)
        # A request that names several sources comes as several submissions: its body is stored once.
        request = (domain.id, id(submission.payload))
        payload_seq = kept.get(request, domain.next_seq)
        desk = _Desk(submission, domain, situation, entries, object_limit, recorded_at, payload_seq)
        first_seq = domain.next_seq
        receipts = [desk.record(each) for each in named]
        refusals = [
            *submission.refusals,
            *(Refusal(r.index, r.reason) for r in receipts if r.outcome is Outcome.REJECTED),
        ]
        if domain.next_seq > first_seq and request not in kept:
            kept[request] = payload_seq
            entries.payloads.append(
                (domain.id, payload_seq, day_of(recorded_at), source.id, submission.payload)
            )
        entries.rejected.extend(RejectedItem(submission, refusal, recorded_at) for refusal in refusals)
        if submission.refusals:
            receipts += [Receipt(each.index, Outcome.REJECTED, each.reason) for each in submission.refusals]
            receipts.sort(key=lambda receipt: receipt.index)
        entries.receipts.append(receipts)
    return entries


class _Desk(msgspec.Struct):
    """Where the signals of one submission are recorded one after the other."""

    submission: Submission
    domain: DomainState
    situation: Situation
    entries: Entries
    object_limit: int
    recorded_at: int
    payload_seq: int

    @property
    def source(self) -> Source:
        return self.submission.source

    def record(self, named: Named) -> Receipt:
        signal, source, domain = named.signal, self.source, self.domain
        latest = self.situation.alerts.get(named.alert)
        if misses(signal, latest):
            return Receipt(signal.index, Outcome.REJECTED, NOT_ITS_ALERT)
        seq, recorded_at = domain.next_seq, self.recorded_at
        time = signal.occurred_at or recorded_at
        host, service = named.host, named.service
        if signal.alert_seq and latest is not None:
            present, remark = self._object_of_alert(named.object, latest), ""
            object_id = latest.object_id
        else:
            present, remark = self._find_object(named.object)
            object_id = present.id
        place = Place(
            domain.id, source.project_id, source.id, seq, recorded_at, time, object_id, host, service
        )
        verdict = decide(signal, place, latest, source.options)
        domain.next_seq = seq + 1
        state = self._move_object(named, present, verdict)
        remarks = [*signal.remarks, verdict.reason, remark]
        if time > recorded_at + MICROSECONDS_PER_DAY:
            remarks.append(FROM_THE_FUTURE)
        event = Event(
            domain.id,
            seq,
            day_of(recorded_at),
            source.project_id,
            source.id,
            signal.kind,
            signal.key,
            signal.title,
            signal.description,
            signal.severity,
            state,
            present.state_type if present is not None else HARD,
            host,
            service,
            object_id,
            signal.rule,
            signal.resource_id,
            signal.resource_type,
            signal.resource_name,
            signal.provider,
            signal.account,
            signal.image_url,
            signal.links,
            signal.labels,
            signal.source_tool,
            signal.author,
            signal.comment,
            signal.window_start,
            signal.window_end,
            signal.output,
            signal.attempt,
            signal.markdown,
            "",
            verdict.alert_seq,
            verdict.outcome,
            "; ".join(filter(None, remarks)),
            self.payload_seq,
            signal.index,
            signal.occurred_at,
            time,
            recorded_at,
        )
        passing = self._pass_on(event, verdict)
        if passing.silenced_by or passing.remark:
            event = replace(
                event,
                silenced_by=passing.silenced_by,
                reason="; ".join(filter(None, (event.reason, passing.remark))),
            )
        self.entries.events.append(event)
        if passing.alert is not None:
            self._keep_alert(named.alert, passing.alert)
            self._keep_due(passing.alert, verdict.change)
        self._keep_deliveries(event, passing, verdict.change)
        return Receipt(signal.index, event.outcome, event.reason, seq, event.alert_seq, event.silenced_by)

    def _pass_on(self, event: Event, verdict: Verdict) -> Passing:
        if only_to := self.submission.only_to:
            return Passing("", verdict.alert, dict.fromkeys(only_to, ""))
        policy = self.situation.policies.get(self.domain.id, NO_POLICY)
        return pass_on(policy, event, verdict.change, verdict.alert, self.recorded_at)

    def _object_of_alert(self, name: ObjectName, alert: Alert) -> MonitoredObject | None:
        """Find the object that an act by hand moves; None where the alert does not stand on what it names.

        Acts by hand make no objects, and move none that other signals speak of.
        """
        known = self.situation.objects.get(name)
        return known if known is not None and known.id == alert.object_id else None

    def _find_object(self, name: ObjectName) -> tuple[MonitoredObject, str]:
        known = self.situation.objects.get(name)
        if known is not None:
            return known, ""
        own = (self.domain.id, *own_object(self.source))
        host = (name[0], name[1], "")
        wanted = {name, host} - {own} - self.situation.objects.keys()
        if not wanted or self.domain.discovered + len(wanted) <= self.object_limit:
            if host != name and host not in self.situation.objects:
                self._add_object(host)
            return self._add_object(name), ""
        known = self.situation.objects.get(own)
        return known or self._add_object(own), OBJECTS_FULL

    def _add_object(self, name: ObjectName) -> MonitoredObject:
        _, host, service = name
        domain, at = self.domain, self.recorded_at
        discovered = (host, service) != own_object(self.source)
        added = MonitoredObject(
            domain.id, domain.next_object, host, service, initial_state(service), HARD, at, at, discovered
        )
        domain.next_object += 1
        domain.discovered += discovered
        self._write_object(added)
        return added

    def _write_object(self, written: MonitoredObject) -> None:
        self.situation.objects[written.domain_id, written.host, written.service] = written
        self.entries.objects[written.domain_id, written.id] = written

    def _move_object(self, named: Named, present: MonitoredObject | None, verdict: Verdict) -> str:
        """Bring the object to the state that the signal gives it, and give the event's state.

        An event that stands on an object of another name (the source's own beyond the limit or with a key
        made up, the alert's own in acts by hand) says its own state and leaves the object's alone.
        """
        signal, service = named.signal, named.service
        stands_in = present is None or (present.host, present.service) != (named.host, service)
        before = initial_state(service) if present is None or stands_in else present.state
        state = state_after(signal.kind, signal.severity, service, before) if verdict.counts else before
        if present is None:
            return state
        if state != present.state and not stands_in:
            self._write_object(
                replace(present, state=state, state_since=self.recorded_at, seen_at=self.recorded_at)
            )
        else:
            self._renew(present)
        # A host stays as long as its services are heard of.
        its_host = self.situation.objects.get((present.domain_id, present.host, ""))
        if its_host is not None:
            self._renew(its_host)
        return state

    def _renew(self, seen: MonitoredObject) -> None:
        if day_of(seen.seen_at) != day_of(self.recorded_at):
            self._write_object(replace(seen, seen_at=self.recorded_at))

    def _keep_alert(self, key: AlertKey, alert: Alert) -> None:
        self.situation.alerts[key] = alert
        self.entries.alerts[alert.domain_id, alert.seq] = alert

    def _keep_due(self, alert: Alert, change: Change) -> None:
        """Note what time is to bring. What was noted before stays, and looks how things stand then."""
        if change is Change.ACKNOWLEDGED and alert.acknowledged_until:
            self._add_due(alert, DueKind.ACKNOWLEDGEMENT, alert.acknowledged_until)
        elif change is Change.OPENED and self.source.options.resolve_after:
            silent_for = self.source.options.resolve_after * MICROSECONDS_PER_SECOND
            self._add_due(alert, DueKind.ALERT, self.recorded_at + silent_for)

    def _add_due(self, alert: Alert, kind: DueKind, due_at: int) -> None:
        due = Due(alert.domain_id, kind, str(alert.seq), due_at)
        self.entries.due[due.domain_id, kind, due.subject] = due

    def _keep_deliveries(self, event: Event, passing: Passing, change: Change) -> None:
        self.entries.deliveries.extend(
            delivery_of(event, target_id, route_id, change, self.recorded_at)
            for target_id, route_id in passing.targets.items()
        )


def delivery_of(event: Event, target_id: str, route_id: str, change: Change, now: int) -> Delivery:
    """Make the delivery of an event to a target, due at once.

    Args:
        event: what is to be told.
        target_id: to whom.
        route_id: which route chose it, '' for none.
        change: what the event did to its alert.
        now: microseconds UTC.
    """
    return Delivery(
        event.domain_id,
        event.seq,
        target_id,
        event.day,
        route_id,
        event.project_id,
        event.key,
        event.alert_seq,
        change,
        DeliveryState.PENDING,
        created_at=now,
        due_at=now,
    )
