"""Every format takes or refuses whatever it is sent: payloads with parts taken out or put in their place."""

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.wire.test_formats import NAMES, expected, sent
from tocsin.dialects.complete import LABELS_LIMIT, LINE_LIMIT, TEXT_LIMIT
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.parsed import Parsed
from tocsin.model.identity import KEY_LIMIT, NAME_LIMIT
from tocsin.model.signal import Signal
from tocsin.model.submission import Refusal
from tocsin.server.formats import PARSERS, detect

PAYLOADS = {name: sent(name) for name in NAMES}
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
    | st.sampled_from(["x" * 30_000, "2026-11-22T08:30:00Z", "{}", "[]", '{"a":1}', "- a", "*a", "{{"])
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abcT:.", max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the way to everything that stands in a value."""
    found = []
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            found += [(*path, key), *places(inner, (*path, key))]
    return found


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, Any]:
    """Give a payload of which some parts are missing or something else."""
    name = draw(st.sampled_from(NAMES))
    payload = deepcopy(PAYLOADS[name])
    for _ in range(draw(st.integers(1, 4))):
        ways = places(payload)
        if not ways:
            break
        *way, last = draw(st.sampled_from(ways))
        container = payload
        for step in way:
            container = container[step]
        if draw(st.booleans()):
            del container[last]
        else:
            container[last] = draw(ANYTHING)
    return name, payload


@given(broken())
def test_a_broken_payload_is_taken_or_refused(case: tuple[str, Any]) -> None:
    name, payload = case
    own = name.partition("/")[0]
    for source_format in {own, detect(payload)}:
        parsed = taken(source_format, payload, expected(name).options)
        for signal in parsed.signals if source_format == own else []:
            check(signal)


@given(st.sampled_from(sorted(PARSERS)), ANYTHING, st.dictionaries(st.text(max_size=5), ANYTHING, max_size=3))
def test_anything_is_taken_or_refused(source_format: str, payload: Any, options: dict[str, Any]) -> None:
    assert taken(source_format, payload, options).format == source_format


def taken(source_format: str, payload: Any, options: dict[str, Any]) -> Parsed:
    """Parse a payload. What is refused is one refusal with a reason, as the inlet has it."""
    try:
        parsed = PARSERS[source_format](payload, {}, options)
    except BadPayload as fault:
        parsed = Parsed(source_format, [], [Refusal(0, str(fault))])
    assert all(refusal.reason for refusal in parsed.refusals)
    return parsed


def check(signal: Signal) -> None:
    """Check that a signal can be stored as it is."""
    assert 0 < len(signal.key) <= KEY_LIMIT
    assert max(len(signal.host), len(signal.service)) <= NAME_LIMIT
    assert len(signal.title) <= LINE_LIMIT
    assert len(signal.description) <= TEXT_LIMIT
    assert 0 <= signal.occurred_at < 253_402_300_800_000_000
    assert len(signal.labels) <= LABELS_LIMIT
    for name, text in signal.labels.items():
        assert len(name) <= NAME_LIMIT
        assert isinstance(text, str)
        assert len(text) <= TEXT_LIMIT
    text = "".join([signal.key, signal.title, signal.description, *signal.labels.values()])
    assert "\x00" not in text
    text.encode()
