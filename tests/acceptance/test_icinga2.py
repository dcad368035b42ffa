"""A real Icinga 2, whose event stream Tocsin fetches."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.receiving import wait_for
from tests.servers.icinga2 import PASSWORD, USER, Icinga2, running_icinga2
from tests.servers.tocsin import Tocsin, running_tocsin
from tocsin.hub.puller import LEASE_SECONDS, ROUND_SECONDS

SOURCE = "icinga"
PRIVATE = {"TOCSIN_PRIVATE_TARGETS": "true"}
Row = tuple[str, str, str, str, int]


@pytest.fixture
def icinga() -> Iterator[Icinga2]:
    with running_icinga2() as running:
        yield running


@contextmanager
def pulling(directory: Path, icinga: Icinga2, database: str = "") -> Iterator[Tocsin]:
    """Run a Tocsin that fetches from an Icinga."""
    with running_tocsin(directory, database=database, environment=PRIVATE) as tocsin:
        options = {"url": icinga.url, "user": USER, "ca": icinga.certificates.authority}
        wanted = {
            "name": SOURCE,
            "format": "icinga2",
            "secret": PASSWORD,
            "options": {"format_options": options},
        }
        made = tocsin.request("POST", "/api/v1/sources", json=wanted)
        assert made.status_code == 201, made.text
        assert PASSWORD not in made.text
        wait_for(lambda: pull(tocsin)["connected_at"], "the connection")
        yield tocsin


def pull(tocsin: Tocsin) -> dict[str, Any]:
    found: dict[str, Any] | None = tocsin.request("GET", f"/api/v1/sources/{SOURCE}").json()["pull"]
    return found or {"connected_at": None, "trouble": "", "gaps": []}


def events(tocsin: Tocsin, q: str = "") -> list[dict[str, Any]]:
    answer = tocsin.request("GET", "/api/v1/events", params={"q": q, "limit": 1000})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items[::-1]


def rows(tocsin: Tocsin, key: str) -> list[Row]:
    """Give the rows of a host's or service's state: kind, state, state type, output, attempt."""
    found = events(
        tocsin, f'key="{key}" kind:check_result OR key="{key}" kind:problem OR key="{key}" kind:recovery'
    )
    return [(e["kind"], e["state"], e["state_type"], e["output"], e["attempt"]) for e in found]


def alert(tocsin: Tocsin, key: str) -> dict[str, Any]:
    items = tocsin.request("GET", "/api/v1/alerts", params={"q": f'key="{key}"'}).json()["items"]
    found: dict[str, Any] = items[0]
    return found


def test_rows_are_soft_and_hard_as_icinga_says(icinga: Icinga2, tmp_path: Path) -> None:
    with pulling(tmp_path, icinga) as tocsin:
        for status, output in (
            (0, "fine"),
            (2, "full 1|used=99%"),
            (2, "full 2"),
            (2, "full 3"),
            (2, "full 4"),
        ):
            icinga.result("web1", "disk", status, output)
        wait_for(lambda: len(rows(tocsin, "web1/disk")) == 4, "the hard problem")
        assert alert(tocsin, "web1/disk")["state"] == "open"
        icinga.act("acknowledge-problem", "web1", "disk", author="anna", comment="on it", sticky=True)
        wait_for(lambda: alert(tocsin, "web1/disk")["state"] == "acknowledged", "the acknowledgement")
        assert alert(tocsin, "web1/disk")["acknowledged_by"] == "anna"
        icinga.result("web1", "disk", 0, "fine again")
        wait_for(lambda: alert(tocsin, "web1/disk")["state"] == "resolved", "the recovery")
        assert rows(tocsin, "web1/disk") == [
            ("recovery", "ok", "hard", "fine", 1),
            ("check_result", "critical", "soft", "full 1", 1),
            ("check_result", "critical", "soft", "full 2", 2),
            ("problem", "critical", "hard", "full 3", 1),
            ("recovery", "ok", "hard", "fine again", 1),
        ]
        # That the problem is over ends the acknowledgement: nobody took it back.
        kinds = [event["kind"] for event in events(tocsin, 'key="web1/disk"')]
        assert kinds.count("acknowledgement") == 1
        assert "acknowledgement_end" not in kinds
        assert not events(tocsin, "kind:error")


def test_a_gap_is_made_up_for_once(icinga: Icinga2, tmp_path: Path) -> None:
    with pulling(tmp_path, icinga) as tocsin:
        icinga.result("web1", "disk", 2, "full")
        icinga.result("web1", "load", 0, "idle")
        wait_for(lambda: len(rows(tocsin, "web1/disk")) == 1 and rows(tocsin, "web1/load"), "the results")
        tocsin.kill()
        icinga.result("web1", "disk", 0, "fine")
        icinga.result("web1", "disk", 2, "full again")
        icinga.result("web1", "load", 1, "busy")
        icinga.result("db1", "", 1, "no answer")
        icinga.act("acknowledge-problem", "db1", author="anna", comment="on it")
        tocsin.start()
        wait_for(lambda: pull(tocsin)["connected_at"], "the connection")
        made_up = {key: rows(tocsin, key) for key in ("web1/disk", "web1/load", "db1")}
        assert made_up["web1/disk"][1:] == [("check_result", "critical", "soft", "full again", 1)]
        assert made_up["web1/load"][1:] == [("check_result", "warning", "soft", "busy", 1)]
        assert made_up["db1"] == [("problem", "down", "hard", "no answer", 1)]
        assert alert(tocsin, "db1")["state"] == "acknowledged"
        assert alert(tocsin, "db1")["acknowledged_by"] == "anna"
        made = events(tocsin, "kind:acknowledgement")
        assert [(each["author"], each["comment"]) for each in made] == [("anna", "on it")]
        count = len(events(tocsin))
        (gap,) = pull(tocsin)["gaps"]
        # Of both services, of the host, and its acknowledgement.
        assert (gap["differences"], gap["reason"]) == (4, "")
        assert gap["began_at"] < gap["ended_at"]

        # Icinga itself is gone for a while: that is seen, and nothing is told twice afterwards.
        icinga.stop()
        wait_for(lambda: pull(tocsin)["trouble"], "the trouble")
        assert pull(tocsin)["connected_at"] is None
        icinga.start()
        wait_for(lambda: pull(tocsin)["connected_at"], "the connection")
        assert pull(tocsin)["trouble"] == ""
        gap = pull(tocsin)["gaps"][0]
        assert gap["differences"] == 0
        assert gap["reason"]
        assert gap["ended_at"]
        assert len(events(tocsin)) == count, events(tocsin)[-1]

        icinga.result("web1", "load", 0, "idle")
        wait_for(lambda: len(rows(tocsin, "web1/load")) == 3, "what comes after the gap")
        assert PASSWORD not in tocsin.output


def choose(tocsin: Tocsin, icinga: Icinga2, chosen: str) -> None:
    """Let Tocsin follow only what a filter of Icinga's chooses."""
    options = {"url": icinga.url, "user": USER, "ca": icinga.certificates.authority, "filter": chosen}
    wanted = {"secret": PASSWORD, "options": {"format_options": options}}
    changed = tocsin.request("PATCH", f"/api/v1/sources/{SOURCE}", json=wanted)
    assert changed.status_code == 200, changed.text


