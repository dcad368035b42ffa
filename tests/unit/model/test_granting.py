"""Which role the groups of somebody give them."""

import pytest

from tocsin.model.granting import Granting, parse_groups


def test_what_counts_more_stands_first_and_others_have_the_usual_role() -> None:
    granting = Granting("viewer", parse_groups("Tocsin Admins=administrator, cn=sre=operator,"))
    assert granting.by_group == (("Tocsin Admins", "administrator"), ("cn=sre", "operator"))
    assert granting.role_of(["cn=sre", "Tocsin Admins"]) == "administrator"
    assert granting.role_of(["cn=sre"]) == "operator"
    assert granting.role_of(["another"]) == "viewer"
    assert Granting("", granting.by_group).role_of([]) == ""
    assert parse_groups(" ") == ()


@pytest.mark.parametrize("text", ["sre", "=operator", "sre=", "a=b,c"])
def test_what_is_no_group_with_a_role_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected GROUP=ROLE"):
        parse_groups(text)
