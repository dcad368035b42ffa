"""An intake rule as an EventRuleInfo shows it: the document that queries see. And how a request says one."""

from typing import Any, Final

from tocsin.dialects.cloudforet.dates import moment
from tocsin.dialects.cloudforet.errors import invalid, required
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.dialects.complete import LABELS_LIMIT, TEXT_LIMIT
from tocsin.dialects.values import text_of
from tocsin.model.identity import NAME_LIMIT
from tocsin.model.intake_rule import (
    FIELDS,
    HIGH,
    LABEL,
    LOW,
    Condition,
    Effect,
    IntakeRule,
    Operator,
    Requires,
)

MINIMAL: Final = ("event_rule_id", "name", "order", "scope", "project_id")
"""What is shown of a rule where the least is asked for."""

_WEBHOOK_ID: Final = "webhook_id"
_INFO: Final = "additional_info."
_KEYS: Final = (*(_WEBHOOK_ID if each == "source_id" else each for each in FIELDS), f"{_INFO}<key>")
_CONDITION_LIMIT: Final = 100
_NAMES: Final = frozenset(
    {
        *("event_rule_id", "name", "order", "conditions", "conditions_policy", "actions", "options", "scope"),
        *("project_id", "tags", "domain_id", "created_at"),
        *("conditions.key", "conditions.value", "conditions.operator", "options.stop_processing"),
        *("actions.change_assignee", "actions.change_urgency", "actions.change_project"),
        *("actions.add_additional_info", "actions.no_notification"),
    }
)
_FREE: Final = ("tags.", "actions.add_additional_info.")
_NO_ACTIONS: Final = {
    "add_project_dependency": "Tocsin knows no dependencies of projects",
    "add_responder": "Tocsin has no responders: routes choose whom alerts go to",
    "match_service_account": "Tocsin knows no service accounts",
}
"""The actions that are refused, and why."""


def document(rule: IntakeRule) -> dict[str, Any]:
    """Give the document of a rule."""
    return {
        "event_rule_id": rule.id,
        "name": rule.name,
        "order": rule.position,
        "conditions": [
            {"key": _key(each.field), "value": each.value, "operator": each.operator.value}
            for each in rule.conditions
        ],
        "conditions_policy": rule.requires.value,
        "actions": {
            "change_assignee": rule.effect.assignee,
            "change_urgency": rule.effect.urgency,
            "change_project": rule.effect.project_id,
            "add_additional_info": rule.effect.labels,
            "no_notification": rule.effect.keeps_back,
        },
        "options": {"stop_processing": rule.effect.stops},
        "scope": "PROJECT",
        "project_id": rule.project_id,
        "tags": rule.tags,
        "domain_id": rule.domain_id,
        "created_at": moment(rule.created_at),
    }


def is_field(path: str) -> bool:
    """Say whether a dotted path leads to something that a document can have."""
    return path in _NAMES or path.startswith(_FREE)


def conditions_of(request: Plain, requires: Requires) -> tuple[Condition, ...]:
    """Read the conditions of a rule.

    Args:
        request: says them.
        requires: which of them must hold.

    Raises:
        CloudforetError: one of them means nothing; or there are none, or too many.
    """
    given: list[dict[str, str]] = request.get("conditions", [])
    if not given and requires is not Requires.ALWAYS:
        raise required("conditions")
    if len(given) > _CONDITION_LIMIT:
        raise invalid("conditions", f"expected at most {_CONDITION_LIMIT}")
    return tuple(_condition(each, f"conditions.{index}") for index, each in enumerate(given))


def effect_of(actions: Plain, options: Plain) -> Effect:
    """Read what a rule does.

    Raises:
        CloudforetError: one of the actions is nothing that Tocsin can do.
    """
    for name in actions.keys() & _NO_ACTIONS.keys():
        raise invalid(f"actions.{name}", _NO_ACTIONS[name])
    urgency = actions.get("change_urgency", "")
    if urgency not in ("", HIGH, LOW):
        raise invalid("actions.change_urgency", f"expected {HIGH} or {LOW}")
    assignee = actions.get("change_assignee", "")
    if len(assignee) > NAME_LIMIT or "\0" in assignee:
        raise invalid(
            "actions.change_assignee", f"expected at most {NAME_LIMIT} characters, none of them NUL"
        )
    return Effect(
        assignee=assignee,
        urgency=urgency,
        project_id=actions.get("change_project", ""),
        labels=_labels(actions.get("add_additional_info", {})),
        keeps_back=actions.get("no_notification", False),
        stops=options.get("stop_processing", False),
    )


def _condition(given: dict[str, str], place: str) -> Condition:
    for name in ("key", "value", "operator"):
        if name not in given:
            raise required(f"{place}.{name}")
    key = given["key"]
    field = "source_id" if key == _WEBHOOK_ID else key
    if key.startswith(_INFO) and key != _INFO:
        field = LABEL + key.removeprefix(_INFO)
    elif key not in _KEYS[:-1]:
        raise invalid(f"{place}.key", f"expected one of {', '.join(_KEYS)}")
    if given["operator"] not in tuple(Operator):
        raise invalid(f"{place}.operator", f"expected one of {', '.join(Operator)}")
    return Condition(field, Operator(given["operator"]), given["value"])


def _key(field: str) -> str:
    if field.startswith(LABEL):
        return _INFO + field.removeprefix(LABEL)
    return _WEBHOOK_ID if field == "source_id" else field


def _labels(given: dict[str, Any]) -> dict[str, str]:
    place = "actions.add_additional_info"
    labels = {name: text_of(value) for name, value in given.items()}
    if len(labels) > LABELS_LIMIT:
        raise invalid(place, f"expected at most {LABELS_LIMIT}")
    for name, text in labels.items():
        if not name or len(name) > NAME_LIMIT or len(text) > TEXT_LIMIT or "\0" in name + text:
            raise invalid(
                place,
                f"expected names of 1 to {NAME_LIMIT} characters and texts of at most {TEXT_LIMIT},"
                " none of them NUL",
            )
    return labels
