"""A document: read by name, lenient where it may be, and a fault says where it is."""

import pytest

from tocsin.dialects.document import Document
from tocsin.dialects.errors import BadPayload

INNER = Document({"a": 1, "b": None, "c": "x", "list": [{"d": 2}, 5, {"d": 3}]}, "alerts[0]")


@pytest.mark.parametrize("value", [None, 5, "text", [], True])
def test_only_an_object_is_one(value: object) -> None:
    with pytest.raises(BadPayload, match="the body must be a JSON object, not"):
        Document(value)
    with pytest.raises(BadPayload, match=r"alerts\[0\] must be a JSON object, not"):
        Document(value, "alerts[0]")


def test_the_first_value_that_says_something_is_its_text() -> None:
    assert INNER.text("a") == "1"
    assert INNER.text("missing", "b", "c", "a") == "x"
    assert INNER.text("list") == '[{"d":2},5,{"d":3}]'
    assert INNER.text("missing") == ""


def test_what_is_needed_and_missing_is_named() -> None:
    assert INNER.need("b", "c") == "x"
    with pytest.raises(BadPayload, match=r"alerts\[0\]\.b or alerts\[0\]\.z is missing"):
        INNER.need("b", "z")
    with pytest.raises(BadPayload, match=r"^key is missing$"):
        Document({"key": ""}).need("key")


def test_an_address_is_one_that_can_be_offered() -> None:
    document = Document({"a": "javascript:alert(1)", "b": 5, "c": "https://x", "d": "http://y"})
    assert document.address("a", "b", "c", "d") == "https://x"
    assert document.address("a", "b") == ""


def test_the_first_time_that_can_be_read_counts() -> None:
    document = Document({"a": "soon", "b": 1_609_459_200, "c": "2021-01-01T00:00:01Z"})
    assert document.time("a", "b", "c") == 1_609_459_200_000_000
    assert document.time("a", "missing") == 0


def test_parts_are_objects_and_know_their_place() -> None:
    assert INNER.part("a").values == INNER.part("missing").values == {}
    assert [part.values for part in INNER.parts("list")] == [{"d": 2}, {"d": 3}]
    assert INNER.parts("list")[1].path("d") == "alerts[0].list[2].d"
    assert INNER.parts("a") == INNER.parts("missing") == []
    assert INNER.items("list") == [{"d": 2}, 5, {"d": 3}]
    with pytest.raises(BadPayload, match=r"alerts\[0\]\.a must be a JSON object, not a number"):
        INNER.need_part("a")
    with pytest.raises(BadPayload, match=r"alerts\[0\]\.c must be an array, not a text"):
        INNER.items("c")


def test_texts_leave_out_what_is_empty() -> None:
    document = Document({"a": 1, "b": None, "c": "", "d": {"e": []}, "": "x"})
    assert document.texts() == {"a": "1", "d": '{"e":[]}'}
    assert document.texts("a", "missing") == {"a": "1"}


def test_an_object_can_stand_in_a_text() -> None:
    document = Document({"Message": '{"a": 1}', "list": "[1]", "broken": "{", "object": {}})
    assert document.embedded("Message").path("a") == "Message.a"
    for name, reason in (
        ("list", "list must be a JSON object, not an array"),
        ("broken", "broken: the text is not JSON: it ends too early"),
        ("object", "object must be a JSON text, not an object"),
        ("missing", "missing must be a JSON text, not null"),
    ):
        with pytest.raises(BadPayload) as caught:
            document.embedded(name)
        assert str(caught.value).endswith(reason)
