"""What the dispatcher is given for each kind of target."""

from typing import Protocol

from tocsin.model.alert import Alert
from tocsin.model.delivery import Delivery, Sent
from tocsin.model.event import Event
from tocsin.model.target import Target


class Sender(Protocol):
    """Speaks the protocol of one kind of target."""

    async def send(self, target: Target, delivery: Delivery, event: Event, alert: Alert | None) -> Sent:
        """Make one attempt, within the target's own timeout where the protocol allows.

        Args:
            target: where to.
            delivery: which; its id is the same for every attempt.
            event: what is told.
            alert: the latest state of its alert, None where it has none.
        """

    async def close(self) -> None:
        """Let go of connections."""
