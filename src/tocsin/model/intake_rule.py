"""An intake rule: what a project does with signals before they are matched with alerts. Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, Protocol

import msgspec

LABEL: Final = "labels."
"""What the field of a condition begins with that asks for a label."""
FIELDS: Final = (
    *("title", "description", "rule", "resource_id", "resource_name", "resource_type", "source_id"),
    *("project_id", "provider", "account"),
)
"""What a condition can ask for beside labels."""
KEPT_BACK: Final = "a rule of its project passes it on to nobody"


class Operator(StrEnum):
    """How a condition compares. What is unknown, '', meets none of them.

    Attributes:
        CONTAIN: in any letter case.
    """

    EQUAL = "eq"
    NOT = "not"
    CONTAIN = "contain"
    NOT_CONTAIN = "not_contain"


class Requires(StrEnum):
    """Which conditions must hold: all, one of them, or none."""

    ALL = "ALL"
    ANY = "ANY"
    ALWAYS = "ALWAYS"


class Condition(msgspec.Struct, frozen=True):
    """One thing that is asked.

    Attributes:
        field: one of FIELDS, or a label: `labels.NAME`.
    """

    field: str
    operator: Operator
    value: str


HIGH: Final = "HIGH"
LOW: Final = "LOW"


class Effect(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a rule does.

    Attributes:
        project_id: the project that it moves the signal to; '' where it stays.
        assignee: who is to see to its alert; '' for nobody.
        urgency: HIGH or LOW, in place of what its severity says; '' for that.
        labels: those that it adds, or gives another value.
        keeps_back: nobody hears of it.
        stops: the rules after it are not looked at.
    """

    project_id: str = ""
    assignee: str = ""
    urgency: str = ""
    labels: dict[str, str] = {}
    keeps_back: bool = False
    stops: bool = False


class IntakeRule(msgspec.Struct, frozen=True):
    """What a project does with some of its signals.

    Attributes:
        id: 'er-' and 12 hex digits.
        project_id: whose sources' signals it looks at.
        position: its place among the rules of its project, from 1 and without gaps.
        tags: what a client of Cloudforet noted about it, a JSON object.
        created_at: microseconds UTC.
    """

    id: str
    domain_id: str
    project_id: str
    name: str
    position: int
    conditions: tuple[Condition, ...]
    requires: Requires
    effect: Effect
    tags: dict[str, Any]
    created_at: int


class Texts(Protocol):
    """What rules look at: a signal, or the event that was made of it."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""


class Orders(msgspec.Struct, frozen=True, gc=False):
    """What rules say of the alert that a signal opens, and of passing it on.

    Attributes:
        assignee: who is to see to the alert; '' for nobody.
        urgency: HIGH or LOW; '' for what the severity says.
        is_kept_back: nobody hears of it, unless they heard of its alert before.
    """

    assignee: str = ""
    urgency: str = ""
    is_kept_back: bool = False

    @property
    def remarks(self) -> list[str]:
        """What the receipt of the signal that opened the alert says of it."""
        found = []
        if self.assignee:
            found.append(f"a rule gave the alert to {self.assignee}")
        if self.urgency:
            found.append(f"a rule made its urgency {self.urgency}")
        return found


NO_ORDERS: Final = Orders()


class Treatment(msgspec.Struct, frozen=True):
    """What the rules make of a signal.

    Attributes:
        project_id: where it belongs.
        labels: as they are now.
        remarks: what its receipt says of it.
    """

    project_id: str
    labels: dict[str, str]
    orders: Orders = NO_ORDERS
    remarks: tuple[str, ...] = ()


def treat(rules: Iterable[IntakeRule], thing: Texts, source_id: str, project_id: str) -> Treatment:
    """Apply the rules of a source's project to what the source said.

    Each rule sees what those before it made of it.

    Args:
        rules: in their order.
        thing: the signal.
        source_id: who said it.
        project_id: the source's project.
    """
    labels, orders = thing.labels, NO_ORDERS
    remarks = []
    for rule in rules:
        known = {"source_id": source_id, "project_id": project_id}
        if not _holds(rule, thing, labels, known):
            continue
        effect, done = rule.effect, []
        if effect.project_id and effect.project_id != project_id:
            project_id = effect.project_id
            done.append(f"moved it to the project {project_id}")
        added = {name: text for name, text in effect.labels.items() if labels.get(name) != text}
        if added:
            labels = labels | added
            done.append(f"set {', '.join(added)}")
        orders = Orders(
            effect.assignee or orders.assignee,
            effect.urgency or orders.urgency,
            orders.is_kept_back or effect.keeps_back,
        )
        if done:
            remarks.append(f"the rule {rule.name or rule.id} {' and '.join(done)}")
        if effect.stops:
            break
    return Treatment(project_id, labels, orders, tuple(remarks))


def _holds(rule: IntakeRule, thing: Texts, labels: Mapping[str, str], known: Mapping[str, str]) -> bool:
    if rule.requires is Requires.ALWAYS:
        return True
    met = (_is_met(each, _text(each.field, thing, labels, known)) for each in rule.conditions)
    return all(met) if rule.requires is Requires.ALL else any(met)


def _text(field: str, thing: Texts, labels: Mapping[str, str], known: Mapping[str, str]) -> str:
    if field.startswith(LABEL):
        return labels.get(field.removeprefix(LABEL), "")
    if field in known:
        return known[field]
    text: str = getattr(thing, field)
    return text


def _is_met(condition: Condition, text: str) -> bool:
    if not text:
        return False
    match condition.operator:
        case Operator.EQUAL:
            return text == condition.value
        case Operator.NOT:
            return text != condition.value
        case Operator.CONTAIN:
            return condition.value.casefold() in text.casefold()
        case Operator.NOT_CONTAIN:
            return condition.value.casefold() not in text.casefold()
