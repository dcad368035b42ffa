import asyncio
import logging
from pathlib import PurePosixPath
from typing import Any

import pytest

from tests.servers.ports import LOOPBACK, free_port
from tests.unit.client.fake_tocsin import FakeTocsin, problem
from tocsin.client.async_client import AsyncClient
from tocsin.client.client import Client
from tocsin.client.job import job

RECEIPTS = {"receipts": [{"index": 0, "outcome": "opened"}]}


@pytest.fixture(autouse=True)
def takes(tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", RECEIPTS)


def run(client: Client, failure: BaseException) -> None:
    with job("backup db1", client=client, severity="error", host="db1", labels={"team": "dba"}):
        raise failure


def test_a_failure_is_a_problem_with_its_traceback(client: Client, tocsin: FakeTocsin) -> None:
    with pytest.raises(OSError, match="disk full"):
        run(client, OSError("disk full\nreally"))
    event = tocsin.last.document
    story = event.pop("description")
    assert event == {
        "kind": "problem",
        "key": "backup db1",
        "title": "backup db1 failed: OSError: disk full",
        "severity": "error",
        "host": "db1",
        "service": "backup db1",
        "labels": {"team": "dba"},
    }
    assert story.startswith("Traceback")
    assert story.endswith("OSError: disk full\nreally\n")


def test_a_success_is_a_recovery(client: Client, tocsin: FakeTocsin) -> None:
    with job("backup db1", client=client):
        assert tocsin.seen == []
    assert tocsin.last.document == {
        "kind": "recovery",
        "key": "backup db1",
        "title": "backup db1 succeeded",
        "host": "",
        "service": "",
        "labels": {},
    }


def test_a_label_that_json_does_not_know_is_written_as_text(client: Client, tocsin: FakeTocsin) -> None:
    labels: dict[str, Any] = {"path": PurePosixPath("/var"), "count": 3}
    with job("backup db1", client=client, labels=labels):
        pass
    assert tocsin.last.document["labels"] == {"path": "/var", "count": "3"}


@pytest.mark.parametrize(("code", "kind"), [(0, "recovery"), (None, "recovery"), (3, "problem")])
def test_an_exit_tells_by_its_code(client: Client, tocsin: FakeTocsin, code: int | None, kind: str) -> None:
    with pytest.raises(SystemExit):
        run(client, SystemExit(code))
    assert tocsin.last.document["kind"] == kind


def test_what_is_interrupted_is_not_reported(client: Client, tocsin: FakeTocsin) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(client, KeyboardInterrupt())
    assert tocsin.seen == []


def test_each_call_of_a_function_is_reported(client: Client, tocsin: FakeTocsin) -> None:
    @job("halve", client=client)
    def halve(number: int) -> int:
        """Halve it."""
        return 10 // number

    assert halve(5) == 2
    with pytest.raises(ZeroDivisionError):
        halve(0)
    assert halve.__doc__ == "Halve it."
    assert [seen.document["kind"] for seen in tocsin.seen] == ["recovery", "problem"]


@pytest.mark.anyio
async def test_async_code_reports_too(async_client: AsyncClient, tocsin: FakeTocsin) -> None:
    @job("halve", client=async_client)
    async def halve(number: int) -> int:
        return 10 // number

    assert await halve(5) == 2
    with pytest.raises(ZeroDivisionError):
        await halve(0)
    async with job("block", client=async_client):
        pass
    assert [(seen.document["key"], seen.document["kind"]) for seen in tocsin.seen] == [
        ("halve", "recovery"),
        ("halve", "problem"),
        ("block", "recovery"),
    ]


@pytest.mark.anyio
async def test_what_is_cancelled_is_not_reported(async_client: AsyncClient, tocsin: FakeTocsin) -> None:
    @job("sleep", client=async_client)
    async def sleep() -> None:
        await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(sleep(), 0.01)
    assert tocsin.seen == []


@pytest.mark.anyio
async def test_without_a_client_the_environment_says_where(
    monkeypatch: pytest.MonkeyPatch, tocsin: FakeTocsin
) -> None:
    monkeypatch.setenv("TOCSIN_URL", tocsin.url)
    with job("one"):
        pass
    async with job("two"):
        pass
    assert [seen.document["key"] for seen in tocsin.seen] == ["one", "two"]


@pytest.mark.anyio
async def test_the_wrong_client_is_told_before_the_job_begins(
    client: Client, async_client: AsyncClient
) -> None:
    with pytest.raises(TypeError, match="needs `async with`"):
        job("x", client=async_client).__enter__()
    with pytest.raises(TypeError, match="give an AsyncClient"):
        await job("x", client=client).__aenter__()


@pytest.mark.anyio
async def test_a_tocsin_that_cannot_be_told_changes_nothing(
    caplog: pytest.LogCaptureFixture, tocsin: FakeTocsin
) -> None:
    tocsin.answer("POST", "/events", problem(401, "unknown token"))
    url = f"http://{LOOPBACK}:{free_port()}"
    with caplog.at_level(logging.WARNING, "tocsin.job"), Client(url, patience=0) as client:
        with job("backup", client=client):
            pass
        async with AsyncClient(tocsin.url) as other, job("nightly", client=other):
            pass
    first, second = caplog.messages
    assert first.startswith("the end of backup was not reported: no answer from")
    assert second == "the end of nightly was not reported: unknown token"


def test_an_address_that_is_none_changes_nothing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_URL", "hub")
    with job("backup"):
        pass
    assert "the end of backup was not reported: url:" in caplog.text
