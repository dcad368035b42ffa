"""Recording: a batch of submissions and what the ledger holds about them -> rows to write, and receipts.

Pure: the ledger loads a `Situation`, `record` decides signal after signal in order of arrival, and the ledger
writes the `Entries` in the same transaction.
"""

from typing import Final

import msgspec
from msgspec.structs import replace

from tocsin.model.alert import Alert, AlertState
from tocsin.model.checking import told
from tocsin.model.delivery import delivery_of
from tocsin.model.discovery import Discovery
from tocsin.model.due import Due, DueKind
from tocsin.model.entries import Entries, RejectedItem
from tocsin.model.event import MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND, Event, day_of
from tocsin.model.handling import Handling
from tocsin.model.intake_rule import Orders
from tocsin.model.life_cycle import NOT_ITS_ALERT, Change, Place, Verdict, decide, misses
from tocsin.model.monitored import MonitoredObject, quieted_by
from tocsin.model.naming import Named
from tocsin.model.past import KNOWN, PAST, fact_of
from tocsin.model.policy import NO_POLICY, Passing, Policy, pass_on
from tocsin.model.receipt import Outcome, Receipt
from tocsin.model.signal import Kind, Signal
from tocsin.model.situation import AlertKey, DomainState, Situation
from tocsin.model.source import Source
from tocsin.model.submission import Refusal, Submission

