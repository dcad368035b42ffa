"""The pages about the library say what is so: every example runs, every name and parameter has its row."""

import inspect
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from stamina.instrumentation import get_on_retry_hooks, set_on_retry_hooks

from tests.unit.dialects.receiver import Receiver
from tocsin import victorops

DOCS = Path(__file__).resolve().parents[4] / "docs"
HOW_TO = (DOCS / "how-to" / "send-to-victorops.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "reference" / "victorops-library.md").read_text(encoding="utf-8")


def examples(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def section(heading: str) -> str:
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", REFERENCE, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows(text: str) -> set[str]:
    return set(re.findall(r"^\| \[?`(\w+)`", text, re.MULTILINE))


def test_the_examples_of_the_guide_run_as_one_program(
    receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    program = "\n".join(examples(HOW_TO))
    real = "https://alert.victorops.com"
    assert real in program
    namespace: dict[str, Any] = {"__name__": "guide"}
    exec(program.replace(real, f"http://127.0.0.1:{receiver.server_port}"), namespace)
    assert [(body["message_type"], body["entity_id"]) for body in receiver.bodies] == [
        ("CRITICAL", "db1/disk"),
        ("RECOVERY", "db1/disk"),
        ("WARNING", "db1/load"),
        ("INFO", "backup"),
        ("CRITICAL", "web-1/cpu"),
        ("INFO", "web-2/cpu"),
    ]
    assert capsys.readouterr().out == "web-1 200 true\nweb-2 200 true\n"
    assert namespace["status"] == 200


def test_the_example_of_the_reference_runs() -> None:
    before = get_on_retry_hooks()
    try:
        for example in examples(REFERENCE):
            exec(example, {})
        assert get_on_retry_hooks() != before
    finally:
        set_on_retry_hooks(before)


def test_every_public_name_has_a_row() -> None:
    assert rows(REFERENCE.partition("## event")[0]) == set(victorops.__all__)


def test_every_parameter_has_a_row() -> None:
    event = set(inspect.signature(victorops.event).parameters)
    assert event <= rows(section("event"))
    assert rows(section("send")) == set(inspect.signature(victorops.send).parameters) - event


def test_every_attribute_of_the_result_has_a_row() -> None:
    assert rows(section("SendResult")) == {field.name for field in fields(victorops.SendResult)}


@pytest.mark.parametrize("name", ["event", "endpoint", "send"])
def test_the_signatures_are_those_of_the_code(name: str) -> None:
    signature = inspect.signature(getattr(victorops, name))
    plain = [parameter.replace(annotation=parameter.empty) for parameter in signature.parameters.values()]
    text = str(signature.replace(parameters=plain, return_annotation=signature.empty)).replace("'", '"')
    assert f"{name}{text}" in re.sub(r"\s+", " ", section(name))
