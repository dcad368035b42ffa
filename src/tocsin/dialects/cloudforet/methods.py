"""Every method of the stubs, and what stands behind those that are built."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from google.api import annotations_pb2
from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor
from spaceone.api.monitoring.v1 import (
    alert_pb2,
    data_source_pb2,
    escalation_policy_pb2,
    event_pb2,
    event_rule_pb2,
    log_pb2,
    maintenance_window_pb2,
    metric_pb2,
    note_pb2,
    project_alert_config_pb2,
    webhook_pb2,
)

from tocsin.dialects.cloudforet.caller import Caller
from tocsin.dialects.cloudforet.messages import Plain
from tocsin.model.access import Action

Handle: TypeAlias = Callable[[Plain, Caller], Awaitable[Plain]]
"""A request and who makes it -> the answer. Knows no transport. Raises CloudforetError."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What stands behind a method.

    Attributes:
        handle: answers it.
        action: what the caller must be allowed to do; None for a method that asks for no token.
        required: the parameters that must be there, in the order in which their lack is told.
    """

    handle: Handle
    action: Action | None
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Method:
    """One method.

    Attributes:
        full_service: the full name of its service.
        resource: the last part of that, such as EventRule.
        verb: such as change_order.
        path: of REST, such as /monitoring/v1/event-rule/change-order.
        request: the message that it takes.
        response: the message that it gives.
        operation: what stands behind it; None where it is not built.
    """

    full_service: str
    resource: str
    verb: str
    path: str
    request: Descriptor
    response: Descriptor
    operation: Operation | None

    @property
    def name(self) -> str:
        """Resource and verb: `Event.create`."""
        return f"{self.resource}.{self.verb}"


SERVICES: Final[tuple[ServiceDescriptor, ...]] = tuple(
    service
    for module in (
        event_pb2,
        webhook_pb2,
        alert_pb2,
        event_rule_pb2,
        project_alert_config_pb2,
        escalation_policy_pb2,
        note_pb2,
        maintenance_window_pb2,
        data_source_pb2,
        metric_pb2,
        log_pb2,
    )
    for service in module.DESCRIPTOR.services_by_name.values()
)
"""The services of the package `spaceone.api.monitoring.v1`."""


def methods(operations: Mapping[str, Operation]) -> list[Method]:
    """Give every method of the stubs.

    Args:
        operations: what is built, by resource and verb: `Event.create`.

    Raises:
        KeyError: one of them is no method of the stubs.
    """
    found = [
        Method(
            service.full_name,
            service.name,
            method.name,
            _path(method),
            method.input_type,
            method.output_type,
            operations.get(f"{service.name}.{method.name}"),
        )
        for service in SERVICES
        for method in service.methods
    ]
    if unknown := operations.keys() - {method.name for method in found}:
        raise KeyError(f"no methods of the stubs: {', '.join(unknown)}")
    return found


def _path(method: MethodDescriptor) -> str:
    path: str = method.GetOptions().Extensions[annotations_pb2.http].post
    return path
