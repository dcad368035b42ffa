import pytest

from tocsin.client.back_off import BackOff, Patience
from tocsin.client.errors import ClientError, Problem, Refused, Unreachable


def test_the_wait_doubles_up_to_its_limit() -> None:
    back_off = BackOff(first=1, longest=10)
    for failures, doubled in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (1000, 10)]:
        waits = [back_off.seconds(failures) for _ in range(50)]
        assert all(doubled / 2 <= wait <= doubled for wait in waits)
        assert len(set(waits)) > 1


def test_the_wait_is_as_long_as_the_server_asks() -> None:
    asked = Unreachable("full", passing=True, retry_after=7)
    assert BackOff(first=1, longest=1).seconds_after(asked, 1) == 7
    assert BackOff(first=20, longest=20).seconds_after(asked, 1) >= 10


def test_patience_waits_longer_each_time() -> None:
    patience = Patience(3600, BackOff(first=1, longest=100))
    waits = [patience(Unreachable("x", passing=True)) for _ in range(3)]
    assert 0.5 <= waits[0] <= 1 <= waits[1] <= 2 <= waits[2] <= 4


@pytest.mark.parametrize(
    "failure",
    [ValueError(), Unreachable("a web page"), Refused(Problem(400)), ClientError("?")],
)
def test_what_does_not_pass_is_not_waited_for(failure: Exception) -> None:
    assert Patience(3600, BackOff())(failure) is False


def test_a_request_that_is_under_way_is_waited_for() -> None:
    assert Patience(3600, BackOff())(Refused(Problem(409)))


def test_a_wait_beyond_the_patience_is_not_begun() -> None:
    assert Patience(5, BackOff())(Unreachable("x", passing=True, retry_after=6)) is False
