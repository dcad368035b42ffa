"""The audit log: every change that somebody made."""

from typing import Final

import msgspec


class Author(msgspec.Struct, frozen=True):
    """Who makes a change, how and when.

    Attributes:
        name: of the user.
        via: the id of their token, before it `session` where they have logged in; `command line`; `first
            start`; or the address that somebody logs in from.
        at: microseconds UTC.
    """

    name: str
    via: str
    at: int


FIRST_START: Final = "first start"
COMMAND_LINE: Final = "command line"
"""How a change is made by a command that works on the store itself."""


class Entry(msgspec.Struct, frozen=True):
    """One change, or one attempt to log in.

    Attributes:
        seq: its number within the domain's log.
        recorded_at: microseconds UTC.
        author: who.
        via: see `Author`.
        action: what was done: 'source.create', 'session.fail'.
        subject: the kind of thing that it was done to.
        details: JSON: of what was made all members, of what was changed those that differ, before and after.
            It never holds a secret.
    """

    domain_id: str
    seq: int
    recorded_at: int
    author: str
    via: str
    action: str
    subject: str
    subject_id: str
    subject_name: str
    details: str
