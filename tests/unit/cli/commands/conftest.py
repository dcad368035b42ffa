import pytest

from tests.unit.cli.stores import new_store
from tocsin.server.first_start import NewDomain


@pytest.fixture
def made(store_url: str) -> NewDomain:
    """Make the store as a first start makes it, once on each engine."""
    return new_store(store_url)