def test_a_filter_chooses_what_is_followed(icinga: Icinga2, tmp_path: Path) -> None:
    with pulling(tmp_path, icinga) as tocsin:
        choose(tocsin, icinga, "hots.name ==")
        wait_for(lambda: "filter" in pull(tocsin)["trouble"], "the trouble")
        icinga.result("web1", "load", 2, "busy")
        icinga.result("web1", "disk", 2, "full")
        choose(
            tocsin, icinga, 'host.name == "web1" && service.name == "disk" || host.name == "db1" && !service'
        )
        wait_for(lambda: pull(tocsin)["connected_at"], "the connection")
        assert [row[3] for row in rows(tocsin, "web1/disk")] == ["full"]
        for host, service in (("web1", ""), ("web1", "load"), ("web1", "disk"), ("db1", "")):
            icinga.result(host, service, 2 if service else 1, "told")
        wait_for(lambda: rows(tocsin, "db1"), "the last of them")
        assert [row[3] for row in rows(tocsin, "web1/disk")] == ["full", "told"]
        assert {event["key"] for event in events(tocsin)} == {"web1/disk", "db1"}


def test_another_node_takes_over_from_one_that_was_killed(
    icinga: Icinga2, tmp_path: Path, postgresql_url: str
) -> None:
    (tmp_path / "second").mkdir()
    with (
        pulling(tmp_path, icinga, postgresql_url) as first,
        running_tocsin(tmp_path / "second", database=postgresql_url, environment=PRIVATE) as second,
    ):
        second.token = first.token
        icinga.result("web1", "disk", 0, "fine")
        icinga.result("web1", "disk", 2, "full")
        wait_for(lambda: len(rows(second, "web1/disk")) == 2, "the results")
        since = pull(second)["connected_at"]
        first.kill()
        killed_at = time.monotonic()
        icinga.result("web1", "disk", 2, "full again")
        icinga.result("web1", "load", 0, "idle")
        icinga.result("web1", "load", 1, "busy")
        wait_for(lambda: pull(second)["connected_at"] not in {since, None}, "the second node")
        # Not before the lease of the first has run out, which it renews every 2 seconds.
        assert time.monotonic() - killed_at > LEASE_SECONDS - 5
        made_up = [
            ("recovery", "ok", "hard", "fine", 1),
            ("check_result", "critical", "soft", "full", 1),
            ("check_result", "critical", "soft", "full again", 2),
        ]
        assert rows(second, "web1/disk") == made_up
        assert rows(second, "web1/load") == [("check_result", "warning", "soft", "busy", 1)]
        # The first comes back and finds that another has it.
        since = pull(second)["connected_at"]
        first.start()
        time.sleep(2 * ROUND_SECONDS)
        icinga.result("web1", "load", 0, "idle")
        wait_for(lambda: len(rows(second, "web1/load")) == 2, "what comes after the gap")
        time.sleep(1)
        assert len(rows(second, "web1/load")) == 2
        assert rows(second, "web1/disk") == made_up
        assert pull(first) | {"heard_at": ""} == pull(second) | {"heard_at": ""}
        (gap,) = pull(second)["gaps"]
        assert (gap["differences"], gap["reason"]) == (2, "")
        assert gap["began_at"] < gap["ended_at"]
        assert pull(second)["connected_at"] == since


