import time

import pytest

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.opsview.bodies import SLOW_BYTES, read
from tocsin.dialects.opsview.errors import OpsviewError

DOCUMENT = {"name": "a", "list": [{"x": "1"}, {"x": "2"}]}


@pytest.mark.parametrize(
    ("content_type", "body", "document"),
    [
        ("application/json", b'{"name":"a","list":[{"x":"1"},{"x":"2"}]}', DOCUMENT),
        ("application/json; charset=utf-8", b'{"name":"a","list":[{"x":"1",},{"x":"2"} , ],}', DOCUMENT),
        ("Text/X-YAML", b"name: a\nlist:\n- x: 1\n- {x: 2}\n", DOCUMENT),
        ("text/xml", b'<opt name="a"><list x="1"/><list><x>2</x></list></opt>', DOCUMENT),
        ("application/xml", b"<opt><name> a </name><list x='1'/><list x='2'/></opt>", DOCUMENT),
        (
            "text/x-yaml",
            b"a: ~\nb: yes\nc: 2011-11-01\nd: ''",
            {"a": None, "b": "yes", "c": "2011-11-01", "d": ""},
        ),
        ("text/xml", b"<opt><a>1</a><a>2</a><a>3</a><b/></opt>", {"a": ["1", "2", "3"], "b": ""}),
        ("application/json", b'{"a": ",]", "b": ", }",}', {"a": ",]", "b": ", }"}),
        ("", b'{"a": 1}', {"a": 1}),
        ("application/x-www-form-urlencoded", b' [{"a": 1}]', [{"a": 1}]),
    ],
)
def test_a_body_is_read_in_the_format_that_it_says(content_type: str, body: bytes, document: object) -> None:
    assert read(content_type, body)[0] == document


def test_a_body_gives_parameters() -> None:
    assert read("application/json", b'{"rows": 5}')[1].last("rows") == "5"
    document, given = read("", b"rows=5&host=a&host=b\n")
    assert document is None
    assert (given.last("rows"), given.all("host")) == ("5", ["a", "b"])
    document, given = read("application/json", b" \n")
    assert (document, list(given)) == (None, [])


@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        ("application/json", b"{", "the body is not JSON"),
        ("application/json", b'{"a": 1,,}', "the body is not JSON"),
        ("application/json", b'{"a":"\\u0000"}', "a text holds NUL"),
        ("application/json", b'{"a":"\xff",}', "the body is not UTF-8"),
        ("application/json", b"[" * 65 + b"]" * 65, "the body is nested more than 64 deep"),
        ("text/x-yaml", b"a: [", "the body is not YAML (line 2)"),
        ("text/x-yaml", b"a: &x 1\nb: *x", "an alias of YAML"),
        ("text/x-yaml", b"[" * 65 + b"]" * 65, "the body is nested more than 64 deep"),
        ("text/x-yaml", b"a: !!python/object:os.system x", "the body is not YAML"),
        ("text/x-yaml", b"a: !!int x", "the body is YAML with a value that its tag does not allow"),
        ("text/x-yaml", b"~: a", "the body holds a key that is no text"),
        ("text/x-yaml", b'a: "\\0"', "a text holds NUL"),
        ("text/x-yaml", b"? [a]\n: b", "the body is not YAML"),
        ("text/x-yaml", b"\xff\xfe\xff", "the body is not YAML"),
        ("text/xml", b"<opt>", "the body is not XML"),
        ("text/xml", b"<!DOCTYPE x><opt/>", "XML with a DTD"),
        ("text/xml", b'<!DOCTYPE x [<!ENTITY e "x">]><opt>&e;</opt>', "XML with a DTD"),
        ("text/xml", b'<?xml version="1.0" encoding="nope"?><opt/>', "the body is not XML"),
        ("text/xml", b"<a>" * 70 + b"</a>" * 70, "the body is nested more than 64 deep"),
    ],
)
def test_what_is_not_what_it_says_is_refused(content_type: str, body: bytes, message: str) -> None:
    with pytest.raises(BadPayload) as found:
        read(content_type, body)
    assert message in str(found.value)


def test_other_types_and_too_much_that_is_slow_to_read_are_refused() -> None:
    with pytest.raises(OpsviewError) as found:
        read("image/png", b"x")
    assert found.value.status == 415
    for content_type in ("text/x-yaml", "text/xml"):
        with pytest.raises(OpsviewError) as found:
            read(content_type, b" x" * SLOW_BYTES)
        assert found.value.status == 413


def test_quotation_marks_without_end_are_read_in_one_go() -> None:
    body = b'{"a": "' + b'\\"' * 200_000
    began = time.process_time()
    with pytest.raises(BadPayload):
        read("application/json", body)
    # Trying each of them anew would take minutes.
    assert time.process_time() - began < 20
