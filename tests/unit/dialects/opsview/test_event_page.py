import pytest

from tocsin.dialects.opsview.errors import OpsviewError
from tocsin.dialects.opsview.event_page import Page, read_number, read_page
from tocsin.dialects.opsview.parameters import of_form


def page(query: str) -> Page:
    return read_page(of_form(query.encode()))


def order(query: str) -> list[tuple[str, bool]]:
    return [(key.field.attribute, key.is_descending) for key in page(query).order]


@pytest.mark.parametrize(
    ("query", "number", "rows"),
    [
        ("", 1, 50),
        ("rows=&page=", 1, 50),
        ("rows=10&page=3", 3, 10),
        ("rows=10&rows=20", 1, 20),
        ("rows=all", 1, None),
        ("rows=ALL", 1, None),
        ("rows=0", 1, 0),
        ("rows=10000", 1, 10_000),
    ],
)
def test_rows_and_page_are_read(query: str, number: int, rows: int | None) -> None:
    assert (page(query).number, page(query).rows) == (number, rows)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("rows=many", "rows: expected a whole number"),
        ("rows=-1", "rows: expected a whole number"),
        ("rows=1.5", "rows: expected a whole number"),
        ("rows=\u0661", "rows: expected a whole number"),
        ("rows=10001", "rows: expected at most 10000, or all"),
        (f"rows={'9' * 30}", "rows: expected a whole number"),
        ("page=0", "page: the first page is 1"),
        ("page=last", "page: expected a whole number"),
        ("sortby=time", "sortby: expected JSON as"),
        ("sortby=5", "sortby: expected"),
        ('sortby=["time"]', "sortby: expected"),
        ('sortby=[{"col":"nope"}]', "sortby: expected"),
        ('sortby=[{"col":5}]', "sortby: expected"),
        ('sortby=[{"col":"time","order":"up"}]', "sortby: expected the order asc or desc"),
        ('sortby=[{"col":"time","order":null}]', "sortby: expected the order asc or desc"),
        ("sortby=" + "[" * 70 + "]" * 70, "sortby: expected JSON as"),
    ],
)
def test_what_cannot_be_understood_is_named(query: str, message: str) -> None:
    with pytest.raises(OpsviewError) as found:
        page(query)
    assert found.value.status == 400
    assert found.value.message.startswith(message)


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", [("time", True)]),
        ("sortby=", [("time", True)]),
        ("sortby=[]", [("time", True)]),
        ('sortby=[{"col":"time","order":"desc"}]', [("time", True)]),
        ('sortby=[{"col":"time"}]', [("time", False)]),
        ('sortby={"col":"hostname","order":"DESC"}', [("host", True)]),
        (
            'sortby=[{"col":"servicename"},{"col":"eventid","order":"desc"},]',
            [("service", False), ("seq", True)],
        ),
        ('sortby=[{"col":"state"},{"col":"state"}]', [("state", False)]),
        (
            'sortby=[{"col":"state_type"},{"col":"output"},{"col":"objectid"}]',
            [("state_type", False), ("output", False), ("object_id", False)],
        ),
    ],
)
def test_the_order_is_read(query: str, keys: list[tuple[str, bool]]) -> None:
    assert order(query) == keys


def test_times_are_told_apart_by_the_second_that_is_shown() -> None:
    assert [key.unit for key in page("").order] == [1_000_000]
    assert [key.unit for key in page('sortby=[{"col":"time"},{"col":"state"}]').order] == [1_000_000, 1]


@pytest.mark.parametrize(
    ("asked", "total", "pages", "shown", "window"),
    [
        (Page(1, 50), 0, 1, 1, (0, 50)),
        (Page(9, 50), 0, 1, 1, (0, 50)),
        (Page(1, 50), 50, 1, 1, (0, 50)),
        (Page(2, 50), 51, 2, 2, (50, 50)),
        (Page(9, 50), 51, 2, 2, (50, 50)),
        (Page(85, 10), 843, 85, 85, (840, 10)),
        (Page(3, 0), 843, 1, 1, (0, 0)),
        (Page(3, None), 843, 1, 1, (0, 843)),
    ],
)
def test_a_page_beyond_the_end_is_the_last(
    asked: Page, total: int, pages: int, shown: int, window: tuple[int, int]
) -> None:
    assert (asked.pages(total), asked.shown(total), asked.window(total)) == (pages, shown, window)


def test_a_number_can_be_left_out() -> None:
    assert read_number(of_form(b""), "saved_maxeventid") is None
    assert read_number(of_form(b"saved_maxeventid=+9373+"), "saved_maxeventid") == 9373
    with pytest.raises(OpsviewError, match="saved_maxeventid: expected a whole number"):
        read_number(of_form(b"saved_maxeventid=-1"), "saved_maxeventid")
