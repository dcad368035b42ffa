"""What a domain's silences and routes make of an event."""

from msgspec.structs import replace

from tests.unit.model.samples import NOON, alert, problem, recorded, submission
from tocsin.model.alert import Alert
from tocsin.model.event import Event
from tocsin.model.life_cycle import Change
from tocsin.model.policy import (
    NO_ROUTE_NAMES_IT,
    NOT_URGENT,
    TO_FALLBACK,
    Filter,
    Passing,
    Policy,
    RouteRule,
    SilenceRule,
    choose,
    pass_on,
)
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind

(EVENT,) = recorded(submission(problem(labels={"routing_key": "dba"}))).events


def everything(_: Event) -> bool:
    return True


def nothing(_: Event) -> bool:
    return False


def warnings(event: Event) -> bool:
    return event.severity is Severity.WARNING


def route(name: str, matches: Filter = everything, **options: bool) -> RouteRule:
    return RouteRule(name, matches, (f"to-{name}",), **options)


def silence(name: str = "quiet", matches: Filter = everything, start: int = -1, end: int = 1) -> SilenceRule:
    return SilenceRule(name, NOON + start, NOON + end, matches)


def routing(*routes: RouteRule, keys: tuple[str, ...] = ("dba",)) -> Policy:
    return Policy((), routes, tuple(key.__eq__ for key in keys))


def passed(
    policy: Policy, change: Change = Change.OPENED, before: Alert | None = None, event: Event = EVENT
) -> Passing:
    return pass_on(policy, event, change, before or alert(), NOON)


def kept(passing: Passing) -> Alert:
    assert passing.alert is not None
    return passing.alert


# --- routes


def test_without_a_policy_nothing_is_passed_on_and_nothing_said() -> None:
    assert passed(Policy()) == Passing("", alert(), {})


def test_a_problem_goes_every_route_that_matches_and_its_alert_remembers_them() -> None:
    found = passed(routing(route("a"), route("b", nothing), route("c")))
    assert found.targets == {"to-a": "a", "to-c": "c"}
    assert kept(found).passed_to == ("a", "c", "to-a", "to-c")


def test_a_target_gets_an_event_once_by_the_first_route_that_names_it() -> None:
    both = routing(replace(route("a"), targets=("x",)), replace(route("b"), targets=("x", "y")))
    assert passed(both).targets == {"x": "a", "y": "b"}


def test_what_changes_nothing_goes_only_where_every_event_goes() -> None:
    found = passed(routing(route("a"), route("b", every_event=True)), Change.NONE)
    assert found.targets == {"to-b": "b"}
    assert kept(found).passed_to == ()


def test_the_end_goes_to_whoever_heard_of_the_problem_whatever_their_filter_says() -> None:
    told = alert(passed_to=("a", "gone"))
    routes = routing(route("a", nothing), route("b"))
    for change in (Change.RESOLVED, Change.ACKNOWLEDGED, Change.RELEASED):
        assert passed(routes, change, told).targets == {"to-a": "a"}
        assert passed(routes, change).targets == {}


def test_the_end_reaches_the_targets_of_a_route_that_is_gone_or_leads_elsewhere_now() -> None:
    told = alert(passed_to=("a", "b", "to-a", "to-b", "off"))
    policy = replace(
        routing(replace(route("b"), targets=("to-c",)), replace(route("d", nothing), targets=("to-b",))),
        targets=frozenset({"to-a", "to-b", "to-c"}),
    )
    assert passed(policy, Change.RESOLVED, told).targets == {"to-c": "b", "to-a": "", "to-b": "d"}
    assert passed(replace(policy, routes=()), Change.RESOLVED, told).targets == {"to-a": "", "to-b": ""}


def test_a_problem_that_gets_less_goes_to_whoever_heard_of_it() -> None:
    told, less = alert(passed_to=("a",)), replace(EVENT, severity=Severity.WARNING)
    found = passed(routing(route("a", nothing), route("b", warnings)), Change.SEVERITY, told, less)
    assert found.targets == {"to-a": "a", "to-b": "b"}
    assert kept(found).passed_to == ("a", "b", "to-a", "to-b")


# --- the default route


def test_the_fallback_takes_what_no_other_route_takes() -> None:
    fallback = route("rest", fallback=True)
    assert passed(routing(route("a", nothing), fallback)).targets == {"to-rest": "rest"}
    assert passed(routing(route("a"), fallback)).targets == {"to-a": "a"}


def test_a_routing_key_that_no_route_names_goes_the_fallback_too_and_is_remarked() -> None:
    found = passed(routing(route("a"), route("rest", fallback=True), keys=("web",)))
    assert (found.targets, found.remark) == ({"to-a": "a", "to-rest": "rest"}, TO_FALLBACK)


