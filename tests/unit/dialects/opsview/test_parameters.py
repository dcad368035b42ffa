import pytest

from tocsin.dialects.opsview.errors import OpsviewError
from tocsin.dialects.opsview.parameters import Parameters, of_document, of_form


def test_names_can_be_repeated_and_be_empty() -> None:
    given = of_form(b"host=a&host=b+c&service=%C3%A4&empty=&alone")
    assert list(given) == ["host", "service", "empty", "alone"]
    assert given.all("host") == ["a", "b c"]
    assert given.last("host") == "b c"
    assert given.last("service") == "\xe4"
    assert given.all("empty") == given.all("alone") == [""]
    assert "empty" in given
    assert "nope" not in given
    assert given.all("nope") == ()
    assert given.last("nope", "none") == "none"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"a=%ff", "the parameters are not UTF-8"),
        (b"a=%00", "a parameter holds NUL or half a surrogate pair"),
        (b"%00=a", "a parameter holds NUL or half a surrogate pair"),
        (b"&".join([b"a=1"] * 10_001), "more than 10000 parameters"),
    ],
)
def test_what_is_no_text_is_refused(text: bytes, message: str) -> None:
    with pytest.raises(OpsviewError) as found:
        of_form(text)
    assert (found.value.status, found.value.message) == (400, message)


def test_a_document_gives_its_texts_numbers_and_lists_of_them() -> None:
    given = of_document(
        {
            "name": "a",
            "rows": 5,
            "half": 0.5,
            "yes": True,
            "no": False,
            "many": ["x", 1, True],
            "nothing": None,
            "none": [],
            "deep": {"a": 1},
            "mixed": ["a", {}],
        }
    )
    assert {name: given.all(name) for name in given} == {
        "name": ["a"],
        "rows": ["5"],
        "half": ["0.5"],
        "yes": ["1"],
        "no": ["0"],
        "many": ["x", "1", "1"],
    }


@pytest.mark.parametrize("document", [None, "text", ["a"], 5])
def test_what_is_no_mapping_gives_none(document: object) -> None:
    assert list(of_document(document)) == []


def test_those_that_count_take_the_place_of_others() -> None:
    given = of_form(b"a=1&a=2&b=3").under(of_form(b"a=4"))
    assert (given.all("a"), given.all("b")) == (["4"], ["3"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((text, True) for text in ("1", "True", "yes", "on")),
        *((text, False) for text in ("0", "False", "", "no", " OFF ")),
    ],
)
def test_truth_values_are_written_in_many_ways(text: str, value: bool) -> None:
    assert Parameters({"flag": [text]}).flag("flag", default=not value) is value


def test_a_truth_value_that_is_none_is_refused() -> None:
    assert Parameters({}).flag("flag", default=True)
    with pytest.raises(OpsviewError, match="flag: expected 1 or 0"):
        Parameters({"flag": ["maybe"]}).flag("flag")
