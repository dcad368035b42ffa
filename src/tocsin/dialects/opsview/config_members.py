"""The members of configured things, as Opsview names them: read from documents of clients, and shown."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from tocsin.dialects.opsview.errors import OpsviewError
from tocsin.dialects.opsview.parameters import as_text
from tocsin.model.world.documents import Configured, Kind
from tocsin.model.world.written import HOURS, MOST_ATTEMPTS

PATH: Final = "/rest/config"
COMPONENT: Final = "businesscomponent"
"""What Opsview calls a business component where a business service names it."""
Find: TypeAlias = Callable[[Kind, str], int]
"""Finds the number of what is called so."""

Look: TypeAlias = Callable[[Kind, int], Configured | None]
"""Gives the thing of a number."""

_PERCENT: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,9})?")
_DAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_TRUE: Final = frozenset({"1", "true"})
_FALSE: Final = frozenset({"", "0", "false"})
_PASSIVE_TYPES: Final = frozenset({"passive", "snmp trap"})


class Member(NamedTuple):
    """One member of a thing.

    Attributes:
        name: as Opsview has it.
        member: of the document, as Tocsin has it.
        read: reads what a client wrote; raises ValueError, which says what was expected.
        show: gives it for a client.
    """

    name: str
    member: str
    read: Callable[[Any, Find], Any]
    show: Callable[[Any, Look], Any]


def _text(value: Any, _: Find) -> str:
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise ValueError("expected a text")
    return as_text(value)


def _flag(value: Any, find: Find) -> bool:
    text = _text(value, find).lower()
    if text not in _TRUE | _FALSE:
        raise ValueError("expected 1 or 0")
    return text in _TRUE


def _number(lowest: int, highest: int) -> Callable[[Any, Find], int]:
    def read(value: Any, find: Find) -> int:
        text = _text(value, find)
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and lowest <= int(text) <= highest):
            raise ValueError(f"expected a number from {lowest} to {highest}")
        return int(text)

    return read


def _reference(kind: Kind) -> Callable[[Any, Find], int]:
    def read(value: Any, find: Find) -> int:
        if value is None or value == "":
            return 0
        if isinstance(value, Mapping):
            value = value.get("matpath") or value.get("name")
        if not isinstance(value, str) or not value:
            raise ValueError('Error when parsing data: expected {"name": "..."}')
        return find(kind, value)

    return read


def _references(kind: Kind) -> Callable[[Any, Find], tuple[int, ...]]:
    read = _reference(kind)

    def read_all(value: Any, find: Find) -> tuple[int, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
            raise ValueError('Error when parsing data: expected [{"name": "..."}]')
        return tuple(dict.fromkeys(read(each, find) for each in value))

    return read_all


def _hours(value: Any, find: Find) -> str:
    text = _text(value, find).replace(" ", "")
    if not re.fullmatch(HOURS, text):
        raise ValueError("expected hours, as 00:00-09:00,17:00-24:00")
    return text


def _percent(value: Any, find: Find) -> float:
    text = _text(value, find)
    if not _PERCENT.fullmatch(text) or float(text) > 100:
        raise ValueError("expected a number from 0 to 100")
    return float(text)


def _show_percent(value: float, _: Look) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _show_text(value: Any, _: Look) -> str:
    return str(value)


def _show_flag(value: Any, _: Look) -> str:
    return str(int(value))


def reference(thing: Configured) -> dict[str, str]:
    """Show that a thing is meant."""
    return {"name": thing.name, "ref": f"{PATH}/{thing.kind}/{thing.number}"}


def _show_reference(kind: Kind) -> Callable[[Any, Look], Any]:
    def show(value: int, look: Look) -> dict[str, str] | None:
        found = look(kind, value)
        return reference(found) if found is not None else None

    return show


def _show_references(kind: Kind) -> Callable[[Any, Look], Any]:
    def show(value: tuple[int, ...], look: Look) -> list[dict[str, str]]:
        return [reference(found) for each in value if (found := look(kind, each)) is not None]

    return show


def _show_components(value: tuple[int, ...], look: Look) -> list[dict[str, str]]:
    shown = _show_references(Kind.BUSINESS_COMPONENT)(value, look)
    return [each | {"ref": each["ref"].replace(Kind.BUSINESS_COMPONENT, COMPONENT)} for each in shown]


def _one(name: str, member: str, kind: Kind) -> Member:
    return Member(name, member, _reference(kind), _show_reference(kind))


def many(name: str, member: str, kind: Kind) -> Member:
    """Give a member that names several things of a kind."""
    return Member(name, member, _references(kind), _show_references(kind))


def _hours_of(day: str) -> Member:
    return Member(day, day, _hours, _show_text)


def _word(name: str, member: str) -> Member:
    return Member(name, member, _text, _show_text)


def switch(name: str, member: str) -> Member:
    """Give a member that is 1 or 0."""
    return Member(name, member, _flag, _show_flag)


def _count(name: str, member: str, lowest: int, highest: int) -> Member:
    return Member(name, member, _number(lowest, highest), _show_text)


def _read_type(value: Any, _: Find) -> bool:
    name = value.get("name") if isinstance(value, Mapping) else value
    if not isinstance(name, str):
        raise ValueError('expected {"name": "Passive"} or another type')
    return name.lower() in _PASSIVE_TYPES


def _show_type(is_passive: bool, _: Look) -> dict[str, str]:
    return {"name": "Passive" if is_passive else "Active Plugin"}


def _read_attribute(value: Any, find: Find) -> str:
    return _text(value.get("name") if isinstance(value, Mapping) else value, find)


def _show_attribute(name: str, _: Look) -> dict[str, str] | None:
    return {"name": name} if name else None


def _read_attributes(value: Any, find: Find) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise ValueError('Error when parsing data: expected [{"name": "...", "value": "..."}]')
    return tuple((_text(each.get("name"), find), _text(each.get("value"), find)) for each in value)


def _show_attributes(pairs: tuple[tuple[str, str], ...], _: Look) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


_DESCRIPTION: Final = _word("description", "description")

MEMBERS: Final[Mapping[Kind, tuple[Member, ...]]] = {
    Kind.HOST_GROUP: (_one("parent", "parent", Kind.HOST_GROUP),),
    Kind.SERVICE_GROUP: (_DESCRIPTION,),
    Kind.KEYWORD: (
        _DESCRIPTION,
        switch("enabled", "is_enabled"),
        switch("all_hosts", "all_hosts"),
        switch("all_servicechecks", "all_checks"),
    ),
    Kind.SERVICE_CHECK: (
        _DESCRIPTION,
        _one("servicegroup", "group", Kind.SERVICE_GROUP),
        many("keywords", "keywords", Kind.KEYWORD),
        Member("checktype", "is_passive", _read_type, _show_type),
        _count("check_attempts", "check_attempts", 1, MOST_ATTEMPTS),
        _count("alert_from_failure", "alert_from_failure", 1, MOST_ATTEMPTS),
        _count("volatile", "volatile", 0, 2),
        switch("flap_detection_enabled", "flap_detection"),
        switch("markdown_filter", "markdown"),
        Member("attribute", "attribute", _read_attribute, _show_attribute),
    ),
    Kind.HOST_TEMPLATE: (_DESCRIPTION, many("servicechecks", "checks", Kind.SERVICE_CHECK)),
    Kind.HOST: (
        _word("alias", "alias"),
        _word("ip", "address"),
        _one("hostgroup", "group", Kind.HOST_GROUP),
        many("hosttemplates", "templates", Kind.HOST_TEMPLATE),
        many("servicechecks", "checks", Kind.SERVICE_CHECK),
        many("keywords", "keywords", Kind.KEYWORD),
        many("parents", "parents", Kind.HOST),
        _count("check_attempts", "check_attempts", 1, MOST_ATTEMPTS),
        switch("flap_detection_enabled", "flap_detection"),
        Member("hostattributes", "attributes", _read_attributes, _show_attributes),
    ),
    Kind.TIME_PERIOD: (_word("alias", "alias"), *map(_hours_of, _DAYS)),
    Kind.ATTRIBUTE: (_word("value", "value"),),
    Kind.MONITORING_SERVER: (),
    Kind.BUSINESS_COMPONENT: (
        _one("host_template", "template", Kind.HOST_TEMPLATE),
        many("hosts", "hosts", Kind.HOST),
        Member("quorum_pct", "quorum", _percent, _show_percent),
    ),
    Kind.BUSINESS_SERVICE: (
        Member("components", "components", _references(Kind.BUSINESS_COMPONENT), _show_components),
    ),
}
"""What of each kind is read and shown, beside its id and its name. Other members are not looked at."""


def read_members(members: Iterable[Member], given: Mapping[str, Any], find: Find) -> dict[str, Any]:
    """Read those members of a document that a client wrote; give them as Tocsin names them.

    Raises:
        OpsviewError: one of them cannot be used, or names what there is not.
    """
    found: dict[str, Any] = {}
    for member in members:
        if member.name in given:
            try:
                found[member.member] = member.read(given[member.name], find)
            except ValueError as failure:
                raise OpsviewError(400, f"{member.name}: {failure}") from None
    return found


def show_members(members: Iterable[Member], document: object, look: Look) -> dict[str, Any]:
    """Show members of a document. What does not apply is null, as clients expect of configuration."""
    return {member.name: member.show(getattr(document, member.member), look) for member in members}


def finder(named: Callable[[Kind, str], Sequence[Configured]]) -> Find:
    """Find things by their names.

    Args:
        named: gives all that are called so.
    """

    def find(kind: Kind, name: str) -> int:
        found = named(kind, name)
        if not found:
            raise ValueError(f"there is no {kind} called {name}")
        if len(found) > 1:
            raise ValueError(f"{len(found)} of kind {kind} are called {name}: say the matpath")
        return found[0].number

    return find
