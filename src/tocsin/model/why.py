"""Why: what happened to an event, in plain words. Pure."""

from collections.abc import Sequence
from typing import Final

import msgspec

from tocsin.model.alert import Alert, AlertState
from tocsin.model.delivery import DeliveryState
from tocsin.model.downtime import DOWNTIME
from tocsin.model.event import Event
from tocsin.model.identifiers import alert_id
from tocsin.model.monitored import FLAPPING, SOFT
from tocsin.model.receipt import Outcome
from tocsin.model.signal import Kind
from tocsin.model.source import Source

_DID: Final = {
    Outcome.OPENED: "It opened the alert {alert}.",
    Outcome.JOINED: "It joined the alert {alert}, which was open for its key.",
    Outcome.ACKNOWLEDGED: "It acknowledged the alert {alert}.",
    Outcome.RESOLVED: "It resolved the alert {alert}.",
    Outcome.RECORDED: "It was recorded and changed no alert.",
    Outcome.REJECTED: "It was rejected.",
}
_WENT: Final = {
    DeliveryState.PENDING: "is on its way",
    DeliveryState.DELIVERED: "was delivered",
    DeliveryState.DEAD: "was given up",
    DeliveryState.OVERTAKEN: "was needless: a newer one of its key was there before it was sent",
    DeliveryState.UNSUITED: "was needless: the target's protocol has no word for it",
}

_FOLLOWS: Final = frozenset({Outcome.ACKNOWLEDGED, Outcome.RESOLVED})


class Line(msgspec.Struct, frozen=True):
    """One thing that there is to say.

    Attributes:
        about: input, identity, alert, silence, delivery, or route.
        says: it, in a sentence or two.
    """

    about: str
    says: str


class Sending(msgspec.Struct, frozen=True):
    """A delivery, as far as it is told: the name of its target, where it stands, and why."""

    target: str
    state: DeliveryState
    attempts: int
    reason: str


class Rules(msgspec.Struct, frozen=True):
    """What the silences and routes of today make of the event.

    Attributes:
        silences: the ids of those that match.
        routes: the names of those that take it.
        missed: of those that all but took it: silence or route, its name or id, and what was in the way.
        remark: why no route takes it, or a default route only; '' for nothing.
    """

    silences: Sequence[str]
    routes: Sequence[str]
    missed: Sequence[tuple[str, str, str]]
    remark: str = ""


def tell(
    event: Event,
    format_: str,
    source: Source | None,
    sendings: Sequence[Sending],
    rules: Rules | None,
    *,
    alert: Alert | None = None,
    is_repetition: bool = False,
) -> list[Line]:
    """Say what happened to an event and why.

    Args:
        event: as it was recorded.
        format_: the dialect of its request, '' where that is not kept any more.
        source: as it stands now, None where it is gone.
        sendings: its deliveries.
        rules: what the silences and routes of today make of it; None where that is not for whoever asks.
        alert: its alert as it stands now; None where it has none, or that is gone.
        is_repetition: it said nothing of its alert that was not known before.
    """
    lines = [Line("input", _came_from(event, format_, source))]
    made = source.options.identity if source is not None else ()
    how = f" By its option identity, the source makes keys of {', '.join(made)}." if made else ""
    lines.append(Line("identity", f"Its key is {event.key}.{how}"))
    lines.append(Line("identity", f"It belongs to {_object(event)}, which it left {event.state}."))
    lines.append(Line("alert", _DID[event.outcome].format(alert=alert_id(event.alert_seq))))
    if event.reason:
        lines.append(Line("alert", f"Said of it then: {event.reason}."))
    if event.outcome is Outcome.RECORDED and event.kind is Kind.CHECK_RESULT and event.state_type == SOFT:
        soft = f"It was soft, attempt {event.attempt}: a problem opens its alert when it is hard."
        lines.append(Line("alert", soft))
    if is_repetition:
        lines.append(Line("alert", "It said nothing new of it: only routes for every event take it."))
    if event.silenced_by:
        under = f"It fell under {_holder(event.silenced_by)} when it was recorded."
        lines.append(Line("silence", under))
        # An acknowledgement or an end goes to whoever heard of the problem, silence or not.
        if not is_repetition and event.outcome not in _FOLLOWS:
            lines += [Line("silence", says) for says in _after(alert, is_sent=bool(sendings))]
    lines += [Line("delivery", _sent(sending)) for sending in sendings]
    if not sendings:
        lines.append(Line("delivery", "It was passed on to no target."))
    if rules is None:
        return lines
    if event.outcome in _FOLLOWS:
        return [
            *lines,
            Line("route", "It goes where the problem of its alert went, whatever today's routes say."),
        ]
    lines += [Line("silence", f"By today's rules the silence {each} matches.") for each in rules.silences]
    lines += [
        Line("route", f"By today's rules the route {each} takes such an event.") for each in rules.routes
    ]
    if not rules.routes:
        lines.append(Line("route", "By today's rules no route takes such an event."))
    if rules.remark:
        lines.append(Line("route", f"By today's rules {rules.remark}."))
    return lines + [
        Line(kind, f"By today's rules the {kind} {named} just misses it: {why}.")
        for kind, named, why in rules.missed
    ]


def _came_from(event: Event, format_: str, source: Source | None) -> str:
    if not event.source_id:
        by_hand = event.author if event.kind is Kind.PROBLEM else ""
        return f"{by_hand} made it by hand." if by_hand else "Tocsin made it by itself."
    name = f"the source {source.name}" if source is not None else "a source that is gone"
    read = f"read as {format_}" if format_ else "and its request is not kept any more"
    return f"It came in at {name}, {read}."


def _object(event: Event) -> str:
    return f"{event.service} on {event.host}" if event.service else f"the host {event.host}"


def _after(alert: Alert | None, *, is_sent: bool) -> list[str]:
    """Say what became of a problem that was held back, as far as there is something to say."""
    if is_sent:
        return ["It was passed on when that was over."]
    if alert is None:
        return []
    if alert.state is AlertState.RESOLVED:
        return ["Its alert was resolved before it was passed on."]
    if not alert.silenced_by:
        return []
    now = f"Its alert is held back by {_holder(alert.silenced_by)} now"
    return [f"{now}, and passed on when that is over, if it is open still."]


def _holder(silenced_by: str) -> str:
    if silenced_by.startswith(DOWNTIME):
        return f"the downtime {silenced_by}"
    if silenced_by.startswith(FLAPPING):
        return "the flapping of its host or service"
    return f"the silence {silenced_by}"


def _sent(sending: Sending) -> str:
    tries = "" if not sending.attempts else f" after {sending.attempts} attempt{'s' * (sending.attempts > 1)}"
    why = f": {sending.reason}" if sending.reason else ""
    return f"To {sending.target} it {_WENT[sending.state]}{tries}{why}."
