"""Handling: what people write on an alert, and intake rules on a new one. No later signal changes it."""

import msgspec

from tocsin.model.identifiers import alert_id


class Handling(msgspec.Struct, frozen=True):
    """What is written on an alert. '' is what nobody wrote.

    Attributes:
        alert_seq: the alert.
        title: in place of its own.
        description: in place of that of the event that opened it.
        urgency: HIGH or LOW, in place of what its severity says.
        status_message: how things stand.
    """

    domain_id: str
    alert_seq: int
    title: str = ""
    description: str = ""
    urgency: str = ""
    status_message: str = ""

    @property
    def id(self) -> str:
        """The alert's: it has one."""
        return alert_id(self.alert_seq)
