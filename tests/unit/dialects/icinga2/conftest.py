"""A server that says what an Icinga 2 would, as a test wants."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.dialects.icinga2.fake import Fake, answering


@pytest.fixture
async def icinga() -> AsyncIterator[Fake]:
    """Run one for a test."""
    async with answering() as fake:
        yield fake
