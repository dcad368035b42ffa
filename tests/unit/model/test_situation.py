from msgspec.structs import replace

from tests.unit.model.samples import NOON, alert, empty_situation
from tocsin.model.alert import Alert, AlertState

KEY = ("default", "default", "cpu")


def resolved(given: Alert) -> Alert:
    return replace(given, state=AlertState.RESOLVED, resolved_at=NOON)


def test_the_newest_of_several_open_alerts_is_the_one_that_signals_join() -> None:
    held = empty_situation()
    first, second, third = (alert(seq=seq) for seq in (1, 5, 9))
    for each in (first, second, third):
        held.keep(KEY, each)
    assert held.alert(KEY, 0) == third
    assert held.earlier == {KEY: [first, second]}
    assert [held.alert(KEY, seq) for seq in (1, 5, 9)] == [first, second, third]


def test_when_the_newest_is_resolved_the_one_before_it_takes_its_place() -> None:
    held = empty_situation()
    first, second = alert(seq=1), alert(seq=5)
    held.keep(KEY, first)
    held.keep(KEY, second)
    held.keep(KEY, resolved(second))
    assert (held.alert(KEY, 0), held.earlier) == (first, {})
    held.keep(KEY, resolved(first))
    assert held.alert(KEY, 0) == resolved(first)
    held.keep(KEY, alert(seq=8))
    assert (held.alert(KEY, 0), held.earlier) == (alert(seq=8), {})


def test_an_older_one_is_changed_and_resolved_where_it_stands() -> None:
    held = empty_situation()
    first, second, third = (alert(seq=seq) for seq in (1, 5, 9))
    for each in (first, second, third):
        held.keep(KEY, each)
    renamed = replace(first, title="renamed")
    held.keep(KEY, renamed)
    assert held.earlier == {KEY: [renamed, second]}
    held.keep(KEY, resolved(second))
    assert (held.alert(KEY, 0), held.earlier) == (third, {KEY: [renamed]})


def test_another_than_the_named_alert_is_given_where_that_is_not_open() -> None:
    held = empty_situation()
    held.keep(KEY, alert(seq=5))
    assert held.alert(KEY, 1) == alert(seq=5)
    assert held.alert(("default", "default", "disk"), 0) is None


def test_a_key_whose_alert_was_merged_stands_for_the_open_alert_that_took_it() -> None:
    held, other = empty_situation(), (*KEY[:2], "disk")
    first, second = alert(seq=1), alert(seq=5)
    held.keep(KEY, first)
    held.keep(KEY, second)
    held.merged[other] = (1, KEY)
    assert held.alert(other, 0) == first
    changed = replace(first, count=7)
    held.keep(other, changed)
    assert (held.alert(KEY, 1), held.alert(KEY, 0)) == (changed, second)
    held.keep(other, resolved(changed))
    assert held.alert(other, 0) is None
    own = alert(seq=8, key="disk")
    held.keep(other, own)
    assert (held.alert(other, 0), held.alert(KEY, 0)) == (own, second)
