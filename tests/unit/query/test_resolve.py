import pytest

from tests.unit.dialects.opsview.worlds import WORLD
from tests.unit.query.records import NOW
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.resolve import resolve
from tocsin.query.tree import All, Comparison, Expression, Not, Operator, Or, Text, disjunction, one_of

SOURCE_ID = EVENT_FIELDS.by_name["source_id"]
OBJECT = EVENT_FIELDS.by_name["object_id"]
NAMES = {
    "source": {"source-1": "Test", "source-2": "test-eu", "source-3": "Nagios", "source-4": "source-1"},
    "project": {"default": "Default"},
}


def resolved(text: str) -> Expression:
    return resolve(parse(text, EVENT_FIELDS, NOW), EVENT_FIELDS, NAMES, WORLD)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("source:test", ["source-1", "test"]),
        ("source=test", ["test"]),
        ("source=Test", ["source-1", "Test"]),
        ("source:test*", ["source-1", "source-2"]),
        ("source:*-2", ["source-2"]),
        ("source=source-1", ["source-1", "source-4"]),
        ('source~"^(Test|Nag)"', ["source-1", "source-3"]),
        ("source=gone", ["gone"]),
        ("source:GONE", ["gone"]),
        ("source:gone-*", []),
        ('source:""', [""]),
        ('source~"^$"', [""]),
        ("source=Nagios OR source=gone", ["source-3", "Nagios", "gone"]),
    ],
)
def test_a_source_becomes_the_ids_that_it_may_mean(text: str, ids: list[str]) -> None:
    assert resolved(text) == one_of(SOURCE_ID, ids)


def test_a_project_becomes_its_id() -> None:
    assert resolved("project:DEFAULT") == Comparison(
        EVENT_FIELDS.by_name["project_id"], Operator.EQUAL, "default"
    )


def test_any_source_is_every_record() -> None:
    assert resolved("source:*") == All()
    assert resolved("source:* disk") == Text("disk")
    assert resolved("source:* OR disk") == All()


def test_names_are_found_everywhere_in_a_tree() -> None:
    tree = resolved("disk (-source=source-2 OR source:gone-*) host:web")
    assert tree == parse("disk -source_id=source-2 host:web", EVENT_FIELDS, NOW)
    assert resolved("-source:gone-*") == Not(Or(()))


def test_what_names_no_source_stays_as_it_is() -> None:
    text = "disk host:web (a OR -b)"
    assert resolved(text) == parse(text, EVENT_FIELDS, NOW)


def test_without_a_directory_only_ids_count() -> None:
    tree = resolve(parse("source=source-1", EVENT_FIELDS, NOW), EVENT_FIELDS, {}, WORLD)
    assert tree == Comparison(SOURCE_ID, Operator.EQUAL, "source-1")


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        ("hostgroup:berlin", [1, 2, 3]),
        ("hostgroup:Racks", [1, 2, 3, 4, 5]),
        ("hostgroup=racks", []),
        ("hostgroup=11", [1, 2, 3]),
        ('hostgroup:"Tocsin,Racks,"', [4, 5]),
        ('hostgroup:"tocsin,berlin,*"', [1, 2, 3]),
        ("hostgroup~^Ber", [1, 2, 3]),
        ("hostgroup:1*", []),
        ("hostgroup=99", []),
        ("keyword:SHOP", [1, 2]),
        ("keyword=21", [1, 2]),
        ("keyword=21 OR keyword=99", [1, 2]),
        ("hostgroup=13 OR hostgroup=Berlin", [1, 2, 3, 4, 5]),
        ("keyword:nope OR keyword:sh*", [1, 2]),
        ("servicegroup:base", [1, 2, 4, 5]),
        ("hosttemplate:linux", [2]),
    ],
)
def test_a_group_becomes_the_numbers_of_what_belongs_to_it(text: str, objects: list[int]) -> None:
    assert resolved(text) == one_of(OBJECT, objects)


def test_what_belongs_to_nothing_has_an_empty_name() -> None:
    assert resolved("keyword:*") == All()
    assert resolved('keyword:""') == disjunction([Or(()), Not(one_of(OBJECT, [1, 2]))])
    assert resolved('-keyword=""') == Not(disjunction([Or(()), Not(one_of(OBJECT, [1, 2]))]))


@pytest.mark.parametrize("text", ["hostgroup=2", "hostgroup:discovered"])
def test_what_nobody_configured_is_what_is_not_configured(text: str) -> None:
    assert resolved(text) == Not(one_of(OBJECT, [1, 2, 3, 4, 5]))
    assert resolved("hostgroup:tocsin") == Not(Or(()))
