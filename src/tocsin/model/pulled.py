"""How it goes with a source whose signals Tocsin fetches itself."""

import msgspec


class Pulled(msgspec.Struct, frozen=True):
    """A source that one node fetches from. Times are microseconds UTC.

    Attributes:
        node: which node does, '' for none at present.
        leased_until: when another may take it over.
        connected_at: since when it is connected, 0 where it is not. Of a node that died this stays: ask
            `connected_since`.
        trouble: why it is not, or was not the last time; '' where nothing went wrong.
    """

    domain_id: str
    source_id: str
    node: str = ""
    leased_until: int = 0
    connected_at: int = 0
    trouble: str = ""

    def connected_since(self, now: int) -> int:
        """Give since when it is connected, 0 where it is not.

        Args:
            now: microseconds UTC; whose lease has run out by then is connected no more.
        """
        return self.connected_at if self.node and now < self.leased_until else 0
