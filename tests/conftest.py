"""What every test shares: async tests run on asyncio, and no property test fails for being slow."""

import pytest
from hypothesis import settings

# A busy machine is no wrong answer; speed is measured by the bench. What Hypothesis chooses by itself stays,
# such as the same examples in every run where CI is set.
settings.register_profile("tocsin", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("tocsin")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run the tests marked with anyio on asyncio, the loop that the server uses."""
    return "asyncio"
