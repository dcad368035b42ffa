"""Whatever filters ask for, the sieve leaves none out that a record matches."""

from hypothesis import given
from hypothesis import strategies as st

from tests.property.vocabulary import make_events, trees
from tocsin.query.fields import EVENT_FIELDS
from tocsin.query.predicate import compile_predicate
from tocsin.query.sieve import Sieve
from tocsin.query.tree import Expression


@given(seed=st.integers(0, 2**32), asked=st.lists(trees(EVENT_FIELDS), min_size=1, max_size=30))
def test_no_filter_that_matches_is_left_out(seed: int, asked: list[Expression]) -> None:
    predicates = [compile_predicate(tree, EVENT_FIELDS) for tree in asked]
    sieve = Sieve([(tree, place) for place, tree in enumerate(asked)])
    for event in make_events("default", seed, 20):
        places = list(sieve.candidates(event))
        assert places == sorted(set(places))
        matching = {place for place, matches in enumerate(predicates) if matches(event)}
        assert matching <= set(places)
        assert {place for place in places if predicates[place](event)} == matching
