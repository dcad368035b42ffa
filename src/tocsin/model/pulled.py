"""How it goes with a source whose signals Tocsin fetches itself."""

import msgspec


class Pulled(msgspec.Struct, frozen=True):
    """A source that one node fetches from. Times are microseconds UTC.

    Attributes:
        node: which node does, '' for none at present.
        leased_until: when another may take it over.
        connected_at: since when it is connected, 0 where it is not.
        trouble: why it is not, or was not the last time; '' where nothing went wrong.
    """

    domain_id: str
    source_id: str
    node: str = ""
    leased_until: int = 0
    connected_at: int = 0
    trouble: str = ""
