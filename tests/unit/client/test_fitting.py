from tests.unit.client.fake_tocsin import TOKEN
from tocsin.client import fitting
from tocsin.dialects.native import item
from tocsin.model import identity


def test_the_limits_are_those_of_the_native_shape() -> None:
    assert (fitting.KEY_LIMIT, fitting.NAME_LIMIT) == (identity.KEY_LIMIT, identity.NAME_LIMIT)
    assert item.LINE_LIMIT == fitting.TITLE_LIMIT


def test_a_title_is_one_line() -> None:
    assert fitting.title("\n disk full\nreally") == "disk full"
    assert fitting.title(" \n", "app.disk") == "app.disk"
    assert fitting.title("x" * 2000) == "x" * 1024


def test_a_description_keeps_its_end() -> None:
    assert fitting.description("a" * 30_000 + "why") == "a" * 20_477 + "why"


def test_what_no_tocsin_takes_is_replaced() -> None:
    assert fitting.key("a\0b") == "a\ufffdb"
    assert fitting.name(f"{TOKEN}" * 40) == (TOKEN * 40)[:255]