FROM_THE_FUTURE: Final = "the sender's time is more than a day ahead"
NOTHING_NEW: Final = "the check result tells nothing new: it makes no event"
_SNAPSHOTS: Final = (Kind.ACKNOWLEDGEMENT, Kind.DOWNTIME_START, Kind.DOWNTIME_END)
"""Kinds whose events show what their object's last check said."""
KEY_MADE: Final = "the sender named no key, so one was made"


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
        discovery = Discovery(source, domain, situation, entries, object_limit, recorded_at)
        desk = _Desk(submission, domain, situation, entries, discovery, recorded_at, payload_seq)
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
    discovery: Discovery
    recorded_at: int
    payload_seq: int

    @property
    def source(self) -> Source:
        return self.submission.source

    def record(self, named: Named) -> Receipt:
        signal, source, domain = named.signal, self.source, self.domain
        latest = self.situation.alert(named.alert, signal.alert_seq)
        if misses(signal, latest):
            return Receipt(signal.index, Outcome.REJECTED, NOT_ITS_ALERT)
        if self.submission.is_past:
            return self._record_past(named)
        seq = domain.next_seq
        present: MonitoredObject | None
        checked, released = None, False
        if signal.alert_seq and latest is not None:
            present, remark = self.discovery.of_alert(named.object, latest), ""
            object_id = latest.object_id
        else:
            present, remark = self.discovery.find(named.object)
            object_id = present.id
            if signal.kind is Kind.CHECK_RESULT:
                checked = self.discovery.check(named, present)
                signal = told(signal, checked, soft_opens=source.options.soft_opens)
                released = bool(present.acknowledged_at) and not checked.object.acknowledged_at
        place = self._place(named, object_id, released=released)
        policy = self.situation.policies.get(domain.id, NO_POLICY)
        by_hand = named.project_id in policy.recovered_by_hand
        verdict = decide(signal, place, latest, source.options, recovered_by_hand=by_hand)
        # That all is well is news to an alert that is open still: another source said so first, or too early.
        if checked is not None and not checked.is_event and verdict.change is not Change.RESOLVED:
            self._hear_of(named.alert, latest)
            return Receipt(signal.index, Outcome.RECORDED, NOTHING_NEW)
        domain.next_seq = seq + 1
        if checked is not None:
            state, state_type = checked.state, checked.state_type
        else:
            state, state_type = self.discovery.move(named, present, verdict)
        says = signal.output or (present.output if present and signal.kind in _SNAPSHOTS else "")
        event = self._event(named, signal, place, verdict, (state, state_type), says, remark)
        passing = self._pass_on(policy, event, verdict, named, self._quieted_by(named))
        if passing.silenced_by or passing.remark:
            event = replace(
                event,
                silenced_by=passing.silenced_by,
                reason="; ".join(filter(None, (event.reason, passing.remark))),
            )
        self.entries.events.append(event)
        if passing.alert is not None:
            alert = passing.alert
            if verdict.change is Change.OPENED:
                alert = self._handled(alert, named.orders)
            self._keep_alert(named.alert, alert)
            self._keep_due(alert, verdict.change)
        self._keep_deliveries(event, passing, verdict.change)
        return Receipt(signal.index, event.outcome, event.reason, seq, event.alert_seq, event.silenced_by)

    def _record_past(self, named: Named) -> Receipt:
        signal, domain = named.signal, self.domain
        known = self.situation.past.setdefault(domain.id, set())
        fact = fact_of(signal, self.source.id, named.host, named.service)
        if fact in known:
            return Receipt(signal.index, Outcome.RECORDED, KNOWN)
        known.add(fact)
        present, remark = self.discovery.find(named.object)
        place = self._place(named, present.id)
        state = (signal.state, signal.state_type)
        event = self._event(named, signal, place, PAST, state, signal.output, remark)
        domain.next_seq += 1
        self.entries.events.append(event)
        return event.receipt

    def _place(self, named: Named, object_id: int, *, released: bool = False) -> Place:
        domain, recorded_at = self.domain, self.recorded_at
        time = named.signal.occurred_at or recorded_at
        names = (named.host, named.service)
        return Place(
            domain.id,
            named.project_id,
            self.source.id,
            domain.next_seq,
            recorded_at,
            time,
            object_id,
            *names,
            released,
        )

    def _event(
        self,
        named: Named,
        signal: Signal,
        place: Place,
        verdict: Verdict,
        state: tuple[str, str],
        output: str,
        remark: str,
    ) -> Event:
        """Make the event of a signal, silences aside.

        Args:
            named: the signal as it came, with its names.
            signal: what it comes to.
            place: where the event stands.
            verdict: what the signal does.
            state: of the event, and the type of that.
            output: of the event.
            remark: of whoever found the object; '' for none.
        """
        return Event(
            place.domain_id,
            place.seq,
            day_of(place.recorded_at),
            place.project_id,
            place.source_id,
            signal.kind,
            signal.key,
            signal.title,
            signal.description,
            signal.severity,
            *state,
            place.host,
            place.service,
            place.object_id,
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
            output,
            signal.attempt,
            signal.markdown,
            "",
            verdict.alert_seq,
            verdict.outcome,
            "; ".join(filter(None, (*self._remarks(named, verdict, place.time), remark))),
            self.payload_seq,
            signal.index,
            signal.occurred_at,
            place.time,
            place.recorded_at,
        )

    def _remarks(self, named: Named, verdict: Verdict, time: int) -> list[str]:
        remarks = [*named.signal.remarks, *named.remarks, verdict.reason]
        if verdict.change is Change.OPENED:
            remarks += named.orders.remarks
        if named.signal.key_made:
            remarks.append(KEY_MADE)
        if time > self.recorded_at + MICROSECONDS_PER_DAY:
            remarks.append(FROM_THE_FUTURE)
        return remarks

    def _quieted_by(self, named: Named) -> str:
        present = self.situation.objects.get(named.object)
        return quieted_by(present) if present is not None else ""

    def _hear_of(self, key: AlertKey, latest: Alert | None) -> None:
        """Keep an alert from resolving by itself while results go on to find its problem."""
        is_open = latest is not None and latest.state is not AlertState.RESOLVED
        if latest is not None and is_open and self.source.options.resolve_after:
            self._keep_alert(key, replace(latest, last_at=self.recorded_at))

    def _pass_on(self, policy: Policy, event: Event, verdict: Verdict, named: Named, quiet: str) -> Passing:
        if only_to := self.submission.only_to:
            return Passing("", verdict.alert, dict.fromkeys(only_to, ""))
        return pass_on(policy, event, verdict.change, verdict.alert, self.recorded_at, named.orders, quiet)

    def _keep_alert(self, key: AlertKey, alert: Alert) -> None:
        self.situation.keep(key, alert)
        self.entries.alerts[alert.domain_id, alert.seq] = alert

    def _handled(self, alert: Alert, orders: Orders) -> Alert:
        """Give a new alert to whom intake rules say, and write on it what else they say of it."""
        if orders.urgency:
            self.entries.handling.append(Handling(alert.domain_id, alert.seq, urgency=orders.urgency))
        return replace(alert, assignee=orders.assignee) if orders.assignee else alert

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
