"""Which events of a domain the copy holds."""

import msgspec


class Floor(msgspec.Struct, frozen=True):
    """Where a domain's events begin: retention has taken all below.

    Attributes:
        seq: the first number that is there; 0 where that is not asked.
        day: the first day that is there; 0 where that is not asked.
    """

    seq: int = 0
    day: int = 0

    def covers(self, other: "Floor") -> bool:
        """Say whether what begins here has all that begins at another floor."""
        return self.seq <= other.seq and self.day <= other.day


class Held(msgspec.Struct, frozen=True):
    """The part of a domain's ledger that the copy holds: every event from the floor to the last.

    Attributes:
        created_at: when the domain was made, microseconds UTC: another store has another moment.
        floor: where it begins.
        last_seq: the number of the last event; 0 where there is none yet.
        last_day: its day.
        last_recorded_at: when it was recorded, microseconds UTC: after a restored backup the event of that
            number is another one.
    """

    created_at: int
    floor: Floor = Floor()
    last_seq: int = 0
    last_day: int = 0
    last_recorded_at: int = 0
