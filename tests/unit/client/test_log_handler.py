import logging
import logging.config
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.servers.ports import LOOPBACK, free_port
from tests.unit.client.fake_tocsin import TOKEN, FakeTocsin, Reply, problem
from tocsin.client.log_handler import TocsinHandler

TAKEN = Reply({"receipts": []})


@contextmanager
def logging_to(handler: TocsinHandler, level: int = logging.DEBUG) -> Iterator[logging.Logger]:
    logger = logging.getLogger("shop.orders")
    logger.setLevel(level)
    # pytest's own handler is not this test's.
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield logger
    finally:
        logger.propagate = True
        logger.removeHandler(handler)
        handler.close()


def sent(tocsin: FakeTocsin) -> list[dict[str, Any]]:
    return [item for seen in tocsin.seen for item in seen.document]


def test_a_record_is_sent_as_a_problem_of_its_template(tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", TAKEN)
    with logging_to(TocsinHandler(tocsin.url, TOKEN, host="web1")) as logger:
        logger.error("disk %s is full", "sda\n!")
        logger.critical("disk %s is full", "sdb")
    first, second = sent(tocsin)
    assert first["key"] == second["key"] == "shop.orders: disk %s is full"
    assert (first["kind"], first["severity"], first["title"]) == ("problem", "error", "disk sda is full"[:8])
    assert (first["host"], first["service"], second["severity"]) == ("web1", "shop.orders", "critical")
    assert first["description"] == "disk sda\n! is full"
    assert (first["labels"]["level"], first["labels"]["logger"]) == ("ERROR", "shop.orders")
    assert first["labels"]["file"] == __file__
    assert first["occurred_at"].endswith("+00:00")
    assert tocsin.last.headers["Authorization"] == f"Bearer {TOKEN}"


def test_what_is_less_than_a_warning_is_info(tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", TAKEN)
    with logging_to(TocsinHandler(tocsin.url, level=logging.DEBUG)) as logger:
        logger.debug("a")
        logger.info("b")
        logger.warning("c")
    assert [(each["kind"], each["severity"]) for each in sent(tocsin)] == [
        ("info", "info"),
        ("info", "info"),
        ("problem", "warning"),
    ]


def test_by_default_only_warnings_and_worse_are_sent(tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", TAKEN)
    with logging_to(TocsinHandler(tocsin.url)) as logger:
        logger.info("a")
        logger.warning("b\0")
    assert [each["title"] for each in sent(tocsin)] == ["b\ufffd"]


def test_a_traceback_is_the_description(tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", TAKEN)
    with logging_to(TocsinHandler(tocsin.url)) as logger:
        try:
            raise LookupError("no order")
        except LookupError:
            logger.exception("cannot ship")
    (item,) = sent(tocsin)
    assert item["title"] == "cannot ship"
    assert item["description"].startswith("cannot ship\nTraceback")
    assert item["description"].endswith("LookupError: no order")


def test_what_does_not_fit_is_dropped_counted_and_told_once(
    tocsin: FakeTocsin, capsys: pytest.CaptureFixture[str]
) -> None:
    answered = threading.Event()
    tocsin.answer("POST", "/events", Reply({"receipts": []}, after=answered))
    handler = TocsinHandler(tocsin.url, capacity=3)
    with logging_to(handler) as logger:
        for _ in range(1000):
            logger.warning("again")
        assert handler.dropped >= 1000 - 3 - 100
        answered.set()
    assert len(sent(tocsin)) + handler.dropped == 1000
    assert capsys.readouterr().err == "TocsinHandler drops log records: too many wait to be sent\n"


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (problem(401, "unknown token"), "unknown token"),
        (Reply({"receipts": [{"outcome": "rejected", "reason": "too old"}]}), "too old"),
    ],
)
def test_what_is_refused_is_dropped_counted_and_told_once(
    tocsin: FakeTocsin, capsys: pytest.CaptureFixture[str], reply: Reply, why: str
) -> None:
    tocsin.answer("POST", "/events", reply)
    handler = TocsinHandler(tocsin.url, TOKEN)
    with logging_to(handler) as logger:
        for _ in range(2):
            logger.warning("again")
            handler.flush()
    assert handler.dropped == 2
    said = capsys.readouterr().err
    assert said == f"TocsinHandler drops log records: the server does not take them: {why}\n"
    assert TOKEN not in said


def test_while_the_server_is_away_records_wait(tocsin: FakeTocsin, quick: None) -> None:
    tocsin.answer("POST", "/events", problem(503, "full"), problem(503, "full"), TAKEN)
    handler = TocsinHandler(tocsin.url)
    with logging_to(handler) as logger:
        logger.warning("once")
    assert len({seen.headers["Idempotency-Key"] for seen in tocsin.seen}) == 1
    assert (len(tocsin.seen), handler.dropped) == (3, 0)


def test_the_end_does_not_wait_for_ever(capsys: pytest.CaptureFixture[str]) -> None:
    handler = TocsinHandler(f"http://{LOOPBACK}:{free_port()}", flush_seconds=0.05)
    with logging_to(handler) as logger:
        logger.warning("lost")
        handler.flush()
    assert handler.dropped == 1
    assert "the program ended before they were sent" in capsys.readouterr().err


def test_what_sending_logs_itself_is_not_sent(tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", TAKEN)
    handler = TocsinHandler(tocsin.url, level=logging.DEBUG)
    library = logging.getLogger("httpx2")
    library.addHandler(handler)
    before = library.level
    library.setLevel(logging.DEBUG)
    try:
        with logging_to(handler) as logger:
            logger.warning("once")
            handler.flush()
    finally:
        library.setLevel(before)
        library.removeHandler(handler)
    assert [each["title"] for each in sent(tocsin)] == ["once"]


def test_a_wrong_call_does_not_raise(tocsin: FakeTocsin, capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to(TocsinHandler(tocsin.url)) as logger:
        logger.warning("%d", "x")
    assert "--- Logging error ---" in capsys.readouterr().err
    assert tocsin.seen == []


def test_an_address_that_is_none_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="url:"):
        TocsinHandler("hub:8080")


def test_a_configuration_can_name_it_and_the_end_of_the_program_flushes(tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", TAKEN)
    program = """
import logging.config
logging.config.dictConfig({
    "version": 1,
    "handlers": {"tocsin": {"class": "tocsin.TocsinHandler", "level": "ERROR"}},
    "root": {"handlers": ["tocsin"]},
})
logging.error("the end")
"""
    subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"TOCSIN_URL": tocsin.url}, timeout=60, check=True
    )
    assert [each["title"] for each in sent(tocsin)] == ["the end"]


def test_a_process_that_is_forked_off_sends_too(tocsin: FakeTocsin) -> None:
    tocsin.answer("POST", "/events", TAKEN)
    program = """
import logging, os, sys, tocsin
logging.getLogger().addHandler(tocsin.TocsinHandler())
logging.error("before")
logging.getLogger().handlers[0].flush()
child = os.fork()
logging.error("child" if child == 0 else "parent")
if child:
    os.waitpid(child, 0)
"""
    subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"TOCSIN_URL": tocsin.url}, timeout=60, check=True
    )
    assert sorted(each["title"] for each in sent(tocsin)) == ["before", "child", "parent"]
