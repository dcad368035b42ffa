from collections import Counter

from tocsin.server.demo_story import DAY, FLAPPER, SOURCES, STORM, TROUBLES, Message, Story
from tocsin.server.formats import PARSERS

NOW = 1_772_359_200.0


def day(seed: int = 7) -> list[Message]:
    return Story(seed).day(NOW)


def test_the_same_seed_tells_the_same() -> None:
    assert day(7) == day(7)
    assert day(7) != day(8)


def test_a_day_is_told_in_order_and_over_all_sources() -> None:
    times = [message.at for message in day()]
    assert times == sorted(times)
    assert NOW - DAY <= times[0] < NOW - DAY / 2
    assert times[-1] < NOW
    assert {message.source for message in day()} == set(SOURCES)


def test_every_message_is_understood_with_its_time() -> None:
    kinds: Counter[str] = Counter()
    for message in day():
        parsed = PARSERS[SOURCES[message.source]](message.document, {}, {})
        (signal,) = parsed.signals
        assert parsed.refusals == []
        assert signal.host
        assert abs(signal.occurred_at / 1_000_000 - message.at) <= 1
        kinds[signal.kind] += 1
    assert set(kinds) == {"problem", "recovery", "acknowledgement", "info"}
    assert kinds["acknowledgement"] >= 5


def test_a_trouble_has_one_key_from_its_beginning_to_its_end() -> None:
    keys = set()
    for message in day():
        (signal,) = PARSERS[SOURCES[message.source]](message.document, {}, {}).signals
        keys.add((message.source, signal.key))
    named = {(trouble.source, trouble.key) for trouble in (*TROUBLES, *STORM, FLAPPER)}
    assert keys == {*named, ("deploys", "shop/deploy")}


def test_what_follows_ends_what_is_open_and_begins_what_is_not() -> None:
    story = Story(7)
    standing: dict[str, str] = {}
    for message in story.day(NOW):
        (signal,) = PARSERS[SOURCES[message.source]](message.document, {}, {}).signals
        if signal.kind in {"problem", "recovery"}:
            standing[signal.key] = signal.kind
    assert "problem" in standing.values()
    for step in range(100):
        message = story.following(NOW + step)
        (signal,) = PARSERS[SOURCES[message.source]](message.document, {}, {}).signals
        assert signal.kind == ("recovery" if standing[signal.key] == "problem" else "problem")
        standing[signal.key] = signal.kind
