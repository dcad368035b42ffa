"""The whole result of a search as a file, from the events and the alerts pages, against a running Tocsin."""

import csv
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Download, Route, expect

from tests.browser.conftest import Visitor, problem, send
from tests.servers.tocsin import Tocsin

pytestmark = pytest.mark.timeout(120)

NUMBER = 620
"""More than Tocsin reads at a time, and more than the list shows at first."""


def exported(visitor: Visitor, name: str, folder: Path) -> str:
    """Choose a format, and give what the file holds."""
    visitor.page.get_by_role("button", name="Export", exact=True).click()
    with visitor.page.expect_download() as downloading:
        visitor.page.get_by_role("button", name=name, exact=True).click()
    download = downloading.value
    assert re.fullmatch(
        rf"tocsin-(events|alerts)-\d{{8}}T\d{{6}}Z\.{name.lower()}", download.suggested_filename
    )
    path = folder / download.suggested_filename
    download.save_as(path)
    return path.read_text(encoding="utf-8")


def test_all_events_that_are_found_are_in_the_file(tocsin: Tocsin, visitor: Visitor, tmp_path: Path) -> None:
    send(
        tocsin,
        *(problem(f"file-{n}", "disk", f'=say "{n}"\nagain', labels={"n": str(n)}) for n in range(NUMBER)),
        problem("other", "disk", "Disk full"),
    )
    visitor.go_as_admin("/events?q=host:file-*")
    expect(visitor.rows("Events").first).to_be_visible()
    wanted = [f"file-{n}" for n in reversed(range(NUMBER))]
    rows = list(csv.DictReader(exported(visitor, "CSV", tmp_path).splitlines(keepends=True)))
    assert [row["host"] for row in rows] == wanted
    assert rows[0]["title"] == f'\'=say "{NUMBER - 1}"\nagain'
    assert [each["host"] for each in json.loads(exported(visitor, "JSON", tmp_path))] == wanted
    lines = exported(visitor, "NDJSON", tmp_path).splitlines()
    assert [json.loads(line)["host"] for line in lines] == wanted
    expect(visitor.page.get_by_text(re.compile(r"^Exported: tocsin-events-.*\.ndjson"))).to_be_visible()


def test_the_alerts_that_are_shown_are_in_the_file(tocsin: Tocsin, visitor: Visitor, tmp_path: Path) -> None:
    send(tocsin, problem("board-a", "disk", "Disk full"), problem("board-b", "disk", "Disk full"))
    send(tocsin, problem("board-b", "disk", "Disk is empty", kind="recovery"))
    visitor.go_as_admin("/alerts?q=host:board-*")
    expect(visitor.rows("Alerts")).to_have_count(1)
    assert [each["host"] for each in json.loads(exported(visitor, "JSON", tmp_path))] == ["board-a"]
    visitor.page.get_by_role("button", name="All 2").click()
    expect(visitor.rows("Alerts")).to_have_count(2)
    assert len(json.loads(exported(visitor, "JSON", tmp_path))) == 2


def test_an_export_is_given_up_and_one_that_breaks_saves_nothing(tocsin: Tocsin, visitor: Visitor) -> None:
    send(tocsin, problem("broken-1", "disk", "Disk full"))
    page = visitor.page
    downloads: list[Download] = []
    held: list[Route] = []

    def note(download: Download) -> None:
        downloads.append(download)

    page.on("download", note)
    visitor.go_as_admin("/events?q=host:broken-*")
    expect(visitor.rows("Events")).to_have_count(1)

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/events/export?*", hold)
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_role("button", name="CSV", exact=True).click()
    expect(page.get_by_role("progressbar", name="Export")).to_be_visible()
    expect(page.get_by_text("0 of 1")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Export", exact=True)).to_be_visible()

    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_role("button", name="CSV", exact=True).click()
    expect(page.get_by_role("progressbar", name="Export")).to_be_visible()
    held[-1].abort()
    expect(page.get_by_text("Tocsin cannot be reached.")).to_be_visible()
    assert downloads == []
