"""What is passed on: over two Tocsins, to targets that fail in every way, and with a node killed."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.receiving import Receiving, receiving, wait_for
from tests.acceptance.test_alertmanager import fire, pointed_at, resolve
from tests.servers.postgresql import PostgreSQL
from tests.servers.tocsin import Tocsin, running_tocsin
from tests.unit.dialects.receiver import Receiver, Reply

PRIVATE = {"TOCSIN_PRIVATE_TARGETS": "true"}
"""All that tests talk to is on loopback addresses."""


@contextmanager
def listening() -> Iterator[Receiver]:
    """Run a target that keeps what it gets."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        receiver.shutdown()
        receiver.server_close()
        thread.join()


def made(server: Tocsin, what: str, document: dict[str, Any]) -> dict[str, Any]:
    answer = server.request("POST", f"/api/v1/{what}", json=document)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def route_to(server: Tocsin, url: str, *, name: str = "pager", kind: str = "victorops", **more: Any) -> str:
    """Send everything that changes an alert to a target; give the target's id."""
    target = made(server, "targets", {"name": name, "kind": kind, "url": url, **more})
    made(server, "routes", {"name": name, "targets": [name]})
    identifier: str = target["id"]
    return identifier


def post(server: Tocsin, key: str, kind: str = "problem") -> None:
    item = {"key": key, "title": key, "kind": kind, "severity": "critical"}
    answer = server.request("POST", "/api/v1/events", json=item)
    assert answer.status_code == 200, answer.text


def deliveries(server: Tocsin, **wanted: str) -> list[dict[str, Any]]:
    """Give deliveries with all that is known of each, those of the oldest events first."""
    listed = server.request("GET", "/api/v1/deliveries", params={"limit": 1000, **wanted}).json()["items"]
    return [server.request("GET", f"/api/v1/deliveries/{each['id']}").json() for each in listed[::-1]]


def done(server: Tocsin, count: int) -> bool:
    listed = server.request("GET", "/api/v1/deliveries", params={"limit": 1000}).json()["items"]
    return len(listed) == count and all(each["state"] != "pending" for each in listed)


def test_an_alert_goes_from_alertmanager_over_one_tocsin_to_another(tmp_path: Path) -> None:
    for name in ("first", "second", "alertmanager"):
        (tmp_path / name).mkdir()
    with (
        receiving(tmp_path / "second") as second,
        running_tocsin(tmp_path / "first", environment=PRIVATE) as server,
    ):
        first = Receiving(server, server.create_source("alertmanager", "victorops").access_key)
        route_to(server, f"{second.api_url}{second.access_key}/dba")
        with pointed_at(first, tmp_path / "alertmanager") as alertmanager:
            fire(alertmanager, "DiskFull")
            wait_for(lambda: second.alerts("state:open"), "the alert at the second")
            resolve(alertmanager, "DiskFull")
            (alert,) = wait_for(lambda: second.alerts("state:resolved"), "its end at the second")
        (origin,) = first.alerts()
        assert (alert["key"], alert["title"]) == (origin["key"], origin["title"])
        assert [event["outcome"] for event in second.events()] == ["opened", "resolved"]
        assert second.events()[0]["description"] == first.events()[0]["description"]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tocsin]:
    with running_tocsin(tmp_path_factory.mktemp("hub"), environment=PRIVATE) as server:
        yield server


FATES: dict[str, tuple[list[Reply], list[str], str]] = {
    "accepts": ([Reply()], [""], "delivered"),
    "is-busy": ([Reply(503), Reply()], ["status 503", ""], "delivered"),
    "asks-to-wait": ([Reply(429, headers={"Retry-After": "2"}), Reply()], ["status 429", ""], "delivered"),
    "breaks": ([Reply(cut=True), Reply()], ["broke off the connection", ""], "delivered"),
    "is-slow": ([Reply(silent=True), Reply()], ["did not answer within 1 s", ""], "delivered"),
    "says-no": (
        [Reply(body=b'{"result":"failure","message":"no such key"}')],
        ["status 200, but refused: no such key"],
        "dead",
    ),
    "refuses": ([Reply(404, body=b'{"message":"unknown"}')], ["status 404: unknown"], "dead"),
    "redirects": (
        [Reply(302, headers={"Location": "http://127.0.0.1:9/"})],
        ["status 302: redirects are not followed"],
        "dead",
    ),
}


