"""A target: a place to send to."""

import msgspec


class TargetOptions(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a target is sent to.

    Attributes:
        latest_only: newer states of a key overtake older ones that were not sent yet.
        timeout: seconds for one attempt, from connecting to the end of the answer.
        at_once: how many deliveries may be under way to it, each of another key.
    """

    latest_only: bool = False
    timeout: float = 10.0
    at_once: int = 16


class Target(msgspec.Struct, frozen=True):
    """A place to send to.

    Attributes:
        id: 'target-' and 12 hex digits.
        kind: the name of the sender that serves it: victorops or webhook.
        url: where to. Its path may hold a key, so it is shown only to whoever may configure it.
        secret: what a webhook's messages are signed with; '' where they are not.
        created_at: microseconds UTC.
    """

    id: str
    domain_id: str
    name: str
    kind: str
    url: str
    secret: str
    options: TargetOptions
    enabled: bool
    created_at: int
