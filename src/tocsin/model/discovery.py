"""Discovery: the monitored objects that signals speak of are found or made, and brought to a state."""

from typing import Final

import msgspec
from msgspec.structs import replace

from tocsin.model.alert import Alert
from tocsin.model.entries import Entries
from tocsin.model.event import day_of
from tocsin.model.identity import own_object
from tocsin.model.monitored import HARD, MonitoredObject, initial_state, state_after
from tocsin.model.naming import Named
from tocsin.model.situation import DomainState, ObjectName, Situation
from tocsin.model.source import Source

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

        Returns:
            The object, and a remark where it had to be the source's own; '' else.
        """
        known = self.situation.objects.get(name)
        if known is not None:
            return known, ""
        own = (self.domain.id, *own_object(self.source))
        host = (name[0], name[1], "")
        wanted = {name, host} - {own} - self.situation.objects.keys()
        if not wanted or self.domain.discovered + len(wanted) <= self.limit:
            if host != name and host not in self.situation.objects:
                self._add(host)
            return self._add(name), ""
        known = self.situation.objects.get(own)
        return known or self._add(own), OBJECTS_FULL

    def _add(self, name: ObjectName) -> MonitoredObject:
        _, host, service = name
        domain, at = self.domain, self.recorded_at
        discovered = (host, service) != own_object(self.source)
        added = MonitoredObject(
            domain.id, domain.next_object, host, service, initial_state(service), HARD, at, at, discovered
        )
        domain.next_object += 1
        domain.discovered += discovered
        self._write(added)
        return added

    def _write(self, written: MonitoredObject) -> None:
        self.situation.objects[written.domain_id, written.host, written.service] = written
        self.entries.objects[written.domain_id, written.id] = written

    def move(self, named: Named, present: MonitoredObject | None, *, counts: bool) -> str:
        """Bring the object to the state that the signal gives it, and give the event's state.

        An event that stands on an object of another name (the source's own beyond the limit or with a key
        made up, the alert's own in acts by hand) says its own state and leaves the object's alone.

        Args:
            named: the signal with its names.
            present: the object that its event stands on, None for none.
            counts: False where the signal is too old to change anything.
        """
        signal, service = named.signal, named.service
        stands_in = present is None or (present.host, present.service) != (named.host, service)
        before = initial_state(service) if present is None or stands_in else present.state
        state = state_after(signal.kind, signal.severity, service, before) if counts else before
        if present is None:
            return state
        if state != present.state and not stands_in:
            self._write(replace(present, state=state, state_since=self.recorded_at, seen_at=self.recorded_at))
        else:
            self._renew(present)
        # A host stays as long as its services are heard of.
        its_host = self.situation.objects.get((present.domain_id, present.host, ""))
        if its_host is not None:
            self._renew(its_host)
        return state

    def _renew(self, seen: MonitoredObject) -> None:
        if day_of(seen.seen_at) != day_of(self.recorded_at):
            self._write(replace(seen, seen_at=self.recorded_at))
