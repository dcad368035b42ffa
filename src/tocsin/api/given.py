"""What the handlers of the native API are given beside the request."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from litestar.di import NamedDependency

from tocsin.api.intake import Intake
from tocsin.hub.hub import Hub
from tocsin.model.access import Principal

TheHub: TypeAlias = NamedDependency[Hub]
"""What runs."""

TheIntake: TypeAlias = NamedDependency[Intake]
"""What takes posted events."""

OptionsCheck: TypeAlias = Callable[[Mapping[str, object]], object]
"""Refuses format_options that are none of a format, with a BadPayload."""

Formats: TypeAlias = NamedDependency[Mapping[str, OptionsCheck]]
"""What a source's format can be, each with what checks its options."""

PrivateTargets: TypeAlias = NamedDependency[bool]
"""Whether the operator allows targets with private addresses."""

Asker: TypeAlias = NamedDependency[Principal]
"""Whom the gate let in."""
