"""Discovery: the monitored objects that signals speak of are found or made, and brought to a state."""

from typing import Final

import msgspec
from msgspec.structs import replace

from tocsin.model.alert import Alert
from tocsin.model.checking import Checked, Surroundings, check, is_well, take_over, unacknowledged
from tocsin.model.due import Due, DueKind
from tocsin.model.entries import Entries
from tocsin.model.event import day_of
from tocsin.model.identity import own_object
from tocsin.model.life_cycle import Change, Verdict
from tocsin.model.monitored import HARD, UP, MonitoredObject, flapping_id, initial_state, state_after
from tocsin.model.naming import Named
from tocsin.model.signal import Kind, Signal
from tocsin.model.situation import DomainState, ObjectName, Situation
from tocsin.model.source import Source

_SAY_A_STATE: Final = (Kind.PROBLEM, Kind.RECOVERY, Kind.ERROR)
OBJECTS_FULL: Final = "too many discovered objects: it stands on the source's own object"


class Discovery(msgspec.Struct):
    """The objects of one submission's signals. The situation and the entries move along.

    Attributes:
        limit: how many discovered objects the domain may have.
        recorded_at: microseconds UTC.
    """

    source: Source
    domain: DomainState
    situation: Situation
    entries: Entries
    limit: int
    recorded_at: int

    def of_alert(self, name: ObjectName, alert: Alert) -> MonitoredObject | None:
        """Find the object that an act by hand moves; None where the alert does not stand on what it names.

        Acts by hand make no objects, and move none that other signals speak of.
        """
        known = self.situation.objects.get(name)
        return known if known is not None and known.id == alert.object_id else None

    def find(self, name: ObjectName) -> tuple[MonitoredObject, str]:
        """Find the object of a signal, or discover it with its host while there is room.

        What was taken out of the configuration is discovered again under its old number.

        Returns:
            The object, and a remark where it had to be the source's own; '' else.
        """
        known = self._standing(name)
        if known is not None:
            return known, ""
        own = (self.domain.id, *own_object(self.source))
        host = (name[0], name[1], "")
        wanted = {each for each in {name, host} - {own} if self._standing(each) is None}
        if not wanted or self.domain.discovered + len(wanted) <= self.limit:
            if host != name and self._standing(host) is None:
                self._add(host)
            return self._add(name), ""
        return self._standing(own) or self._add(own), OBJECTS_FULL

    def _standing(self, name: ObjectName) -> MonitoredObject | None:
        known = self.situation.objects.get(name)
        return None if known is None or known.gone_at else known

    def _add(self, name: ObjectName) -> MonitoredObject:
        _, host, service = name
        domain, at = self.domain, self.recorded_at
        discovered = (host, service) != own_object(self.source)
        former = self.situation.objects.get(name)
        if former is not None:
            added = replace(former, gone_at=0, seen_at=at, discovered=discovered)
        else:
            added = MonitoredObject(
                domain.id, domain.next_object, host, service, initial_state(service), HARD, at, at, discovered
            )
        # What comes back takes none of the numbers, and is one more all the same for who keeps what there is.
        domain.next_object += 1
        domain.discovered += discovered
        self._write(added)
        return added

    def _write(self, written: MonitoredObject) -> None:
        self.situation.objects[written.domain_id, written.host, written.service] = written
        self.entries.objects[written.domain_id, written.id] = written

    def check(self, named: Named, present: MonitoredObject) -> Checked:
        """Decide what a check result does to its object; what comes of it is written.

        A result that stands on an object of another name is judged as the first of its own, and leaves that
        object alone.

        Args:
            named: the check result with its names.
            present: the object that it stands on.
        """
        signal = named.signal
        stands_in = (present.host, present.service) != (named.host, named.service)
        if stands_in:
            # Nobody counts its results: every problem is hard at once, or none would ever be.
            present = self._unknown(named, present)
        elif present.discovered:
            present = replace(present, max_attempts=self.source.options.check_attempts)
        if signal.state_type:
            checked = take_over(present, signal, self.recorded_at)
        else:
            around = self._surroundings(named, present)
            checked = check(
                present, signal.state, signal.output, self.recorded_at, around, is_active=signal.is_active
            )
        if not stands_in:
            self._write(checked.object)
            if present.flapping and not checked.object.flapping:
                # What was held back meanwhile is passed on.
                self._let_go(present)
        return checked

    def _surroundings(self, named: Named, present: MonitoredObject) -> Surroundings:
        objects, domain_id = self.situation.objects, self.domain.id
        if named.service:
            host = objects.get((domain_id, named.host, ""))
            return Surroundings(is_host_up=host is None or host.state == UP)
        named_hosts = (self.situation.hosts.get((domain_id, parent)) for parent in present.parents)
        parents = [objects[each] for each in named_hosts if each is not None]
        return Surroundings(are_parents_down=bool(parents) and all(each.state != UP for each in parents))

    def _unknown(self, named: Named, present: MonitoredObject) -> MonitoredObject:
        return MonitoredObject(
            *(present.domain_id, present.id, named.host, named.service, initial_state(named.service), HARD),
            *(self.recorded_at, self.recorded_at, True),
        )

    def _let_go(self, present: MonitoredObject) -> None:
        due = Due(present.domain_id, DueKind.SILENCE, flapping_id(present), self.recorded_at)
        self.entries.due[due.domain_id, due.kind, due.subject] = due

    def move(self, named: Named, present: MonitoredObject | None, verdict: Verdict) -> tuple[str, str]:
        """Bring the object to the state that the signal gives it; give the event's state and its type.

        An event that stands on an object of another name (the source's own beyond the limit or with a key
        made up, the alert's own in acts by hand) says its own state and leaves the object's alone.

        Args:
            named: the signal with its names; no check result.
            present: the object that its event stands on, None for none.
            verdict: what the signal does to its alert.
        """
        signal, service = named.signal, named.service
        stands_in = present is None or (present.host, present.service) != (named.host, service)
        before = initial_state(service) if present is None or stands_in else present.state
        state = state_after(signal.kind, signal.severity, service, before) if verdict.counts else before
        if present is None:
            return state, HARD
        moved = present if stands_in else self._moved(signal, present, state, verdict)
        if moved is not present:
            self._write(replace(moved, seen_at=self.recorded_at))
        else:
            self._renew(present)
        # A host stays as long as its services are heard of.
        its_host = self.situation.objects.get((present.domain_id, present.host, ""))
        if its_host is not None:
            self._renew(its_host)
        is_hard = stands_in or signal.kind in _SAY_A_STATE
        return state, HARD if is_hard else present.state_type

    def _moved(
        self, signal: Signal, present: MonitoredObject, state: str, verdict: Verdict
    ) -> MonitoredObject:
        if signal.kind is Kind.ACKNOWLEDGEMENT and not is_well(present.state):
            return replace(
                present,
                acknowledged_at=self.recorded_at,
                acknowledged_by=signal.author,
                acknowledged_comment=signal.comment,
                sticky=not signal.until_change,
            )
        if signal.kind is Kind.ACKNOWLEDGEMENT_END or verdict.change is Change.TRIGGERED:
            present = unacknowledged(present)
        is_changed = state != present.state
        says_a_state = verdict.counts and signal.kind in _SAY_A_STATE
        if not is_changed and (present.state_type == HARD or not says_a_state):
            return present
        moved = replace(
            present,
            state=state,
            # Only check results are soft.
            state_type=HARD,
            state_since=self.recorded_at if is_changed else present.state_since,
            output=signal.output or signal.title,
            attempt=1 if is_well(state) else present.max_attempts or 1,
            hard_state=state,
        )
        return unacknowledged(moved) if is_changed and (is_well(state) or not present.sticky) else moved

    def _renew(self, seen: MonitoredObject) -> None:
        if day_of(seen.seen_at) != day_of(self.recorded_at):
            self._write(replace(seen, seen_at=self.recorded_at))