def test_downtimes_are_as_icinga_has_them(icinga: Icinga2, tmp_path: Path) -> None:
    with pulling(tmp_path, icinga) as tocsin:
        icinga.result("web1", "disk", 0, "fine")
        wait_for(lambda: rows(tocsin, "web1/disk"), "the result")
        now = int(time.time())
        window = {
            "start_time": now - 5,
            "end_time": now + 600,
            "author": "anna",
            "comment": "disks are swapped",
        }
        icinga.act("schedule-downtime", "web1", "disk", fixed=True, **window)
        started = wait_for(lambda: events(tocsin, "kind:downtime_start"), "the downtime")
        assert [(e["host"], e["service"], e["author"], e["comment"]) for e in started] == [
            ("web1", "disk", "anna", "disks are swapped")
        ]
        # One that waits for a problem has not begun, and a restart begins none anew.
        icinga.act("schedule-downtime", "web1", "disk", fixed=False, duration=60, **window)
        tocsin.kill()
        tocsin.start()
        wait_for(lambda: pull(tocsin)["connected_at"], "the connection")
        for output in ("full 1", "full 2", "full 3"):
            icinga.result("web1", "disk", 2, output)
        problem = wait_for(lambda: events(tocsin, 'key="web1/disk" kind:problem'), "the problem")[0]
        assert problem["silenced_by"].startswith("downtime-")
        wait_for(lambda: len(events(tocsin, "kind:downtime_start")) == 2, "the one that a problem begins")
        icinga.act("remove-downtime", "web1", "disk")
        wait_for(lambda: len(events(tocsin, "kind:downtime_end")) == 2, "the end of both")
        assert len(events(tocsin, "kind:downtime_start")) == 2
