"""What the tests of dialects share."""

from collections.abc import Iterator

import pytest

from tests.unit.dialects.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a receiver of messages for one test."""
    with receiving() as running:
        yield running
