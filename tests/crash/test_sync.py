"""Durable means synced: in which order the real server writes, syncs and answers, and a sync that fails."""

import time
from pathlib import Path

import pytest

from tests.crash.load import Load
from tests.crash.shim import Shim, SyncEnded
from tests.crash.sync_order import Requests, early_answers, unsynced_restarts
from tests.crash.trouble import (
    assert_acknowledged_is_recorded,
    assert_refused,
    assert_unready,
    wait_until_taken,
)
from tests.servers.tocsin import running_tocsin

LOAD_SECONDS = 2.0
FAULT_SECONDS = 1.0


@pytest.fixture
def shim(tmp_path: Path) -> Shim:
    return Shim(tmp_path)


def test_no_answer_leaves_before_the_sync_of_what_it_acknowledges(tmp_path: Path, shim: Shim) -> None:
    with running_tocsin(tmp_path, environment=shim.environment) as server:
        load = Load(server)
        load.run(LOAD_SECONDS)
        report = list(shim.report())
    assert set(load.statuses) == {200}
    assert_checked(load.requests)
    assert early_answers(report, load.requests) == []
    assert unsynced_restarts(report) == []


def test_the_check_finds_a_server_that_does_not_sync(tmp_path: Path, shim: Shim) -> None:
    undurable = {"TOCSIN_SYNCHRONOUS": "OFF", "TOCSIN_ALLOW_UNDURABLE": "true"}
    with running_tocsin(tmp_path, environment=shim.environment | undurable) as server:
        load = Load(server)
        load.run(FAULT_SECONDS)
        report = list(shim.report())
    assert set(load.statuses) == {200}
    assert_checked(load.requests)
    assert len(early_answers(report, load.requests)) == len(load.acknowledged)


def assert_checked(requests: Requests) -> None:
    """Make sure that there was something to check, from every connection."""
    assert len({port for port, _ in requests}) == 8
    assert sum(len(keys) for keys in requests.values()) > 100


def test_a_failing_sync_refuses_everything_until_it_works_again(tmp_path: Path, shim: Shim) -> None:
    with running_tocsin(tmp_path, environment=shim.environment) as server:
        before = Load(server)
        # It goes on while the syncs begin to fail: some of its requests are under way at that moment.
        before.start()
        time.sleep(FAULT_SECONDS)
        shim.fail_syncs()
        time.sleep(FAULT_SECONDS)
        before.stop()
        assert set(before.statuses) == {200, 503}

        during = Load(server)
        during.run(FAULT_SECONDS)
        assert set(during.statuses) == {503}
        assert_refused(during)
        assert_unready(server, "disk I/O error")

        shim.heal()
        taken = wait_until_taken(server)
        assert server.request("GET", "/readyz").status_code == 200
        after = Load(server)
        after.run(FAULT_SECONDS)
        assert set(after.statuses) == {200}
        report = list(shim.report())
        assert any(isinstance(entry, SyncEnded) and entry.failure for entry in report)
        for load in (before, after):
            assert early_answers(report, load.requests) == []
        assert_acknowledged_is_recorded(server, [before, during, after], taken)
