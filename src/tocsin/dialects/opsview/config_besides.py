"""What a configured thing is shown with beside its own members: what names it, and what is always so."""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from tocsin.dialects.opsview.config_members import reference
from tocsin.model.world.documents import (
    Attribute,
    BusinessComponent,
    Configured,
    Host,
    Kind,
    MonitoringServer,
    ServiceCheck,
    TimePeriod,
)

All: TypeAlias = Callable[[Kind], Iterable[Configured]]
"""Gives everything of a kind that whoever asks may see."""

_PERIODS: Final = ("host_check", "host_notification", "servicecheck_check", "servicecheck_notification")


def besides(thing: Configured, all_of: All) -> dict[str, Any]:
    """Show what goes with a thing.

    Args:
        thing: which.
        all_of: gives the others.
    """
    document = thing.document
    if isinstance(document, Host):
        components = [each for each in all_of(Kind.BUSINESS_COMPONENT) if _holds(each, thing.number)]
        server = next(iter(all_of(Kind.MONITORING_SERVER)))
        return {"business_components": [*map(reference, components)], "monitored_by": reference(server)}
    if isinstance(document, Attribute):
        checks = [each for each in all_of(Kind.SERVICE_CHECK) if _goes_by(each, thing.name)]
        return {"servicechecks": [*map(reference, checks)]}
    if isinstance(document, BusinessComponent):
        templates = {each.number for each in all_of(Kind.HOST_TEMPLATE)}
        template = document.template if document.template in templates else 0
        return {"host_template_id": str(template) if template else None, "has_icon": "0"}
    if isinstance(document, TimePeriod):
        # Nothing here goes by a time period.
        return {f"{what}_periods": [] for what in _PERIODS}
    return {"activated": "1", "passive": "0"} if isinstance(document, MonitoringServer) else {}


def _holds(component: Configured, host: int) -> bool:
    return isinstance(component.document, BusinessComponent) and host in component.document.hosts


def _goes_by(check: Configured, attribute: str) -> bool:
    document = check.document
    return isinstance(document, ServiceCheck) and document.attribute.casefold() == attribute.casefold()
