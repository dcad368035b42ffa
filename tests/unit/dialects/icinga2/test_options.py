"""The options of a source that is an Icinga 2."""

import pytest

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.icinga2.options import Options, read

GOOD = {"url": "https://icinga.example.org:5665/", "user": "tocsin"}


def test_what_is_needed_is_enough() -> None:
    assert read(GOOD) == Options("https://icinga.example.org:5665", "tocsin")
    assert read(GOOD | {"filter": 'host.name == "web1"'}).filter == 'host.name == "web1"'
    assert read(GOOD | {"fingerprint": ":".join(["AB"] * 32)}).fingerprint == "ab" * 32


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"user": "tocsin"}, "url is missing"),
        ({"url": GOOD["url"]}, "user is missing"),
        (GOOD | {"url": "http://icinga.example.org:5665"}, "expected https"),
        (GOOD | {"url": "https://tocsin:secret@icinga.example.org"}, "no user"),
        (GOOD | {"url": "icinga"}, "must be an http or https URL"),
        (GOOD | {"user": "a:b"}, "no colon"),
        (GOOD | {"user": 7}, "must be a text"),
        (GOOD | {"password": "secret"}, "there is no option password"),
        (GOOD | {"filter": "x" * 4097}, "option filter: expected at most 4096"),
        (GOOD | {"fingerprint": "abc"}, "64 hex digits"),
        (GOOD | {"ca": "no certificate"}, "certificates in PEM"),
    ],
)
def test_what_could_not_work_is_refused(options: dict[str, object], reason: str) -> None:
    with pytest.raises(BadPayload, match=reason) as refusal:
        read(options)
    assert "secret" not in str(refusal.value)
