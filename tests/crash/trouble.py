"""What a server does while its store takes nothing, and when it takes events again."""

import json
import time
from collections.abc import Sequence

import httpx2

from tests.crash.audit import assert_sound, assert_whole, events
from tests.crash.load import Load, first_access_key, mark
from tests.servers.tocsin import Tocsin

RESUME_SECONDS = 10
TROUBLE_SECONDS = 30
QUIET_SECONDS = 0.5


def assert_refused(load: Load) -> None:
    """Make sure that both inlets refused in their own shape, and said when to try again."""
    assert {inlet for inlet, _, _ in load.refusals} == {"victorops", "native"}
    for inlet, headers, body in load.refusals:
        answer = json.loads(body)
        assert int(headers["retry-after"]) >= 1
        if inlet == "victorops":
            assert headers["content-type"] == "application/json"
            assert answer["result"] == "failure"
            assert answer["message"]
            assert set(answer) == {"result", "message"}
        else:
            assert headers["content-type"] == "application/problem+json"
            assert answer["status"] == 503
            assert answer["code"] == "unavailable"
            assert answer["detail"]


def assert_unready(server: Tocsin, reason: str) -> None:
    """Make sure that `/readyz` says why nothing is taken, while the process itself is well."""
    for path in ("/readyz", "/readyz?verbose"):
        answer = server.request("GET", path)
        assert answer.status_code == 503
        assert answer.json()["ready"] is False
        reasons = [check["reason"] for check in answer.json()["checks"] if not check["ok"]]
        assert any(reason in said for said in reasons), reasons
    assert server.request("GET", "/healthz").status_code == 200


def wait_until_taken(server: Tocsin) -> str:
    """Send messages until one is taken, and give its key. Nobody asks `/readyz` meanwhile.

    Raises:
        AssertionError: it takes too long.
    """
    url = f"{server.url}/integrations/generic/20131114/alert/{first_access_key(server)}"
    deadline = time.monotonic() + RESUME_SECONDS
    while time.monotonic() < deadline:
        key = mark()
        answer = httpx2.post(
            url, json={"message_type": "CRITICAL", "entity_id": key}, trust_env=False, verify=False
        )
        if answer.status_code == 200:
            return key
        assert answer.status_code == 503, answer.text
        time.sleep(0.1)
    raise AssertionError(f"nothing is taken {RESUME_SECONDS} seconds after the trouble has ended")


def assert_acknowledged_is_recorded(server: Tocsin, loads: Sequence[Load], *others: str) -> None:
    """Make sure that what is recorded is what was acknowledged, no more and no less, also after a restart.

    Args:
        server: running; stopped by this.
        loads: every load that it had.
        others: further keys that were acknowledged.
    """
    acknowledged = dict.fromkeys(others, 0)
    for load in loads:
        acknowledged |= load.acknowledged
    found = events(server)
    assert_sound(found, acknowledged, set(acknowledged))
    server.kill()
    server.start()
    assert events(server) == found
    server.kill()
    assert_whole(server.store_url, len(found))


def wait_until_refused(load: Load) -> None:
    """Wait until a running load has got nothing but refusals for a while.

    Raises:
        AssertionError: it takes too long.
    """
    deadline = time.monotonic() + TROUBLE_SECONDS
    taken = -1
    while time.monotonic() < deadline:
        time.sleep(QUIET_SECONDS)
        before, taken = taken, load.statuses[200]
        if before == taken and load.statuses[503]:
            return
    raise AssertionError(f"events are still taken {TROUBLE_SECONDS} seconds after the trouble began")