def test_each_fate_of_an_attempt_is_shown_with_its_reason_and_slows_no_other_target(hub: Tocsin) -> None:
    with ExitStack() as stack:
        well = stack.enter_context(listening())
        route_to(hub, well.url, name="does-well")
        for name, (replies, _, _) in FATES.items():
            receiver = stack.enter_context(listening())
            receiver.replies = list(replies)
            route_to(hub, receiver.url, name=name, options={"timeout": 1.0})
        post(hub, "fates")
        wait_for(lambda: well.requests, "the target that does well")
        wait_for(lambda: done(hub, len(FATES) + 1), "every delivery")
    for name, (_, reasons, state) in FATES.items():
        (delivery,) = deliveries(hub, target=name)
        assert delivery["state"] == state, name
        shown = [attempt["reason"] for attempt in delivery["log"]]
        assert len(shown) == len(reasons), (name, shown)
        assert all(wanted in reason for wanted, reason in zip(reasons, shown, strict=True)), shown
        assert [attempt["number"] for attempt in delivery["log"]] == list(range(1, len(reasons) + 1))
    (waited,) = deliveries(hub, target="asks-to-wait")
    started = [datetime.fromisoformat(attempt["started_at"]) for attempt in waited["log"]]
    assert started[1] - started[0] >= timedelta(seconds=2)


def test_what_a_target_missed_arrives_in_order_and_once_though_the_hub_is_killed_meanwhile(
    tmp_path: Path,
) -> None:
    keys = [f"key-{number}" for number in range(6)]
    with listening() as target, running_tocsin(tmp_path, environment=PRIVATE) as server:
        route_to(server, target.url)
        post(server, "before")
        wait_for(lambda: done(server, 1), "the first")
        target.replies = [Reply(503)]
        for kind in ("problem", "recovery", "problem"):
            for key in keys:
                post(server, key, kind)
        server.kill()
        server.start()
        post(server, "after")
        target.requests.clear()
        target.replies = [Reply()]
        wait_for(lambda: done(server, 1 + 3 * len(keys) + 1), "everything")
        taken = [(body["entity_id"], body["message_type"]) for body in target.bodies]
    for key in keys:
        assert [said for entity, said in taken if entity == key][-3:] == ["CRITICAL", "RECOVERY", "CRITICAL"]


def test_a_node_that_is_killed_leaves_what_it_held_to_the_other(
    postgresql: PostgreSQL, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    with (
        listening() as target,
        postgresql.database() as url,
        running_tocsin(tmp_path / "first", database=url, environment=PRIVATE) as first,
        running_tocsin(tmp_path / "second", database=url, environment=PRIVATE) as second,
    ):
        second.token = first.token
        route_to(first, target.url, kind="webhook", options={"timeout": 1.0})
        target.replies = [Reply(silent=True)]
        post(first, "held")
        wait_for(lambda: target.requests, "an attempt under way")
        first.kill()
        target.replies = [Reply()]
        for kind in ("recovery", "problem"):
            post(second, "held", kind)
        wait_for(lambda: done(second, 3), "everything over the second node")
    said = [(request.headers["webhook-id"], request.body["type"]) for request in target.requests]
    distinct = list(dict.fromkeys(said))
    assert [what for _, what in distinct] == ["alert.opened", "alert.resolved", "alert.opened"]
    assert len({identifier for identifier, _ in distinct}) == 3


def test_a_silence_holds_back_half_of_a_storm_until_it_ends(tmp_path: Path) -> None:
    with listening() as target, running_tocsin(tmp_path, environment=PRIVATE) as server:
        route_to(server, target.url, kind="webhook")
        made(server, "silences", {"expression": "key:quiet-*", "duration": 6, "comment": "works"})
        for number in range(4):
            post(server, f"quiet-{number}")
            post(server, f"loud-{number}")
        post(server, "quiet-0", "recovery")
        wait_for(lambda: done(server, 4), "the loud ones")
        time.sleep(0.2)
        assert {body["data"]["event"]["key"] for body in target.bodies} == {f"loud-{n}" for n in range(4)}
        wait_for(lambda: done(server, 7), "what is still open")
        late = [body["data"]["event"]["key"] for body in target.bodies[4:]]
        assert sorted(late) == ["quiet-1", "quiet-2", "quiet-3"]
