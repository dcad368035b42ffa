"""What the tests of VictorOps share."""

from collections.abc import Iterator

import pytest

from tests.unit.dialects.victorops.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a receiver of messages for one test."""
    with receiving() as running:
        yield running
