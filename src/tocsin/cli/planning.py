"""What has to be done so that a server is configured as a file says; what the file does not name stays."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

import msgspec
from msgspec import UNSET

from tocsin.cli.columns import Item
from tocsin.cli.manifest import Manifest, silence_name
from tocsin.model.role import Permission, Role, in_order
from tocsin.model.source import SourceOptions
from tocsin.model.target import TargetOptions
from tocsin.query.scope import unfit

if TYPE_CHECKING:
    from tocsin.client.client import Client

CREATE: Final = "create"
CHANGE: Final = "change"
KEEP: Final = "keep"


class Kind(NamedTuple):
    """One kind of thing that can be configured.

    Attributes:
        section: what it is called in a file, and in the path of the API.
        fields: what a file can say of one.
        fixed: what cannot be changed once it is made.
        needed: what must be said to make one.
        secret: what is not exported.
        within: the field that names are taken once in; '' for the whole domain.
        names: the fields that name other things, each with the section that those are in.
        defaults: of its options.
    """

    section: str
    fields: tuple[str, ...]
    fixed: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    defaults: type[msgspec.Struct] | None = None
    within: str = ""
    names: Mapping[str, str] = MappingProxyType({})

    @property
    def path(self) -> str:
        """Where the API has them."""
        return f"/api/v1/{self.section}"


KINDS: Final = (
    Kind(
        "sources",
        ("name", "format", "project", "enabled", "options"),
        fixed=("format", "project"),
        defaults=SourceOptions,
        within="project",
        names={"project": "projects"},
    ),
    Kind(
        "targets",
        ("name", "kind", "url", "secret", "enabled", "options"),
        fixed=("kind",),
        needed=("kind", "url"),
        secret=("url", "secret"),
        defaults=TargetOptions,
    ),
    Kind(
        "routes",
        ("name", "expression", "targets", "every_event", "fallback", "position", "enabled"),
        names={"targets": "targets"},
    ),
    Kind(
        "silences",
        ("expression", "ends_at", "starts_at", "comment"),
        fixed=("starts_at", "comment"),
    ),
    Kind("roles", ("name", "permissions", "scope"), needed=("permissions",)),
    Kind("users", ("name", "role", "disabled"), names={"role": "roles"}),
)
"""In the order in which they are made: what names others comes after them."""


class Step(NamedTuple):
    """What is to be done with one thing.

    Attributes:
        kind: of the thing.
        place: where the file says it.
        action: create, change or keep.
        name: of the thing.
        address: its name or id, by which the server knows it.
        document: what is sent: of a change what differs, in the words of the file.
    """

    kind: Kind
    place: str
    action: str
    name: str
    address: str
    document: dict[str, Any]

    def shown(self) -> Item:
        """Give it as it is printed: the names of what changes, since values can be secret."""
        fields = [each for each in self.document if each != "name"] if self.action != KEEP else []
        return {
            "action": self.action,
            "kind": self.kind.section.removesuffix("s"),
            "name": self.name,
            "fields": fields,
        }


def plan(manifest: Manifest, client: "Client") -> list[Step]:
    """Compare a file with a server.

    Raises:
        UsageError: what the file says cannot be done; names the line.
        ClientError: the server does not answer, or refuses.
    """
    standing = Standing(client)
    # Who may not see users and roles can still apply a file that has none.
    kinds = [kind for kind in KINDS if getattr(manifest.sections, kind.section)]
    return [step for kind in kinds for step in _steps(kind, manifest, standing)]


def do(step: Step, client: "Client") -> None:
    """Do one step.

    Raises:
        ClientError: the server does not answer, or refuses.
    """
    document = dict(step.document)
    if "project" in document:
        document["project_id"] = document.pop("project")
    if step.action == CREATE:
        client.request("POST", step.kind.path, document=document)
    elif step.action == CHANGE:
        client.request("PATCH", f"{step.kind.path}/{quote(step.address, safe='')}", document=document)


class Standing:
    """What a server has, in the words of a file.

    Args:
        client: asks it.
    """

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._names: dict[str, dict[str, str]] = {}

    def things(self, kind: Kind) -> Iterator[Item]:
        """Give all of a kind, in their order, without what is secret."""
        for item in self.identified(kind):
            del item["id"]
            yield item

    def identified(self, kind: Kind) -> Iterator[Item]:
        """Give the same, each with its id."""
        for item in self._client.pages(kind.path):
            if kind.section == "sources":
                item["project"] = self.names("projects").get(item["project_id"], item["project_id"])
            elif kind.section == "routes":
                item["targets"] = [each["name"] for each in item["targets"]]
            elif kind.section == "silences" and item["state"] == "expired":
                continue
            yield {field: item[field] for field in ("id", *kind.fields) if field not in kind.secret}

    def secrets(self, kind: Kind, name: str) -> Item:
        """Give what is secret of one thing."""
        item = self._client.request("GET", f"{kind.path}/{quote(name, safe='')}")
        return {field: item[field] for field in kind.secret}

    def names(self, section: str) -> Mapping[str, str]:
        """Give what all of a section are called, by their ids. The server is asked once."""
        if section not in self._names:
            found = self._client.pages(f"/api/v1/{section}")
            self._names[section] = {each["id"]: each["name"] for each in found}
        return self._names[section]

    def named(self, kind: Kind, field: str, value: Any) -> Any:
        """Put the names of what a field names in the place of ids."""
        if field not in kind.names:
            return value
        names = self.names(kind.names[field])
        return (
            [names.get(each, each) for each in value] if isinstance(value, list) else names.get(value, value)
        )


def _steps(kind: Kind, manifest: Manifest, standing: Standing) -> Iterator[Step]:
    present: dict[str, list[Item]] = {}
    for item in standing.identified(kind):
        present.setdefault(_name(item), []).append(item)
    for index, wanted in enumerate(getattr(manifest.sections, kind.section)):
        place = f"{kind.section}[{index}]"
        document = {
            field: standing.named(kind, field, msgspec.to_builtins(value))
            for field in kind.fields
            if (value := getattr(wanted, field)) is not UNSET
        }
        named = present.get(wanted.name, [])
        if not named and _is_over(document):
            yield Step(kind, place, KEEP, wanted.name, wanted.name, {})
            continue
        if not named:
            for field in kind.needed:
                if field not in document:
                    raise manifest.wrong(place, f"{field} is needed to make {wanted.name}")
            _check_names(kind, place, document, manifest, standing)
            _check_fit(kind, place, document, manifest)
            yield Step(kind, place, CREATE, wanted.name, wanted.name, document)
            continue
        known, address = named[0], wanted.name
        if len(named) > 1:
            chosen = [item for item in named if item[kind.within] == document.get(kind.within)]
            if not chosen:
                raise manifest.wrong(place, f"several {kind.within}s have a {wanted.name}: say which one's")
            known, address = chosen[0], chosen[0]["id"]
        if any(field in document for field in kind.secret):
            known |= standing.secrets(kind, wanted.name)
        changes = {
            field: value for field, value in document.items() if not _is_so(kind, field, value, known[field])
        }
        for field in kind.fixed:
            if field in changes:
                raise manifest.wrong(
                    f"{place}.{field}", f"{wanted.name} has {known[field]}, which cannot be changed"
                )
        _check_names(kind, place, changes, manifest, standing)
        _check_fit(kind, place, known | changes, manifest)
        yield Step(kind, place, CHANGE if changes else KEEP, wanted.name, address, changes)


def _check_names(kind: Kind, place: str, document: Item, manifest: Manifest, standing: Standing) -> None:
    """Refuse what names something that neither the file nor the server has.

    Raises:
        UsageError: names the line, and what is not there.
    """
    for field in kind.names.keys() & document.keys():
        section = kind.names[field]
        made = {each.name for each in getattr(manifest.sections, section, ())}
        there = made.union(standing.names(section).values())
        value, path = document[field], f"{place}.{field}"
        named = (
            {f"{path}[{index}]": each for index, each in enumerate(value)}
            if isinstance(value, list)
            else {path: value}
        )
        for at, name in named.items():
            if name not in there:
                raise manifest.wrong(at, f"there is no {section.removesuffix('s')} {name}")


def _check_fit(kind: Kind, place: str, item: Item, manifest: Manifest) -> None:
    """Refuse a role whose scope does not go with its permissions.

    Raises:
        UsageError: names the line, and what is wrong with it.
    """
    if kind.section != "roles":
        return
    permissions = in_order(Permission(each) for each in item["permissions"])
    if fault := unfit(Role("", "", item["name"], permissions, item.get("scope", ""), 0)):
        raise manifest.wrong(f"{place}.scope", fault)


def _name(item: Item) -> str:
    return item["name"] if "name" in item else silence_name(item["expression"], _moment(item["ends_at"]))


def _is_over(document: Item) -> bool:
    return "ends_at" in document and _moment(document["ends_at"]) <= datetime.now(UTC)


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


def _is_so(kind: Kind, field: str, value: Any, known: Any) -> bool:
    if field in {"starts_at", "ends_at"}:
        # What was to begin in the past began when it was made.
        now = datetime.now(UTC)
        return max(_moment(value), now) == max(_moment(known), now)
    if field == "permissions":
        return set(value) == set(known)
    if field != "options" or kind.defaults is None:
        return bool(value == known)
    return _complete(kind.defaults, {**known, **value}) == _complete(kind.defaults, known)


def _complete(defaults: type[msgspec.Struct], options: Item) -> msgspec.Struct:
    """Give options with their defaults. What a newer server has beside them is not compared."""
    own = {name: value for name, value in options.items() if name in defaults.__struct_fields__}
    return msgspec.convert(own, defaults)
