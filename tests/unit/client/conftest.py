from collections.abc import Iterator

import pytest

from tests.unit.client.fake_tocsin import TOKEN, FakeTocsin, running_fake_tocsin
from tocsin.client.client import Client


@pytest.fixture
def tocsin() -> Iterator[FakeTocsin]:
    with running_fake_tocsin() as fake:
        yield fake


@pytest.fixture
def client(tocsin: FakeTocsin) -> Iterator[Client]:
    with Client(tocsin.url, TOKEN, timeout=5) as opened:
        yield opened
