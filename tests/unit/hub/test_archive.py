from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from tests.unit.server.in_process import serving
from tocsin.hub.archive import Archive
from tocsin.hub.errors import HubError, TooSlow, Unavailable
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.tree import All
from tocsin.store.counting import Counting
from tocsin.store.database import Database
from tocsin.store.errors import StoreUnavailable, TookTooLong

pytestmark = pytest.mark.anyio


async def test_an_event_comes_with_its_payload(database: Database) -> None:
    async with serving(database) as served:
        tenant, stranger = await served.new_tenant(), await served.new_tenant()
        await tenant.send({"key": "a", "title": "t"}, {"key": "b", "title": "t"})
        kept = await served.hub.archive.event(tenant.id, 2, All())
        assert kept is not None
        assert kept.payload is not None
        assert (kept.event.key, kept.event.payload_index, kept.payload.format) == ("b", 1, "native")
        assert await served.hub.archive.event(stranger.id, 2, All()) is None
        assert await served.hub.archive.event(tenant.id, 3, All()) is None
        sees = parse("key:a", EVENT_FIELDS, 0)
        assert await served.hub.archive.event(tenant.id, 2, sees) is None
        assert await served.hub.archive.event(tenant.id, 1, sees) is not None


@pytest.mark.parametrize(
    ("failure", "told"), [(TookTooLong("narrow it"), TooSlow), (StoreUnavailable("s3cret"), Unavailable)]
)
async def test_trouble_of_the_store_is_told_in_the_words_of_the_hub(
    failure: Exception, told: type[HubError]
) -> None:
    class Failing:
        async def read(self, _: Callable[..., Any]) -> NoReturn:
            raise failure

    failing: Any = Failing()  # stands for a database
    archive = Archive(failing, Counting(failing, None))
    for asked in (
        archive.event("d", 1, All()),
        archive.through("d", All(), ["key"], lambda events, _: list(events)),
        archive.tally("d", All(), {"key": 1}, lambda events, *_: list(events)),
    ):
        with pytest.raises(told) as caught:
            await asked
        assert "s3cret" not in str(caught.value)
