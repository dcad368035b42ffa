"""A full disk: nothing is taken and the reason is told; when there is room, events are taken again."""

from pathlib import Path

from tests.crash.load import Load
from tests.crash.small_disk import small_disk
from tests.crash.trouble import (
    assert_acknowledged_is_recorded,
    assert_refused,
    assert_unready,
    wait_until_refused,
    wait_until_taken,
)
from tests.servers.tocsin import running_tocsin

MEBIBYTES = 256
"""Enough for all that the test writes, with the log at its longest."""
LOAD_SECONDS = 1.0


def test_a_full_disk_refuses_everything_until_there_is_room(tmp_path: Path) -> None:
    data = tmp_path / "disk"
    data.mkdir()
    with (
        small_disk(data, MEBIBYTES) as disk,
        # The columnar copy would give up its room now and then, and the ledger take it.
        running_tocsin(tmp_path, data=data, environment={"TOCSIN_COLUMNAR": "false"}) as server,
    ):
        before = Load(server)
        before.start()
        disk.fill()
        # What is left of the log's own room is used up first.
        wait_until_refused(before)
        before.stop()

        during = Load(server)
        during.run(LOAD_SECONDS)
        assert set(during.statuses) == {503}
        assert_refused(during)
        assert_unready(server, "database or disk is full")

        disk.free()
        taken = wait_until_taken(server)
        assert server.request("GET", "/readyz").status_code == 200
        after = Load(server)
        after.run(LOAD_SECONDS)
        assert set(after.statuses) == {200}
        assert_acknowledged_is_recorded(server, [before, during, after], taken)
