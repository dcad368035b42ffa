"""The page about the endpoint says what is so: every type and field has its row, every example is taken."""

import re
from pathlib import Path

import pytest

from tocsin.dialects.json_body import decode
from tocsin.dialects.victorops import labels
from tocsin.dialects.victorops.message_types import MEANINGS
from tocsin.dialects.victorops.parse import parse

PAGE = (Path(__file__).resolve().parents[4] / "docs/reference/victorops-endpoint.md").read_text(
    encoding="utf-8"
)


def section(heading: str) -> str:
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def table(heading: str) -> list[list[str]]:
    rows = [line.strip("|").split("|") for line in section(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


TYPES = [(name, row[1]) for row in table("Message types") for name in re.findall("`([A-Z]+)`", row[0])]
LIMITS = [(row[0].strip("`"), int(row[1])) for row in table("Fields") if row[1]]
MESSAGES = [
    body for body in re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) if "_type" in body
]


def test_every_message_type_has_a_row() -> None:
    assert sorted(name for name, _ in TYPES) == sorted(MEANINGS)


@pytest.mark.parametrize(("name", "meaning"), TYPES)
def test_a_message_type_means_what_its_row_says(name: str, meaning: str) -> None:
    kind, severity = MEANINGS[name]
    assert meaning == (kind if severity == "not_available" else f"{kind}, {severity}")


@pytest.mark.parametrize(("name", "limit"), LIMITS)
def test_a_field_is_cut_at_the_limit_of_its_row(name: str, limit: int) -> None:
    message_type = "ACK" if name.startswith("ack_") else "CRITICAL"
    long = "http://x/".ljust(limit, "y")
    assert parse({"message_type": message_type, "entity_id": "x", name: long}).remarks == []
    cut = parse({"message_type": message_type, "entity_id": "x", name: f"{long}z"})
    assert cut.remarks == [f"{name} cut at {limit} characters"]


def test_the_limits_of_labels_are_named() -> None:
    assert f"{labels.COUNT_LIMIT}\n  labels and links" in section("Fields")
    assert f"at most {labels.NAME_LIMIT} characters" in section("Fields")


@pytest.mark.parametrize("body", MESSAGES)
def test_an_example_is_taken_as_it_stands(body: str) -> None:
    signal = parse(decode(body.encode()))
    assert (signal.kind, signal.remarks) == ("problem", [])


def test_there_are_examples() -> None:
    assert len(MESSAGES) == 2


@pytest.mark.parametrize("row", table("Zabbix"), ids=lambda row: row[0])
def test_a_macro_fills_its_field(row: list[str]) -> None:
    for macro in re.findall("`([A-Z_.0-9]{2,})`", row[1]):
        value = "https://x" if row[0] == "`alert_url`" else "1772359203456"
        signal = parse(
            {"TRIGGER.STATUS": "PROBLEM", macro: value}
            if "STATUS" not in macro
            else {"TRIGGER.STATUS": "", macro: "OK"}
        )
        shown = {
            "`message_type`": signal.kind == "recovery",
            "`entity_id`": signal.key == value,
            "`entity_display_name`": signal.title == value,
            "`state_message`": signal.description == value,
            "`timestamp`": signal.occurred_at == 1772359203456_000,
            "`host_name`": signal.host == value,
            "`alert_url`": [link.href for link in signal.links] == [value],
        }
        assert shown[row[0]], macro
