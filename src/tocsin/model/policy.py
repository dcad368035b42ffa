"""A domain's silences and routes, and what they make of an event: flagged or not, and to which targets; and
how its projects differ from one another in that, and in who resolves their alerts.

Pure: filters come as plain callables.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec

from tocsin.model.alert import Alert
from tocsin.model.event import Event
from tocsin.model.intake_rule import HIGH, KEPT_BACK, NO_ORDERS, IntakeRule, Orders
from tocsin.model.life_cycle import Change
from tocsin.model.severity import Severity

NO_ROUTE_NAMES_IT: Final = "no route names its routing key"
TO_FALLBACK: Final = "no route names its routing key: it goes the default route"
NOT_URGENT: Final = "only what is urgent is passed on of this project"
ROUTING_KEY: Final = "routing_key"

Filter: TypeAlias = Callable[[Event], bool]

_PROBLEMS: Final = frozenset({Change.OPENED, Change.TRIGGERED, Change.SEVERITY})
"""Changes that routes choose by their filter. Of the others hears who heard of the problem."""
_URGENT: Final = frozenset({Severity.CRITICAL, Severity.ERROR, Severity.NOT_AVAILABLE})
_ENDS: Final = frozenset({Change.ACKNOWLEDGED, Change.RESOLVED})
"""Changes that a silence does not keep from those who heard of the problem: nobody is called by them."""


class SilenceRule(msgspec.Struct, frozen=True):
    """A silence, ready to match. Times are microseconds UTC."""

    id: str
    starts_at: int
    ends_at: int
    matches: Filter


class RouteRule(msgspec.Struct, frozen=True):
    """A route that is switched on, ready to match.

    Attributes:
        targets: the ids of its targets that are switched on.
    """

    id: str
    matches: Filter
    targets: tuple[str, ...]
    every_event: bool = False
    fallback: bool = False


class Policy(msgspec.Struct, frozen=True):
    """What a domain has decided beforehand.

    Attributes:
        silences: those that have not ended.
        routes: in their order.
        routing_keys: say of a routing key whether a route names it.
        recovered_by_hand: ids of the projects whose alerts people resolve.
        high_only: ids of the projects of which only what is urgent is passed on.
        intake_rules: by the project whose signals they look at, in their order.
        targets: ids of the targets that are switched on.
        merged: by project and key of alerts that were merged into others, the numbers of these.
    """

    silences: tuple[SilenceRule, ...] = ()
    routes: tuple[RouteRule, ...] = ()
    routing_keys: tuple[Callable[[str], bool], ...] = ()
    recovered_by_hand: frozenset[str] = frozenset()
    high_only: frozenset[str] = frozenset()
    intake_rules: Mapping[str, tuple[IntakeRule, ...]] = {}
    merged: Mapping[tuple[str, str], int] = {}
    targets: frozenset[str] = frozenset()
    near_silences: Callable[[Event], Sequence[SilenceRule]] | None = None
    near_routes: Callable[[Event], Sequence[RouteRule]] | None = None

    def silences_for(self, event: Event) -> Sequence[SilenceRule]:
        """Give the silences that are to be asked about an event."""
        return self.silences if self.near_silences is None else self.near_silences(event)

    def routes_for(self, event: Event) -> Sequence[RouteRule]:
        """Give the routes that are to be asked about an event."""
        return self.routes if self.near_routes is None else self.near_routes(event)


class Passing(msgspec.Struct, frozen=True):
    """What a domain's policy makes of an event.

    Attributes:
        silenced_by: the silence that matches; '' for none.
        alert: the alert with what it remembers of passing on; None where the event changes none.
        targets: which targets the event goes to, each with the route that chose it.
        remark: what the receipt should say of it; '' for nothing.
    """

    silenced_by: str
    alert: Alert | None
    targets: dict[str, str]
    remark: str = ""


NO_POLICY: Final = Policy()


def silence_of(policy: Policy, event: Event, at: int) -> str:
    """Give the id of the first silence that matches an event and whose window holds a moment.

    Args:
        policy: the domain's.
        event: as it is recorded.
        at: microseconds UTC.
    """
    near = policy.silences_for(event)
    return next((each.id for each in near if each.starts_at <= at < each.ends_at and each.matches(event)), "")


def pass_on(
    policy: Policy,
    event: Event,
    change: Change,
    alert: Alert | None,
    at: int,
    orders: Orders = NO_ORDERS,
    quieted_by: str = "",
) -> Passing:
    """Decide whether an event is silenced, and which targets it goes to.

    Args:
        policy: its domain's.
        event: as it is recorded, silences aside.
        change: what it changes about its alert.
        alert: its alert after the change; None where it changes none.
        at: when that is decided, microseconds UTC.
        orders: what intake rules say of it; who heard of its alert before hears it all the same.
        quieted_by: what else holds it back as a silence does: the downtime of its object, or that it flaps.
    """
    if orders.is_kept_back and change not in _ENDS and (alert is None or not alert.passed_to):
        return Passing("", alert, {}, KEPT_BACK if policy.routes else "")
    silenced_by = (silence_of(policy, event, at) if policy.silences else "") or quieted_by
    is_heard = alert is not None and bool(alert.silenced_by or alert.passed_to)
    if not policy.routes and not silenced_by and not is_heard:
        return Passing("", alert, {})
    if silenced_by and change not in _ENDS:
        held = alert if alert is None or change is Change.NONE else _with(alert, silenced_by=silenced_by)
        return Passing(silenced_by, held, {})
    chosen, remark = choose(policy, event, change, alert, orders.urgency)
    targets: dict[str, str] = {}
    for rule in chosen:
        for target in rule.targets:
            targets.setdefault(target, rule.id)
    if alert is not None and change in _PROBLEMS:
        taken = dict.fromkeys((*alert.passed_to, *(each.id for each in chosen), *targets))
        alert = _with(alert, silenced_by="", passed_to=tuple(taken))
    elif alert is not None and change is not Change.NONE:
        # Whatever became of the route meanwhile: what a target opened it must be able to close.
        for target in alert.passed_to:
            if target in policy.targets:
                targets.setdefault(target, _route_to(policy, target))
    return Passing(silenced_by, alert, targets, remark)


def _route_to(policy: Policy, target: str) -> str:
    return next((rule.id for rule in policy.routes if target in rule.targets), "")


def choose(
    policy: Policy, event: Event, change: Change, alert: Alert | None, urgency: str = ""
) -> tuple[list[RouteRule], str]:
    """Give the routes that an event goes unless it is silenced, in their order, and what is to be said of it.

    Args:
        policy: its domain's.
        event: as it is recorded.
        change: what it changes about its alert.
        alert: its alert after the change; None where it changes none.
        urgency: HIGH or LOW; '' for what the severity says.
    """
    if event.project_id in policy.high_only and not _is_urgent(event, change, alert, urgency):
        return [], NOT_URGENT if change in _PROBLEMS else ""
    near = policy.routes_for(event)
    if change is Change.NONE:
        return [rule for rule in near if rule.every_event and rule.matches(event)], ""
    passed_to = alert.passed_to if alert is not None else ()
    if change not in _PROBLEMS:
        also = {rule.id for rule in near if rule.every_event and rule.matches(event)}
        return [rule for rule in policy.routes if rule.id in passed_to or rule.id in also], ""
    key = event.labels.get(ROUTING_KEY, "")
    is_unnamed = bool(key) and bool(policy.routes) and not any(names(key) for names in policy.routing_keys)
    chosen = [rule for rule in near if not rule.fallback and rule.matches(event)]
    falls_back = [
        rule for rule in near if rule.fallback and (is_unnamed or not chosen) and rule.matches(event)
    ]
    wanted = {rule.id for rule in (*chosen, *falls_back)}.union(passed_to)
    remark = ""
    if is_unnamed and (falls_back or not chosen):
        remark = TO_FALLBACK if falls_back else NO_ROUTE_NAMES_IT
    return [rule for rule in policy.routes if rule.id in wanted], remark


def _is_urgent(event: Event, change: Change, alert: Alert | None, urgency: str) -> bool:
    """Say whether an event is passed on where only what is urgent is; who heard of an alert hears it all."""
    severity = event.severity if alert is None else alert.severity
    is_high = urgency == HIGH if urgency else severity in _URGENT
    if alert is not None:
        return bool(alert.passed_to) or is_high
    return is_high or not (change is Change.NONE or change in _PROBLEMS)


def _with(alert: Alert, *, silenced_by: str, passed_to: tuple[str, ...] | None = None) -> Alert:
    passed_to = alert.passed_to if passed_to is None else passed_to
    if alert.silenced_by == silenced_by and alert.passed_to == passed_to:
        return alert
    return msgspec.structs.replace(alert, silenced_by=silenced_by, passed_to=passed_to)
