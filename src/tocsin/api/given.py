"""What the handlers of the native API are given beside the request."""

from collections.abc import Collection
from typing import TypeAlias

from litestar.di import NamedDependency

from tocsin.api.intake import Intake
from tocsin.hub.hub import Hub
from tocsin.model.access import Principal

TheHub: TypeAlias = NamedDependency[Hub]
"""What runs."""

TheIntake: TypeAlias = NamedDependency[Intake]
"""What takes posted events."""

Formats: TypeAlias = NamedDependency[Collection[str]]
"""What a source's format can be."""

Asker: TypeAlias = NamedDependency[Principal]
"""Whom the gate let in."""
