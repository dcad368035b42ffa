"""Who sends to a preloaded store: the scene that the loads play in."""

import msgspec


class Sender(msgspec.Struct, frozen=True):
    """A source that a load sends through."""

    id: str
    access_key: str


class Scene(msgspec.Struct, frozen=True):
    """What a preloaded store holds.

    Attributes:
        token: of the administrator.
        sources: what the loads are spread over.
        events: how many there are.
        open_alerts: how many alerts are not resolved.
        limited: tokens of users who see a tenth of the hosts, by how that is said: names or groups.
    """

    token: str
    sources: list[Sender]
    events: int
    open_alerts: int
    limited: dict[str, str] = {}
