"""How fast a source may send."""

import pytest
from msgspec.structs import replace

from tocsin.hub.errors import RateExceeded
from tocsin.hub.rates import Rates
from tocsin.model.source import Source, SourceOptions

LIMITED = Source(
    "source-1", "main", "project-1", "probe", "auto", True, "key", SourceOptions(rate_limit=10), 0
)


class Watch:
    """A watch that stands until a test moves it."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def rates(watch: Watch) -> Rates:
    return Rates(watch)


def test_a_source_without_a_limit_may_send_what_it_likes(rates: Rates) -> None:
    free = replace(LIMITED, options=SourceOptions())
    for _ in range(3):
        rates.take(free, 1_000_000)


def test_a_second_of_signals_may_come_at_once(rates: Rates) -> None:
    for _ in range(10):
        rates.take(LIMITED, 1)
    with pytest.raises(RateExceeded):
        rates.take(LIMITED, 1)


def test_the_allowance_comes_back_with_time_but_never_more_than_a_second(rates: Rates, watch: Watch) -> None:
    rates.take(LIMITED, 10)
    watch.seconds += 0.5
    for _ in range(5):
        rates.take(LIMITED, 1)
    with pytest.raises(RateExceeded):
        rates.take(LIMITED, 1)
    watch.seconds += 3600
    for _ in range(10):
        rates.take(LIMITED, 1)
    with pytest.raises(RateExceeded):
        rates.take(LIMITED, 1)


def test_a_large_request_is_taken_and_paid_for_afterwards(rates: Rates, watch: Watch) -> None:
    rates.take(LIMITED, 50)
    with pytest.raises(RateExceeded) as caught:
        rates.take(LIMITED, 1)
    assert caught.value.retry_after == 4
    watch.seconds += 3.9
    with pytest.raises(RateExceeded) as caught:
        rates.take(LIMITED, 1)
    assert caught.value.retry_after == 1
    watch.seconds += 0.2
    rates.take(LIMITED, 1)


def test_each_source_has_its_own_allowance(rates: Rates) -> None:
    rates.take(LIMITED, 10)
    rates.take(replace(LIMITED, id="source-2"), 10)


def test_a_limit_that_was_changed_counts_from_then_on(rates: Rates, watch: Watch) -> None:
    rates.take(LIMITED, 10)
    faster = replace(LIMITED, options=SourceOptions(rate_limit=100))
    watch.seconds += 0.5
    for _ in range(50):
        rates.take(faster, 1)
    with pytest.raises(RateExceeded):
        rates.take(faster, 1)
