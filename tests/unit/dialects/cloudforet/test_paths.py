"""Where dotted paths lead, as MongoDB walks them."""

from typing import Any

import pytest

from tocsin.dialects.cloudforet.paths import reach
from tocsin.query.pipeline.values import MISSING

DOCUMENT = {
    "plain": 1,
    "null": None,
    "object": {"inner": {"deep": "x"}},
    "tags": ["prod", "db"],
    "samples": [{"v": 10}, 7, {"v": 20}, {}, [{"v": 30}]],
    "empty": [],
}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("plain", [1]),
        ("null", [None]),
        ("absent", [MISSING]),
        ("plain.more", [MISSING]),
        ("null.more", [MISSING]),
        ("object.inner.deep", ["x"]),
        ("object.inner.none", [MISSING]),
        ("tags", [["prod", "db"]]),
        ("tags.0", ["prod"]),
        ("tags.2", []),
        ("tags.none", []),
        ("samples.v", [10, 20, MISSING]),
        ("samples.0.v", [10]),
        ("samples.4.v", [30]),
        ("samples.99999999999999999999", []),
        ("empty.x", []),
    ],
)
def test_what_is_reached(path: str, wanted: list[Any]) -> None:
    assert list(reach(DOCUMENT, path.split("."))) == wanted


def test_no_path_leads_to_where_it_begins() -> None:
    assert list(reach(DOCUMENT, [])) == [DOCUMENT]
