"""What the tests of the native API share: one server for a file of tests, a domain for each of them."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.server.in_process import Served, Tenant, serving_on_sqlite


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """Run a server for the tests of one file."""
    async with serving_on_sqlite(tmp_path_factory.mktemp("store")) as running:
        yield running


@pytest.fixture
async def tenant(served: Served) -> AsyncIterator[Tenant]:
    """Give a domain of the test's own."""
    made = await served.new_tenant()
    yield made
    await served.drop(made)


@pytest.fixture
async def stranger(served: Served) -> AsyncIterator[Tenant]:
    """Give another domain on the same server."""
    made = await served.new_tenant()
    yield made
    await served.drop(made)