def test_where_there_is_no_fallback_the_remark_says_no_more() -> None:
    assert passed(routing(route("a", nothing), keys=())).remark == NO_ROUTE_NAMES_IT
    assert passed(routing(route("a"), keys=())).remark == ""
    assert passed(routing(keys=())).remark == ""


def test_an_event_without_a_routing_key_is_not_remarked() -> None:
    plain = replace(EVENT, labels={})
    assert passed(routing(route("a"), keys=()), event=plain).remark == ""


# --- silences


def test_what_a_silence_matches_is_flagged_held_back_and_remembered() -> None:
    found = passed(Policy((silence(),), (route("a"),)))
    assert (found.silenced_by, found.targets) == ("quiet", {})
    assert (kept(found).silenced_by, kept(found).passed_to) == ("quiet", ())


def test_a_silence_holds_from_its_first_moment_to_before_its_last() -> None:
    windows = {(0, 1): "quiet", (-9, 0): "", (1, 9): "", (-1, 1): "quiet"}
    for (start, end), silenced_by in windows.items():
        assert passed(Policy((silence(start=start, end=end),))).silenced_by == silenced_by


def test_the_first_silence_that_matches_counts() -> None:
    policy = Policy((silence("other", nothing), silence("first"), silence("second")))
    assert passed(policy).silenced_by == "first"


def test_what_changes_nothing_is_flagged_and_its_alert_stays_as_it_is() -> None:
    policy = Policy((silence(),), (route("a", every_event=True),))
    assert passed(policy, Change.NONE) == Passing("quiet", alert(), {})


def test_a_silence_never_keeps_the_end_from_those_who_heard_of_the_problem() -> None:
    told = alert(passed_to=("a",))
    policy = Policy((silence(),), (route("a"),))
    for change in (Change.RESOLVED, Change.ACKNOWLEDGED):
        found = passed(policy, change, told)
        assert (found.silenced_by, found.targets) == ("quiet", {"to-a": "a"})


def test_the_end_of_what_was_silenced_from_the_start_goes_nowhere() -> None:
    held = alert(silenced_by="quiet")
    assert passed(Policy((silence(),), (route("a"),)), Change.RESOLVED, held).targets == {}


def test_a_problem_that_no_silence_matches_any_more_is_held_back_no_longer() -> None:
    held = alert(silenced_by="quiet")
    found = passed(Policy((), (route("a"),)), Change.SEVERITY, held)
    assert (kept(found).silenced_by, kept(found).passed_to, found.targets) == (
        "",
        ("a", "to-a"),
        {"to-a": "a"},
    )


def test_an_event_without_an_alert_is_flagged_and_goes_where_every_event_goes() -> None:
    info = replace(EVENT, kind=Kind.INFO)
    assert pass_on(Policy((silence(),)), info, Change.NONE, None, NOON) == Passing("quiet", None, {})
    routes = routing(route("a"), route("b", every_event=True))
    assert pass_on(routes, info, Change.NONE, None, NOON).targets == {"to-b": "b"}


# --- projects of which only what is urgent is passed on


def hushed(*routes: RouteRule) -> Policy:
    return replace(routing(*routes), high_only=frozenset({EVENT.project_id}))


def test_only_what_is_urgent_is_passed_on_of_such_a_project() -> None:
    for severity in Severity:
        before = alert(severity=severity)
        passing = passed(hushed(route("all", every_event=True)), before=before)
        is_urgent = severity in (Severity.CRITICAL, Severity.ERROR, Severity.NOT_AVAILABLE)
        assert passing.targets == ({"to-all": "all"} if is_urgent else {})
        assert passing.remark == ("" if is_urgent else NOT_URGENT)
        elsewhere = replace(EVENT, project_id="elsewhere")
        assert passed(hushed(route("all")), before=before, event=elsewhere).targets == {"to-all": "all"}


def test_who_heard_of_an_alert_there_hears_all_of_it() -> None:
    heard = alert(severity=Severity.WARNING, passed_to=("all",))
    for change in (Change.SEVERITY, Change.ACKNOWLEDGED, Change.RESOLVED):
        assert passed(hushed(route("all")), change, heard).targets == {"to-all": "all"}
    quiet = alert(severity=Severity.WARNING)
    for change in (Change.NONE, Change.ACKNOWLEDGED, Change.RESOLVED):
        passing = passed(hushed(route("all", every_event=True)), change, quiet)
        assert (passing.targets, passing.remark) == ({}, "")


def test_without_its_alert_an_event_there_speaks_for_itself() -> None:
    low = replace(EVENT, severity=Severity.INFO)
    assert choose(hushed(route("all", every_event=True)), low, Change.NONE, None) == ([], "")
    assert choose(hushed(route("all")), low, Change.OPENED, None) == ([], NOT_URGENT)
    chosen, remark = choose(hushed(route("all")), EVENT, Change.OPENED, None)
    assert ([rule.id for rule in chosen], remark) == (["all"], "")
