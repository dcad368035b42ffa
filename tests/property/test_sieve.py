"""Whatever filters ask for, the sieve leaves out none that matches, and policies say the same with it."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.property.vocabulary import make_events, trees
from tests.unit.query.records import alert
from tocsin.model.life_cycle import Change
from tocsin.model.policy import Policy, RouteRule, SilenceRule, pass_on
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


@given(
    seed=st.integers(0, 2**32),
    quiet=st.lists(trees(EVENT_FIELDS), max_size=4),
    routed=st.lists(st.tuples(trees(EVENT_FIELDS), st.booleans(), st.booleans()), max_size=8),
    change=st.sampled_from(Change),
    heard=st.sampled_from([(), ("route-0",), ("route-1", "target-1"), ("gone",)]),
)
def test_a_policy_says_the_same_with_it(
    seed: int,
    quiet: list[Expression],
    routed: list[tuple[Expression, bool, bool]],
    change: Change,
    heard: tuple[str, ...],
) -> None:
    silences = [
        (tree, SilenceRule(f"silence-{place}", 0, 2, compile_predicate(tree, EVENT_FIELDS)))
        for place, tree in enumerate(quiet)
    ]
    routes = [
        (
            tree,
            RouteRule(f"route-{place}", compile_predicate(tree, EVENT_FIELDS), (f"target-{place}",), *flags),
        )
        for place, (tree, *flags) in enumerate(routed)
    ]
    targets = frozenset(target for _, rule in routes for target in rule.targets)
    plain = Policy(
        tuple(rule for _, rule in silences),
        tuple(rule for _, rule in routes),
        ("dba".__eq__,),
        targets=targets,
    )
    sifted = msgspec.structs.replace(
        plain, near_silences=Sieve(silences).candidates, near_routes=Sieve(routes).candidates
    )
    for event in make_events("default", seed, 8):
        said = [pass_on(policy, event, change, alert(passed_to=heard), 1) for policy in (plain, sifted)]
        assert said[0] == said[1]
