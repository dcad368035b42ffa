from collections.abc import AsyncIterator, Iterator

import pytest

from tests.unit.client.fake_tocsin import TOKEN, FakeTocsin, running_fake_tocsin
from tocsin.client.async_client import AsyncClient
from tocsin.client.back_off import BackOff
from tocsin.client.client import Client


@pytest.fixture
def tocsin() -> Iterator[FakeTocsin]:
    with running_fake_tocsin() as fake:
        yield fake


@pytest.fixture
def client(tocsin: FakeTocsin) -> Iterator[Client]:
    with Client(tocsin.url, TOKEN, timeout=5) as opened:
        yield opened


@pytest.fixture
async def async_client(tocsin: FakeTocsin) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(tocsin.url, TOKEN, timeout=5) as opened:
        yield opened


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is tried again not wait as long as it would."""
    monkeypatch.setattr(BackOff, "seconds", lambda self, failures: 0.001)
