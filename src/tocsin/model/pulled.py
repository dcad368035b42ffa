"""How it goes with a source whose signals Tocsin fetches itself."""

import msgspec


class Pulled(msgspec.Struct, frozen=True):
    """A source that one node fetches from. Times are microseconds UTC, 0 for never.

    Attributes:
        node: which node does, '' for none at present.
        leased_until: when another may take it over.
        connected_at: since when it is connected, 0 where it is not. Of a node that died this stays: ask
            `connected_since`.
        trouble: why it is not connected; '' where nothing went wrong.
        heard_at: up to when all that it said is recorded.
        failed_at: when the trouble came up.
        next_attempt_at: when it is asked again.
    """

    domain_id: str
    source_id: str
    node: str = ""
    leased_until: int = 0
    connected_at: int = 0
    trouble: str = ""
    heard_at: int = 0
    failed_at: int = 0
    next_attempt_at: int = 0

    def connected_since(self, now: int) -> int:
        """Give since when it is connected, 0 where it is not.

        Args:
            now: microseconds UTC; whose lease has run out by then is connected no more.
        """
        return self.connected_at if self.fetcher(now) else 0

    def fetcher(self, now: int) -> str:
        """Give the node that fetches from it, '' for none.

        Args:
            now: microseconds UTC; whose lease has run out by then does so no more.
        """
        return self.node if now < self.leased_until else ""


class Gap(msgspec.Struct, frozen=True):
    """A time in which nothing was heard of a source. Times are microseconds UTC.

    Attributes:
        began_at: up to then all that it said is recorded.
        ended_at: when it was connected again and had been read; 0 while the gap lasts.
        differences: in how much that differed from what was known here. It is recorded.
        reason: why the connection broke; '' where that is not known, as when a node died.
    """

    domain_id: str
    source_id: str
    began_at: int
    ended_at: int
    differences: int
    reason: str
