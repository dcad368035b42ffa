import json

import pytest
import yaml

from tocsin.dialects.opsview import formats
from tocsin.dialects.opsview.bodies import read

DOCUMENT = {"list": [{"a": "1", "b": "x < y & z"}, {"a": "2", "b": ""}], "summary": {"rows": "2"}}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("text/x-data-dumper", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("text/xml", "text/xml"),
        ("TEXT/XML;q=0.5, text/x-yaml", "text/x-yaml"),
        ("text/x-yaml;q=0.5, application/json", "application/json"),
        ("text/xml, application/json", "text/xml"),
        ("text/xml;q=0", "application/json"),
        ("text/xml;q=nope", "application/json"),
        ("text/xml;charset=utf-8", "text/xml"),
    ],
)
def test_answers_come_in_the_format_that_is_asked_for(accept: str, media_type: str) -> None:
    assert formats.wanted(accept).media_type.decode().partition(";")[0] == media_type


@pytest.mark.parametrize("accept", ["application/json", "text/xml", "text/x-yaml"])
def test_what_is_written_can_be_read_again(accept: str) -> None:
    written = formats.wanted(accept)
    assert read(accept, written.write(DOCUMENT))[0] == DOCUMENT


def test_each_format_is_written_as_it_should() -> None:
    assert json.loads(formats.JSON.write(DOCUMENT)) == DOCUMENT
    assert yaml.safe_load(formats.wanted("text/x-yaml").write({"a": "yes", "b": "1"})) == {
        "a": "yes",
        "b": "1",
    }
    written = formats.wanted("text/xml").write({"list": [{"a": "\x1b[31m\xe4"}], "n": 5})
    assert written.decode().splitlines()[1] == "<opt><list><a>\ufffd[31m\xe4</a></list><n>5</n></opt>"
