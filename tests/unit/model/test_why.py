import pytest
from msgspec.structs import replace

from tests.unit.model import samples
from tests.unit.query.records import alert
from tocsin.model.alert import AlertState
from tocsin.model.delivery import DeliveryState
from tocsin.model.event import Event
from tocsin.model.receipt import Outcome
from tocsin.model.signal import Kind
from tocsin.model.why import Rules, Sending, tell

NONE = Rules((), (), ())


def event() -> Event:
    (made,) = samples.recorded(samples.submission(samples.said(Kind.RECOVERY))).events
    return made


def says(*sendings: Sending, rules: Rules | None = NONE, kept: str = "native") -> list[str]:
    return [line.says for line in tell(event(), kept, None, sendings, rules)]


def test_what_is_gone_is_said_to_be_gone() -> None:
    assert says(kept="")[0] == "It came in at a source that is gone, and its request is not kept any more."


def test_the_option_that_makes_the_key_is_named() -> None:
    source = samples.source(identity=("host", "labels.region"))
    lines = [line.says for line in tell(event(), "native", source, (), NONE)]
    assert any(line.endswith("the source makes keys of host, labels.region.") for line in lines)


@pytest.mark.parametrize("state", DeliveryState)
def test_every_state_of_a_delivery_is_told(state: DeliveryState) -> None:
    told = says(Sending("pager", state, 3, "why"))
    assert any(line.startswith("To pager it ") and line.endswith("after 3 attempts: why.") for line in told)


def test_without_rules_nothing_is_said_of_today() -> None:
    assert any("today" in line for line in says())
    assert not any("today" in line for line in says(rules=None))


@pytest.mark.parametrize(
    ("silenced_by", "said"),
    [
        ("silence-1", "It fell under the silence silence-1 when it was recorded."),
        ("downtime-1", "It fell under the downtime downtime-1 when it was recorded."),
        ("flapping-7", "It fell under the flapping of its host or service when it was recorded."),
    ],
)
def test_what_held_it_back_is_told(silenced_by: str, said: str) -> None:
    held = replace(event(), silenced_by=silenced_by)
    assert said in [line.says for line in tell(held, "native", None, (), NONE)]


@pytest.mark.parametrize(
    ("silenced_by", "holder"),
    [
        ("silence-1", "the silence silence-1"),
        ("downtime-1", "the downtime downtime-1"),
        ("flapping-7", "the flapping of its host or service"),
    ],
)
def test_what_holds_its_alert_back_now_is_told(silenced_by: str, holder: str) -> None:
    held = replace(event(), silenced_by="downtime-0", outcome=Outcome.OPENED)
    lines = tell(held, "native", None, (), NONE, alert=alert(silenced_by=silenced_by))
    said = f"Its alert is held back by {holder} now, and passed on when that is over, if it is open still."
    assert said in [line.says for line in lines]


def test_what_became_of_what_was_held_back_is_told() -> None:
    held = replace(event(), silenced_by="silence-1", outcome=Outcome.OPENED)
    sent = Sending("pager", DeliveryState.DELIVERED, 1, "")
    over = "It was passed on when that was over."
    assert over in [line.says for line in tell(held, "native", None, [sent], NONE, alert=alert())]
    resolved = tell(held, "native", None, (), NONE, alert=alert(state=AlertState.RESOLVED))
    assert "Its alert was resolved before it was passed on." in [line.says for line in resolved]
    gone = tell(held, "native", None, (), NONE)
    assert [line.about for line in gone].count("silence") == 1
    # Who heard of the problem hears of its end at once, silence or not.
    ended = replace(held, outcome=Outcome.RESOLVED)
    assert over not in [line.says for line in tell(ended, "native", None, [sent], NONE, alert=alert())]


def test_a_soft_result_is_told_to_be_soft() -> None:
    soft = replace(
        event(),
        kind=Kind.CHECK_RESULT,
        outcome=Outcome.RECORDED,
        state_type="soft",
        state="critical",
        attempt=2,
    )
    said = "It was soft, attempt 2: a problem opens its alert when it is hard."
    assert said in [line.says for line in tell(soft, "native", None, (), NONE)]
    hard = replace(soft, state_type="hard")
    assert said not in [line.says for line in tell(hard, "native", None, (), NONE)]


def test_what_tocsin_made_itself_came_in_at_no_source() -> None:
    made = replace(event(), source_id="")
    assert tell(made, "native", None, (), NONE)[0].says == "Tocsin made it by itself."


@pytest.mark.parametrize("outcome", [Outcome.RESOLVED, Outcome.ACKNOWLEDGED])
def test_an_end_goes_where_its_problem_went(outcome: Outcome) -> None:
    ended = replace(event(), outcome=outcome)
    routes = [line.says for line in tell(ended, "native", None, (), NONE) if line.about == "route"]
    assert routes == ["It goes where the problem of its alert went, whatever today's routes say."]
