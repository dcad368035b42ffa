"""Writing the audit log, in the transaction of the change itself."""

from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import Connection, insert, update

from tocsin.model.audit import Author, Entry
from tocsin.model.view import View
from tocsin.store import tables
from tocsin.store.errors import NotFound

_HIDDEN: Final = "(hidden)"
_SECRETS: Final = frozenset({"access_key", "secret"})
_IMPLIED: Final = frozenset({"domain_id", "id", "created_at", "used_at"})
"""Members that say nothing of a change."""
_FOLDED: Final = ("author", "via", "action", "subject", "subject_id", "subject_name", "details")


class Subject(Protocol):
    """What can be changed: a struct of the model."""

    @property
    def domain_id(self) -> str:
        """Whose it is."""

    @property
    def id(self) -> str:
        """Its id."""


def write(
    connection: Connection,
    author: Author,
    action: str,
    *,
    before: Subject | None = None,
    after: Subject | None = None,
) -> None:
    """Write down what somebody does. What is private on both sides is not written: it is its owner's alone.

    Args:
        connection: the transaction of the change.
        author: who does it.
        action: the kind of thing and what is done to it: 'source.create'.
        before: the thing as it stood; None where it is made.
        after: as it stands now; None where it is deleted.

    Raises:
        ValueError: neither is given.
        NotFound: the domain is gone.
    """
    if before is None and after is None:
        raise ValueError("nothing is changed")
    before, after = _told(before), _told(after)
    subject = before if after is None else after
    if subject is None:
        return
    counting = (
        update(tables.domain)
        .where(tables.domain.c.id == subject.domain_id)
        .values(next_audit=tables.domain.c.next_audit + 1)
        .returning(tables.domain.c.next_audit)
    )
    seq = connection.execute(counting).scalar()
    if seq is None:
        raise NotFound(f"there is no domain {subject.domain_id}")
    entry = Entry(
        subject.domain_id,
        seq,
        author.at,
        author.name,
        author.via,
        action,
        action.partition(".")[0],
        subject.id,
        getattr(subject, "name", ""),
        msgspec.json.encode(_details(before, after)).decode(),
    )
    rest = {name: getattr(entry, name).casefold() for name in _FOLDED}
    folded = msgspec.json.encode(rest).decode()
    connection.execute(insert(tables.audit).values(**msgspec.structs.asdict(entry), folded_rest=folded))


def _told(thing: Subject | None) -> Subject | None:
    """Give what the readers of the log may know of a thing: of a private view nothing."""
    return None if isinstance(thing, View) and not thing.shared else thing


def _details(before: Subject | None, after: Subject | None) -> dict[str, dict[str, Any]]:
    """Give the members that differ; all where one side is missing. Of a secret only that it is another."""
    old, new = _members(before), _members(after)
    if before is not None and after is not None:
        differing = {name for name in new if old.get(name) != new[name]}
        old, new = ({name: side[name] for name in side if name in differing} for side in (old, new))
    sides = (("before", before, old), ("after", after, new))
    return {when: _shown(members) for when, thing, members in sides if thing is not None}


def _members(thing: Subject | None) -> dict[str, Any]:
    if thing is None:
        return {}
    members: dict[str, Any] = msgspec.to_builtins(thing)
    return {name: value for name, value in members.items() if name not in _IMPLIED}


def _shown(members: dict[str, Any]) -> dict[str, Any]:
    shown = {name: _HIDDEN if name in _SECRETS and value else value for name, value in members.items()}
    if "url" in shown:
        # Its path may hold a key, and what stands before its host a password.
        url = urlsplit(shown["url"])
        shown["url"] = f"{url.scheme}://{url.hostname or ''}/{_HIDDEN}"
    return shown
