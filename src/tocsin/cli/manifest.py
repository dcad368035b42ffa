"""A file that says what is to be configured: YAML, read strictly; whatever is wrong in it has its line."""

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import yaml
from msgspec import UNSET, UnsetType

from tocsin.cli.failures import UsageError
from tocsin.model.misfit import misfit
from tocsin.model.role import Permission
from tocsin.model.source import SourceOptions
from tocsin.model.target import TargetKind, TargetOptions, signing_key
from tocsin.model.world.written import WrittenWorld
from tocsin.query.errors import QueryError
from tocsin.query.filters import parse_filter
from tocsin.query.scope import parse_scope
from tocsin.query.times import format_time, microseconds
from tocsin.query.tree import Expression

STANDARD_INPUT: Final = "-"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as fast where PyYAML comes with it: files of what is monitored are long."""
_STEP: Final = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")

T = TypeVar("T")


class WantedSource(msgspec.Struct, forbid_unknown_fields=True):
    """A source as a file says it; what it leaves out stays as it is."""

    name: str
    format: str | UnsetType = UNSET
    project: str | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    options: dict[str, Any] | UnsetType = UNSET


class WantedTarget(msgspec.Struct, forbid_unknown_fields=True):
    """A target as a file says it; what it leaves out stays as it is."""

    name: str
    kind: TargetKind | UnsetType = UNSET
    url: str | UnsetType = UNSET
    secret: str | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    options: dict[str, Any] | UnsetType = UNSET


class WantedRoute(msgspec.Struct, forbid_unknown_fields=True):
    """A route as a file says it; what it leaves out stays as it is."""

    name: str
    expression: str | UnsetType = UNSET
    targets: list[str] | UnsetType = UNSET
    every_event: bool | UnsetType = UNSET
    fallback: bool | UnsetType = UNSET
    position: int | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class WantedSilence(msgspec.Struct, forbid_unknown_fields=True):
    """A silence as a file says it. A time without an offset is UTC."""

    expression: str
    ends_at: datetime
    starts_at: datetime | UnsetType = UNSET
    comment: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        self.ends_at = _aware(self.ends_at)
        self.starts_at = UNSET if self.starts_at is UNSET else _aware(self.starts_at)

    @property
    def name(self) -> str:
        """What it is known by, since a silence has no name of its own."""
        return silence_name(self.expression, self.ends_at)


class WantedRole(msgspec.Struct, forbid_unknown_fields=True):
    """A role as a file says it; what it leaves out stays as it is."""

    name: str
    permissions: list[Permission] | UnsetType = UNSET
    scope: str | UnsetType = UNSET


class WantedUser(msgspec.Struct, forbid_unknown_fields=True):
    """A user as a file says them; what it leaves out stays as it is. Passwords are no matter of files."""

    name: str
    role: str | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET


class Sections(WrittenWorld):
    """All that a file can say: of what is monitored, and of the rest."""

    sources: list[WantedSource] = msgspec.field(default_factory=list)
    targets: list[WantedTarget] = msgspec.field(default_factory=list)
    routes: list[WantedRoute] = msgspec.field(default_factory=list)
    silences: list[WantedSilence] = msgspec.field(default_factory=list)
    roles: list[WantedRole] = msgspec.field(default_factory=list)
    users: list[WantedUser] = msgspec.field(default_factory=list)


def silence_name(expression: str, ends_at: datetime) -> str:
    """Give what tells a silence from others: what it matches, and its end."""
    return f"{expression} until {format_time(microseconds(ends_at))}"


class Manifest:
    """What a file says.

    Args:
        file: its path, `-` for standard input.

    Attributes:
        sections: what it wants.

    Raises:
        UsageError: it cannot be read, or is wrong; names the file and the line.
    """

    def __init__(self, file: str) -> None:
        self._file = "standard input" if file == STANDARD_INPUT else file
        self._root: yaml.Node | None = None
        try:
            text = sys.stdin.read() if file == STANDARD_INPUT else Path(file).read_text(encoding="utf-8")
            loader = _LOADER(text)
            self._root = loader.get_single_node()
            document = None if self._root is None else loader.construct_document(self._root)
        except OSError as fault:
            raise UsageError(f"{self._file}: {fault.strerror}") from None
        except UnicodeDecodeError:
            raise UsageError(f"{self._file}: not UTF-8") from None
        except yaml.MarkedYAMLError as fault:
            line = f":{fault.problem_mark.line + 1}" if fault.problem_mark else ""
            raise UsageError(f"{self._file}{line}: {fault.problem}") from None
        except yaml.YAMLError as fault:
            raise UsageError(f"{self._file}: {fault}") from None
        self.sections = self._read({} if document is None else document, Sections)
        self._check()

    def wrong(self, path: str, reason: str) -> UsageError:
        """Make the error of one place.

        Args:
            path: to it, such as `routes[0].expression`.
            reason: what is wrong there.
        """
        return UsageError(": ".join(filter(None, (f"{self._file}:{self._line(path)}", path, reason))))

    def _read(self, value: object, wanted: type[T], path: str = "") -> T:
        try:
            return msgspec.convert(value, wanted)
        except msgspec.ValidationError as fault:
            place, reason = misfit(fault, wanted)
            raise self.wrong(".".join(filter(None, (path, place))), reason) from None

    def _check(self) -> None:
        # What is said of the monitored world, the server checks: it alone knows what is there.
        for section in set(Sections.__struct_fields__) - set(WrittenWorld.__struct_fields__):
            seen = set()
            for index, each in enumerate(getattr(self.sections, section)):
                identity = each.name, getattr(each, "project", UNSET)
                if identity in seen:
                    raise self.wrong(f"{section}[{index}].name", f"there is another {each.name}")
                seen.add(identity)
        for index, source in enumerate(self.sections.sources):
            self._check_format(f"sources[{index}].format", source.format)
            self._read(source.options or {}, SourceOptions, f"sources[{index}].options")
        for index, target in enumerate(self.sections.targets):
            self._read(target.options or {}, TargetOptions, f"targets[{index}].options")
            if target.secret is not UNSET:
                try:
                    signing_key(target.secret)
                except ValueError as fault:
                    raise self.wrong(f"targets[{index}].secret", str(fault)) from None
        for index, route in enumerate(self.sections.routes):
            self._check_expression(f"routes[{index}].expression", route.expression, parse_filter)
        for index, silence in enumerate(self.sections.silences):
            self._check_expression(f"silences[{index}].expression", silence.expression, parse_filter)
        for index, role in enumerate(self.sections.roles):
            self._check_expression(f"roles[{index}].scope", role.scope, parse_scope)

    def _check_format(self, path: str, name: str | UnsetType) -> None:
        if name is UNSET:
            return
        # All the dialects come with it, so only a file that needs it waits for it.
        from tocsin.server.formats import FORMATS

        if name not in FORMATS:
            raise self.wrong(path, f"expected one of {', '.join(sorted(FORMATS))}")

    def _check_expression(self, path: str, text: str | UnsetType, parse: Callable[[str], Expression]) -> None:
        try:
            parse(text or "")
        except QueryError as fault:
            raise self.wrong(path, str(fault)) from None

    def _line(self, path: str) -> int:
        """Give the line of the innermost place on a path that the file has, from 1."""
        node, line = self._root, 1
        for index, name in _STEP.findall(path):
            if node is None:
                break
            if index and isinstance(node, yaml.SequenceNode):
                node = node.value[int(index)]
            elif name and isinstance(node, yaml.MappingNode):
                found = (value for key, value in node.value if key.value == name)
                node = next(found, None)
            else:
                break
            line = node.start_mark.line + 1 if node is not None else line
        return line


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
