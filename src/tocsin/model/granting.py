"""Which role somebody has whom an identity provider vouches for: by the groups that they are in there."""

from collections.abc import Collection

import msgspec


class Granting(msgspec.Struct, frozen=True):
    """How roles are given to those who log in by an identity provider.

    Attributes:
        otherwise: role of users who are made, in the domain `default`; where groups are named, of all who are
            in none of them. '' to let none of those in.
        by_group: groups with the roles that they give, at each log-in, what counts more first; none where
            roles are given here alone.
    """

    otherwise: str = ""
    by_group: tuple[tuple[str, str], ...] = ()

    def role_of(self, groups: Collection[str]) -> str:
        """Give the role of somebody who is in some groups; '' for none."""
        return next((role for group, role in self.by_group if group in groups), self.otherwise)


def parse_groups(text: str) -> tuple[tuple[str, str], ...]:
    """Read `GROUP=ROLE`, several apart by commas. A group's name may hold a `=`.

    Raises:
        ValueError: it is not that.
    """
    pairs = []
    for part in filter(None, map(str.strip, text.split(","))):
        group, _, role = map(str.strip, part.rpartition("="))
        if not group or not role:
            raise ValueError("expected GROUP=ROLE, one or several apart by commas")
        pairs.append((group, role))
    return tuple(pairs)
