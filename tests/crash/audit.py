"""What a store holds after a crash, read through the API and, for what the API does not show, by hand."""

import asyncio
from collections import Counter

from sqlalchemy import Connection, text

from tests.servers.tocsin import Tocsin
from tocsin.store.database import open_database

PAGE = 1000


def events(server: Tocsin, after: int = 0) -> dict[int, str]:
    """Read the events with a greater `seq`, page by page.

    Returns:
        The key of each event, by its `seq`.
    """
    found: dict[int, str] = {}
    cursor: str | None = ""
    while cursor is not None:
        answer = server.request("GET", "/api/v1/events", params={"limit": PAGE, "cursor": cursor})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        for item in page["items"]:
            assert item["seq"] not in found
            found[item["seq"]] = item["key"]
        cursor = page["next"] if page["items"] and page["items"][-1]["seq"] > after + 1 else None
    return {seq: key for seq, key in found.items() if seq > after}


def assert_sound(found: dict[int, str], acknowledged: dict[str, int], sent: set[str]) -> None:
    """Hold what is there against what senders know.

    Args:
        found: every event, its key by its `seq`.
        acknowledged: every key that was answered with 200, with its `seq` where the answer named it, else 0.
        sent: every key that was sent at all.
    """
    assert sorted(found) == list(range(1, len(found) + 1)), "seq has a gap"
    times = Counter(found.values())
    assert [key for key, number in times.items() if number > 1] == [], "recorded twice"
    assert [key for key in acknowledged if key not in times] == [], "acknowledged and lost"
    assert [key for key in times if key not in sent] == [], "never sent"
    seq_of = {key: seq for seq, key in found.items()}
    moved = [key for key, seq in acknowledged.items() if seq and seq_of[key] != seq]
    assert moved == [], "another seq than the sender was told"


def assert_whole(store_url: str, recorded: int) -> None:
    """Look into a store where every event opened an alert. Each has its payload, and no row is left over.

    Args:
        store_url: of a store without a server.
        recorded: how many events it holds.
    """
    assert asyncio.run(_count(store_url)) == {
        "events": recorded,
        "numbers": recorded,
        "last": recorded,
        "next_seq": recorded + 1,
        "alerts": recorded,
        "without_alert": 0,
        "without_payload": 0,
        "payload_without_event": 0,
    }


_COUNTS = {
    "events": "select count(*) from event",
    "numbers": "select count(distinct seq) from event",
    "last": "select coalesce(max(seq), 0) from event",
    "next_seq": "select max(next_seq) from domain",
    "alerts": "select count(*) from alert",
    "without_alert": (
        "select count(*) from event where not exists (select 1 from alert"
        " where alert.domain_id = event.domain_id and alert.seq = event.alert_seq and alert.key = event.key)"
    ),
    "without_payload": (
        "select count(*) from event where not exists (select 1 from payload"
        " where payload.domain_id = event.domain_id and payload.seq = event.payload_seq)"
    ),
    "payload_without_event": (
        "select count(*) from payload where not exists (select 1 from event"
        " where event.domain_id = payload.domain_id and event.seq = payload.seq)"
    ),
}


async def _count(store_url: str) -> dict[str, int]:
    def count(connection: Connection) -> dict[str, int]:
        return {name: connection.execute(text(query)).scalar_one() for name, query in _COUNTS.items()}

    database = open_database(store_url)
    try:
        return await database.read(count)
    finally:
        await database.close()
