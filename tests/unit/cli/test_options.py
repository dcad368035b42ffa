import pytest

from tocsin.cli.failures import UsageError
from tocsin.cli.options import Server, joined, pairs


def test_pairs_are_read() -> None:
    assert pairs("--label", ("region=eu", "url=a=b", "empty=")) == {"region": "eu", "url": "a=b", "empty": ""}
    assert pairs("--label", ()) == {}


@pytest.mark.parametrize("text", ["region", "=eu", ""])
def test_a_pair_needs_a_name_and_an_equals_sign(text: str) -> None:
    with pytest.raises(UsageError, match=f"--label {text}: NAME=VALUE is expected"):
        pairs("--label", (text,))


def test_the_words_of_an_expression_are_joined() -> None:
    assert joined(("severity>=warning", "-source:test")) == "severity>=warning -source:test"
    assert joined(()) == ""


def test_an_option_that_there_is_not_is_no_word_of_an_expression() -> None:
    with pytest.raises(UsageError, match="there is no option --limt"):
        joined(("host:web-1", "--limt", "5"))


def test_a_bad_address_is_told_with_its_option() -> None:
    with pytest.raises(UsageError, match="--url: the address of a Tocsin begins with"):
        Server(url="nowhere").client()
