import pytest

from tests.unit.query.records import NOW, event
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.sieve import Sieve

# The event is of the host web-01, the service disk, the title "Disk full on /var" and labels.region eu.
EVENT = event()


def sieve(*expressions: str) -> Sieve[str]:
    return Sieve([(parse(each, EVENT_FIELDS, NOW), each) for each in expressions])


@pytest.mark.parametrize(
    "expression",
    [
        "host:WEB-01",
        "host=web-01",
        "host:web-*",
        "host:*-01",
        "host:w*1",
        "(host=db OR host=web-01)",
        "labels.region:EU",
        'rule:""',
        "severity>=warning host:web-*",
        "host:web-* title:*/VAR",
        "(host:db-* OR host:WEB-*)",
        "(host:db OR host=web-01 OR host:mail)",
        "(host:w* OR host:web-*)",
    ],
)
def test_a_filter_is_asked_where_the_text_that_it_needs_is_there(expression: str) -> None:
    assert sieve(expression).candidates(EVENT) == [expression]


@pytest.mark.parametrize(
    "expression",
    [
        "host:db-01",
        "host=db-01",
        "host:db-*",
        "host:*-02",
        "(host=db OR host=web-02)",
        "labels.region:us",
        "labels.team:*dba",
        'service:""',
        "severity>=warning host:db-*",
        "host:web-* service:load",
        "(host:db-* OR host:mail-*)",
        'rule:"" host:db-*',
        "source_id=source-bbbbbbbbbbbb host:db-*",
        "project_id=project-aaaaaaaaaaaa title:*/home",
    ],
)
def test_a_filter_is_spared_where_the_text_that_it_needs_is_missing(expression: str) -> None:
    assert not sieve(expression).candidates(EVENT)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "severity>=warning",
        "host:*",
        "-host:web-*",
        "disk",
        "host~^db",
        "(host:db-* OR disk)",
        "(host:db-* OR host:*-1)",
    ],
)
def test_a_filter_that_needs_no_text_of_one_field_is_always_asked(expression: str) -> None:
    assert sieve(expression).candidates(event(host="other", title="other")) == [expression]


def test_filters_stay_in_their_order() -> None:
    many = ("title:*/var", "severity=critical", "host:web-*", "host=web-01", "host:db-*", "service:disk")
    assert sieve(*many).candidates(EVENT) == [each for each in many if each != "host:db-*"]
