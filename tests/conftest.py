"""What every test shares: async tests run on asyncio."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run the tests marked with anyio on asyncio, the loop that the server uses."""
    return "asyncio"
