"""The entries: what one batch writes to the ledger, all of it in one transaction."""

import msgspec

from tocsin.model.alert import Alert
from tocsin.model.delivery import Delivery
from tocsin.model.due import Due, DueKind
from tocsin.model.event import Event
from tocsin.model.handling import Handling
from tocsin.model.monitored import MonitoredObject
from tocsin.model.receipt import Receipt
from tocsin.model.submission import Payload, Refusal, Submission


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
        handling: what intake rules write on new alerts.
        deliveries: what goes to targets.
        due: what time is to bring.
        rejected: what is kept among the rejected.
        receipts: per submission, in the order of the indexes of its items.
    """

    payloads: list[tuple[str, int, int, str, Payload]] = []
    events: list[Event] = []
    alerts: dict[tuple[str, int], Alert] = {}
    objects: dict[tuple[str, int], MonitoredObject] = {}
    handling: list[Handling] = []
    deliveries: list[Delivery] = []
    due: dict[tuple[str, DueKind, str], Due] = {}
    rejected: list[RejectedItem] = []
    receipts: list[list[Receipt]] = []
