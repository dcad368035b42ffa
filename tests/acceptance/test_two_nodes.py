"""Two nodes on one PostgreSQL take the same keys at the same time, and each knows what the other does."""

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

import httpx2
import pytest

from tests.acceptance.listening import Listener
from tests.servers.postgresql import PostgreSQL
from tests.servers.tocsin import Source, Tocsin, running_tocsin

KEYS = [f"shared-{number}" for number in range(5)]
SENDERS_ON_EACH = 3
REQUESTS = 40
WAIT_SECONDS = 30


class Nodes(NamedTuple):
    """Two servers on one store, and a source."""

    first: Tocsin
    second: Tocsin
    source: Source


@pytest.fixture(scope="module")
def nodes(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with postgresql.database() as url:
        directories = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
        with running_tocsin(directories[0], database=url) as first:
            # Made before the second node starts, which so knows it from its first moment on.
            source = first.create_source("shared")
            with running_tocsin(directories[1], database=url) as second:
                second.token = first.token
                yield Nodes(first, second, source)


class Sender(threading.Thread):
    """Sends problems and recoveries of the shared keys to one node, singles and batches mixed.

    Attributes:
        receipts: of what the node said of each item of a batch, in the order of its answers.
        sent: how many signals were acknowledged.
    """

    def __init__(self, node: Tocsin, source: Source, seed: int) -> None:
        super().__init__(name=f"sender-{seed}")
        self._node = node
        self._source = source
        self._random = random.Random(seed)
        self.receipts: list[tuple[str, dict[str, Any]]] = []
        self.sent: Counter[str] = Counter()

    def run(self) -> None:
        headers = {"Authorization": f"Bearer {self._source.access_key}"}
        with httpx2.Client(base_url=self._node.url, headers=headers, timeout=20, trust_env=False) as client:
            for _ in range(REQUESTS):
                if self._random.random() < 0.5:
                    self._send_single(client)
                else:
                    self._send_batch(client)

    def _send_single(self, client: httpx2.Client) -> None:
        path = f"/integrations/generic/20131114/alert/{self._source.access_key}"
        key, kind = self._choose()
        kinds = {"problem": "CRITICAL", "recovery": "RECOVERY"}
        answer = client.post(path, json={"message_type": kinds[kind], "entity_id": key})
        assert answer.json() == {"result": "success", "entity_id": key}
        self.sent[key] += 1

    def _send_batch(self, client: httpx2.Client) -> None:
        chosen = [self._choose() for _ in range(self._random.randint(1, 8))]
        items = [{"key": key, "title": "on two nodes", "kind": kind} for key, kind in chosen]
        answer = client.post("/api/v1/events", json=items)
        assert answer.status_code == 200, answer.text
        for item, receipt in zip(items, answer.json()["receipts"], strict=True):
            self.receipts.append((item["key"], receipt))
            self.sent[item["key"]] += 1

    def _choose(self) -> tuple[str, str]:
        return self._random.choice(KEYS), self._random.choice(["problem", "problem", "problem", "recovery"])


def last_seq(node: Tocsin) -> int:
    """Give the number of the newest event, 0 where there is none."""
    items = node.request("GET", "/api/v1/events", params={"limit": 1}).json()["items"]
    return items[0]["seq"] if items else 0


def events_after(node: Tocsin, seq: int) -> list[dict[str, Any]]:
    """Give the events after a number, the oldest first."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = node.request("GET", "/api/v1/events", params={"limit": 1000, "cursor": cursor}).json()
        found += [item for item in page["items"] if item["seq"] > seq]
        cursor = page["next"] if page["items"] and page["items"][-1]["seq"] > seq else None
    return found[::-1]


def send_from_both(nodes: Nodes) -> list[Sender]:
    """Send to both nodes at the same time, and wait for the end."""
    senders = [
        Sender(node, nodes.source, seed)
        for seed, node in enumerate([nodes.first, nodes.second] * SENDERS_ON_EACH)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return senders


def end(node: Tocsin, key: str) -> None:
    """Post an event that stands for the end of what a listener waits for."""
    assert node.request("POST", "/api/v1/events", json={"key": key, "title": "the end"}).status_code == 200


def test_a_key_has_one_open_alert_though_two_nodes_take_it(nodes: Nodes) -> None:
    before = last_seq(nodes.first)
    senders = send_from_both(nodes)
    sent = sum((sender.sent for sender in senders), Counter[str]())
    found = events_after(nodes.second, before)

    assert [event["seq"] for event in found] == list(range(before + 1, before + 1 + sent.total()))
    assert Counter(event["key"] for event in found) == sent
    moments = [datetime.fromisoformat(event["recorded_at"]) for event in found]
    assert moments == sorted(moments)

    by_seq = {event["seq"]: event for event in found}
    for sender in senders:
        assert sender.receipts
        for key, receipt in sender.receipts:
            event = by_seq[receipt["seq"]]
            assert (event["key"], event["id"]) == (key, receipt["id"])
            assert (event["alert_id"], event["outcome"]) == (receipt["alert_id"], receipt["outcome"])

    # Read in the order of seq, each signal did what it had to do after all those before it.
    open_alerts: dict[str, str] = {}
    problems: defaultdict[str, int] = defaultdict(int)
    for event in found:
        key, alert = event["key"], event["alert_id"]
        if event["kind"] == "problem":
            assert event["outcome"] == ("joined" if key in open_alerts else "opened")
            assert open_alerts.setdefault(key, alert) == alert
            problems[alert] += 1
        elif key in open_alerts:
            assert (event["outcome"], alert) == ("resolved", open_alerts.pop(key))
        else:
            assert (event["outcome"], alert) == ("recorded", "")
    for node in (nodes.first, nodes.second):
        alerts = node.request("GET", "/api/v1/alerts", params={"limit": 1000}).json()["items"]
        shared = [alert for alert in alerts if alert["key"] in KEYS]
        still_open = {alert["key"]: alert["id"] for alert in shared if alert["state"] != "resolved"}
        assert still_open == open_alerts
        assert {alert["id"]: alert["count"] for alert in shared} == problems


def test_each_node_s_live_stream_shows_the_events_of_both_once_and_in_order(nodes: Nodes) -> None:
    before = last_seq(nodes.first)
    listeners = [Listener(node, before, "end of both") for node in (nodes.first, nodes.second)]
    for listener in listeners:
        listener.start()
        assert listener.ready.wait(WAIT_SECONDS)
    send_from_both(nodes)
    end(nodes.second, "end of both")
    found = [(event["seq"], event["key"]) for event in events_after(nodes.first, before)]
    assert len(found) > 100
    for listener in listeners:
        listener.join(WAIT_SECONDS)
        assert listener.heard == found


def test_a_live_stream_resumes_on_the_other_node_without_a_gap(nodes: Nodes) -> None:
    before = last_seq(nodes.first)
    interrupted = Listener(nodes.first, before, "interruption")
    interrupted.start()
    assert interrupted.ready.wait(WAIT_SECONDS)
    end(nodes.second, "interruption")
    interrupted.join(WAIT_SECONDS)
    send_from_both(nodes)
    resumed = Listener(nodes.second, interrupted.heard[-1][0], "end of resumed", resumes=True)
    resumed.start()
    send_from_both(nodes)
    end(nodes.first, "end of resumed")
    resumed.join(WAIT_SECONDS)
    found = [(event["seq"], event["key"]) for event in events_after(nodes.first, before)]
    assert len(resumed.heard) > 100
    assert interrupted.heard + resumed.heard == found


def test_news_of_one_node_are_heard_on_the_other_at_once(nodes: Nodes) -> None:
    """Told by a notification: without it, the other node would look once a second."""
    listener = Listener(nodes.second, last_seq(nodes.first), "third")
    listener.start()
    assert listener.ready.wait(WAIT_SECONDS)
    delays = []
    for number, key in enumerate(["first", "second", "third"]):
        end(nodes.first, key)
        posted = time.monotonic()
        while len(listener.heard) <= number:
            assert time.monotonic() - posted < WAIT_SECONDS
            time.sleep(0.005)
        delays.append(time.monotonic() - posted)
    assert min(delays) < 0.5
    listener.join(WAIT_SECONDS)


def within_a_second(status: Callable[[], int], expected: int) -> None:
    """Make sure that an answer becomes what is expected within a second."""
    begun = time.monotonic()
    while status() != expected:
        assert time.monotonic() - begun < 1, f"it was {status()} after a second, not {expected}"
        time.sleep(0.02)


def test_a_source_that_is_disabled_on_one_node_is_refused_on_the_other(nodes: Nodes) -> None:
    source = nodes.first.create_source("changing")
    path = f"/integrations/generic/20131114/alert/{source.access_key}"
    message = {"message_type": "INFO", "entity_id": "changing"}
    with httpx2.Client(base_url=nodes.second.url, trust_env=False) as sender:

        def status() -> int:
            return sender.post(path, json=message).status_code

        def change(**fields: bool) -> None:
            changed = nodes.first.request("PATCH", f"/api/v1/sources/{source.id}", json=fields)
            assert changed.status_code == 200

        within_a_second(status, 200)
        change(enabled=False)
        within_a_second(status, 403)
        change(enabled=True)
        within_a_second(status, 200)
        deleted = nodes.first.request("DELETE", f"/api/v1/sources/{source.id}")
        assert deleted.status_code == 204
        within_a_second(status, 404)


def test_a_token_that_is_revoked_on_one_node_is_refused_on_the_other(nodes: Nodes) -> None:
    made = nodes.first.request("POST", "/api/v1/tokens", json={"name": "short-lived"}).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    with httpx2.Client(base_url=nodes.second.url, headers=headers, trust_env=False) as user:

        def status() -> int:
            return user.get("/api/v1/events", params={"limit": 1}).status_code

        within_a_second(status, 200)
        assert nodes.first.request("DELETE", f"/api/v1/tokens/{made['id']}").status_code == 204
        within_a_second(status, 401)


def test_a_node_goes_on_while_the_other_is_killed_and_comes_back(nodes: Nodes) -> None:
    before = last_seq(nodes.first)
    listener = Listener(nodes.first, before, "end of the kill")
    listener.start()
    assert listener.ready.wait(WAIT_SECONDS)
    end(nodes.second, "before the kill")
    nodes.second.kill()
    end(nodes.first, "during the kill")
    nodes.second.start()
    end(nodes.second, "end of the kill")
    listener.join(WAIT_SECONDS)
    keys = ["before the kill", "during the kill", "end of the kill"]
    assert listener.heard == [(before + 1 + number, key) for number, key in enumerate(keys)]
