"""The audit log, on both stores: written with the change, numbered without a gap, searched like events."""

import asyncio
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from tests.contract.scene import NOON, new_source
from tocsin.model.audit import Author
from tocsin.model.source import Source, SourceOptions
from tocsin.model.target import Target, TargetOptions
from tocsin.query.fields import AUDIT_FIELDS
from tocsin.query.language import parse
from tocsin.store import audit, directory, search
from tocsin.store.database import Database, open_database
from tocsin.store.errors import NotFound

pytestmark = pytest.mark.anyio

ANN = Author("Änn", "token-1", NOON)


@pytest.fixture
async def source(database: Database) -> Source:
    return await new_source(database, "acme")


async def found(database: Database, query: str = "", domain_id: str = "acme") -> list[Any]:
    tree = parse(query, AUDIT_FIELDS, NOON)
    return await database.read(lambda c: search.audit(c, domain_id, tree, limit=100))


async def test_an_entry_says_what_differs(database: Database, source: Source) -> None:
    changed = replace(source, enabled=False, access_key="1" * 32, options=SourceOptions(rate_limit=5))
    await database.write(lambda c: audit.write(c, ANN, "source.change", before=source, after=changed))
    (entry,) = await found(database)
    assert (entry.seq, entry.recorded_at, entry.author, entry.via) == (1, NOON, "Änn", "token-1")
    assert (entry.action, entry.subject) == ("source.change", "source")
    assert (entry.subject_id, entry.subject_name) == (source.id, source.name)
    assert msgspec.json.decode(entry.details) == {
        "before": {"enabled": True, "access_key": "(hidden)", "options": {}},
        "after": {"enabled": False, "access_key": "(hidden)", "options": {"rate_limit": 5}},
    }


async def test_no_address_tells_its_path(database: Database, source: Source) -> None:
    url = "https://user:pw@pager.example.com:8443/integrations/KEY?token=KEY"
    target = Target("target-1", "acme", "pager", "webhook", url, "whsec_KEY", TargetOptions(), True, NOON)
    await database.write(lambda c: audit.write(c, ANN, "target.delete", before=target))
    (entry,) = await found(database)
    assert "KEY" not in entry.details
    assert "pw" not in entry.details
    assert msgspec.json.decode(entry.details)["before"]["url"] == "https://pager.example.com/(hidden)"


async def test_what_is_not_changed_is_not_written(database: Database, source: Source) -> None:
    def fail(connection: Any) -> None:
        audit.write(connection, ANN, "source.delete", before=source)
        raise NotFound("no")

    with pytest.raises(NotFound):
        await database.write(fail)
    assert await found(database) == []
    with pytest.raises(ValueError, match="nothing is changed"):
        await database.write(lambda c: audit.write(c, ANN, "source.change"))


async def test_numbers_have_no_gap_whoever_writes(database: Database, store_url: str, source: Source) -> None:
    other = open_database(store_url)
    await new_source(database, "umbrella")
    writes = [
        node.write(lambda c: audit.write(c, ANN, "source.create", after=source))
        for node in (database, other) * 5
    ]
    await asyncio.gather(*writes)
    await other.close()
    assert [entry.seq for entry in await found(database)] == list(range(10, 0, -1))
    assert await found(database, domain_id="umbrella") == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("author:änn", 1),
        ("author:ÄNN", 1),
        ("author=Änn", 1),
        ("author=änn", 0),
        ("ÄN", 1),
        ("probe", 1),
        ("action:source.*", 1),
        ("via:token-*", 1),
        ("recorded>2025-12-31", 1),
        ("recorded<2025-12-31", 0),
        ("author~^Ä", 1),
        ("subject=role OR subject=source", 1),
    ],
)
async def test_it_is_searched_alike_on_both(
    database: Database, source: Source, query: str, count: int
) -> None:
    await database.write(lambda c: audit.write(c, ANN, "source.create", after=source))
    assert len(await found(database, query)) == count


async def test_a_domain_that_is_gone_has_no_log(database: Database, source: Source) -> None:
    elsewhere = replace(source, domain_id="nowhere")
    with pytest.raises(NotFound, match="there is no domain nowhere"):
        await database.write(lambda c: audit.write(c, ANN, "source.create", after=elsewhere))
    assert len(await database.read(directory.domains)) == 1
