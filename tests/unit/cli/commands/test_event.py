from base64 import b64encode
from typing import Any

import pytest

from tests.unit.cli.command_line import Run
from tests.unit.cli.items import alert, event, receipt
from tests.unit.client.fake_tocsin import FakeTocsin
from tocsin.cli import main

PATH = "/events/event-000000000001"


def whole(payload: dict[str, Any] | None) -> dict[str, Any]:
    return event() | {"payload": payload, "alert": alert(), "receipt": receipt()}


def payload(**fields: str) -> dict[str, Any]:
    empty = {"body": "", "body_base64": ""}
    return {"format": "native", "content_type": "", "context": {}, "size": 3} | empty | fields


def test_an_event_is_shown_as_the_server_says(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", PATH, whole(payload(body="{}\n")))
    assert run("event", "event-000000000001").document == whole(payload(body="{}\n"))


def test_in_a_table_each_part_has_a_heading(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", PATH, whole(payload(body='{\n "key": "a"\n}')))
    lines = [line.rstrip() for line in run("event", "event-000000000001", "-o", "table").out.splitlines()]
    headings = ["receipt", "alert", "payload"]
    assert [line for line in lines if line in headings] == headings
    assert lines[0] == "id             event-000000000001"
    assert [line.split()[-1] for line in lines if "outcome" in line] == ["opened"]
    assert lines[-3:] == ["body    {", '         "key": "a"', "        }"]


def test_parts_that_are_not_there_are_left_out(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", PATH, whole(None) | {"alert": None})
    lines = run("event", "event-000000000001", "-o", "table").out.split()
    assert "receipt" in lines
    assert "alert" not in lines
    assert "payload" not in lines


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (payload(), b""),
        (payload(body="f\u00fcnf\r\n\x00"), b"f\xc3\xbcnf\r\n\x00"),
        (payload(body_base64=b64encode(b"\xff\xfe").decode()), b"\xff\xfe"),
    ],
)
def test_a_raw_payload_is_printed_byte_for_byte(
    tocsin: FakeTocsin, capsysbinary: pytest.CaptureFixture[bytes], sent: dict[str, Any], body: bytes
) -> None:
    tocsin.answer("GET", PATH, whole(sent))
    assert main(["event", "event-000000000001", "--raw"]) == 0
    assert capsysbinary.readouterr().out == body


def test_a_payload_that_is_gone_is_a_failure(run: Run, tocsin: FakeTocsin) -> None:
    tocsin.answer("GET", PATH, whole(None))
    ran = run("event", "event-000000000001", "--raw")
    assert (ran.code, ran.out, ran.err) == (1, "", "tocsin: the payload of this event is gone\n")


def test_an_id_is_no_path(run: Run, tocsin: FakeTocsin) -> None:
    assert run("event", "../tokens?x").code == 1
    assert tocsin.last.path == "/api/v1/events/..%2Ftokens%3Fx"
