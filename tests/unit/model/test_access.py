import pytest

from tests.unit.model.samples import source
from tocsin.model.access import Action, Principal, may

USER = Principal("default", "admin")
SENDER = Principal("default", "agent", source())


@pytest.mark.parametrize("action", Action)
def test_a_user_may_do_everything_in_the_own_domain(action: Action) -> None:
    assert may(USER, action)


@pytest.mark.parametrize("action", Action)
def test_a_source_can_only_send(action: Action) -> None:
    assert may(SENDER, action) == (action is Action.SEND)
