"""What the model needs around it, kept in dicts: what a ledger holds, loaded and written batch by batch.

A batch sees only what the batches before it wrote, never what they had in hand.
"""

from dataclasses import dataclass, field

from msgspec.structs import replace

from tests.property.submissions import OBJECT_LIMIT, Batches
from tocsin.model.alert import Alert, AlertState
from tocsin.model.entries import Entries, RejectedItem
from tocsin.model.event import Event
from tocsin.model.identity import own_object
from tocsin.model.monitored import MonitoredObject
from tocsin.model.naming import Named, name
from tocsin.model.receipt import Receipt
from tocsin.model.recording import record
from tocsin.model.situation import AlertKey, DomainState, ObjectName, Situation
from tocsin.model.submission import Payload, Submission


@dataclass
class Notebook:
    """Holds what was recorded.

    Attributes:
        object_limit: how many discovered objects a domain may have.
        domains: by id; made when a signal of theirs comes.
        receipts: of each submission, in order.
    """

    object_limit: int
    domains: dict[str, DomainState] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    alerts: dict[tuple[str, int], Alert] = field(default_factory=dict)
    objects: dict[tuple[str, int], MonitoredObject] = field(default_factory=dict)
    payloads: list[tuple[str, int, int, str, Payload]] = field(default_factory=list)
    rejected: list[RejectedItem] = field(default_factory=list)
    receipts: list[list[Receipt]] = field(default_factory=list)

    def write(self, submissions: list[Submission], now: int) -> Entries:
        """Record submissions as one batch, at a time in microseconds UTC."""
        batch = [(submission, name(submission)) for submission in submissions]
        situation = self._situation(batch)
        entries = record(batch, situation, now, self.object_limit)
        self.domains |= situation.domains
        self.events += entries.events
        self.alerts |= entries.alerts
        self.objects |= entries.objects
        self.payloads += entries.payloads
        self.rejected += entries.rejected
        self.receipts += entries.receipts
        return entries

    def object_names(self) -> dict[tuple[str, int], tuple[str, str]]:
        """Give the host and service of each object, by domain and number."""
        return {identity: (each.host, each.service) for identity, each in self.objects.items()}

    def _situation(self, batch: list[tuple[Submission, list[Named]]]) -> Situation:
        domains: dict[str, DomainState] = {}
        wanted: dict[AlertKey, bool] = {}
        names: set[ObjectName] = set()
        for submission, named in batch:
            source = submission.source
            domains[source.domain_id] = replace(
                self.domains.get(source.domain_id, DomainState(source.domain_id, 1, 1, 0, 0))
            )
            for each in named:
                wanted[each.alert] = wanted.get(each.alert, False) or source.options.source_time
                names |= {each.object, (*each.object[:2], ""), (source.domain_id, *own_object(source))}
        alerts: dict[AlertKey, Alert] = {}
        earlier: dict[AlertKey, list[Alert]] = {}
        for key, with_resolved in wanted.items():
            of_key = self._of_key(key)
            unresolved = [each for each in of_key if each.state is not AlertState.RESOLVED]
            if unresolved or (of_key and with_resolved):
                alerts[key] = of_key[-1]
            if len(unresolved) > 1:
                earlier[key] = unresolved[:-1]
        objects = {
            (each.domain_id, each.host, each.service): each
            for each in self.objects.values()
            if (each.domain_id, each.host, each.service) in names
        }
        return Situation(domains, alerts, objects, {}, earlier)

    def _of_key(self, key: AlertKey) -> list[Alert]:
        """Give the alerts of a key, resolved ones first, each kind in the order of time."""
        of_key = [
            alert for alert in self.alerts.values() if (alert.domain_id, alert.project_id, alert.key) == key
        ]
        of_key.sort(key=lambda alert: (alert.resolved_at == 0, alert.resolved_at, alert.seq))
        return of_key


def written(batches: Batches) -> Notebook:
    """Give a notebook in which these batches were written."""
    notebook = Notebook(OBJECT_LIMIT)
    for batch, now in batches:
        notebook.write(batch, now)
    return notebook
