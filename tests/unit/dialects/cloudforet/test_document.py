from datetime import UTC, datetime

import msgspec
import pytest

from tests.unit.dialects.cloudforet.samples import event
from tocsin.dialects.cloudforet.document import FIELDS, MINIMAL, document, is_field
from tocsin.dialects.cloudforet.event_info import event_info


def test_a_document_has_every_field_and_says_what_is_shown() -> None:
    stored, shown = document(event(), {"n": 1}), event_info(event(), {"n": 1})
    assert sorted(stored) == sorted(FIELDS) == sorted(shown)
    assert set(MINIMAL) < set(FIELDS)
    dates = {"created_at", "occurred_at"}
    assert {name: stored[name] for name in FIELDS if name not in dates} == {
        name: shown[name] for name in FIELDS if name not in dates
    }
    assert stored["created_at"] == datetime(2024, 10, 4, 12, 0, 0, 1_000, tzinfo=UTC)
    assert stored["occurred_at"] == datetime(2024, 10, 4, 11, tzinfo=UTC)


def test_what_an_event_does_not_say_is_null_where_the_reference_has_null() -> None:
    texts = ("description", "rule", "image_url", "resource_id", "resource_type", "resource_name")
    plain = msgspec.structs.replace(
        event(), **dict.fromkeys(texts, ""), provider="", account="", occurred_at=0
    )
    stored = document(plain, {})
    for name in ("description", "rule", "image_url", "resource", "occurred_at"):
        assert stored[name] is None, name
    assert (stored["provider"], stored["account"]) == ("", "")


@pytest.mark.parametrize(
    ("path", "leads"),
    [
        ("title", True),
        ("title.x", False),
        ("nope", False),
        ("", False),
        ("resource", True),
        ("resource.name", True),
        ("resource.nope", False),
        ("raw_data.a.$b", True),
        ("additional_info.team", True),
    ],
)
def test_a_path_leads_to_a_field_or_nowhere(path: str, leads: bool) -> None:
    assert is_field(path) == leads
