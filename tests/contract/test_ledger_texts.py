"""Whatever a sender writes comes back as it was, byte for byte, and finds its alert again."""

import pytest
from msgspec.structs import asdict

from tests.contract.scene import Scene, problem, recovery
from tocsin.model.event import Event
from tocsin.model.receipt import Outcome
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Link, Signal

pytestmark = pytest.mark.anyio

ODD = {
    "emoji": "🚨🔥👩‍🚒",
    "sharp s": "Straße",
    "dotted i": "İstanbul \u0131I",
    "final sigma": "ΣΊΣΥΦΟΣ",
    "ligature": "ﬃ ﬁ",
    "right to left": "\u202e\u05e2\u05d1\u05e8\u05d9\u05ea \u200fعربى",
    "decomposed": "e\u0301 n\u0303",
    "composed": "é ñ",
    "wildcards": "100% of_it *?",
    "backslash": "C:\\dir\\%_\\\\",
    "quotes": "'; drop table event; -- \"\" `x` $$ $1 :a ?",
    "json": '{"a": ["\\u0041", null]}',
    "array": "{a,b},NULL,\"c\\\"\"",
    "control": "tab\tline\nreturn\r\x01\x7f\x85",
    "spaces": "  both ends \u00a0\u3000 ",
    "number": "007",
    "word": "null",
    "noncharacter": "\ufffe\uffff\U0010ffff",
}  # fmt: skip


def full(text: str) -> Signal:
    """Make a signal with a text in every field that takes one."""
    return Signal(
        Kind.PROBLEM,
        key=text,
        severity=Severity.ERROR,
        title=text,
        description=text,
        host=text,
        service=text,
        rule=text,
        resource_id=text,
        resource_type=text,
        resource_name=text,
        provider=text,
        account=text,
        image_url=text,
        links=[Link(text, text, "image")],
        labels={text: text, "plain": text},
        source_tool=text,
        author=text,
        comment=text,
        output=text,
        attempt=3,
        markdown=True,
        window_start=-1,
        window_end=2**62,
        occurred_at=1,
    )


def said(signal: Signal) -> dict[str, object]:
    """Give what of a signal stands in its event under the same name."""
    # Its state and the type of it are those of the object, whatever was sent.
    same = {*Event.__struct_fields__} - {"state", "state_type"}
    return {name: value for name, value in asdict(signal).items() if name in same}


async def test_odd_texts_come_back_as_they_were(scene: Scene) -> None:
    for number, text in enumerate(ODD.values()):
        signal = full(text)
        wanted = said(signal) | {"alert_seq": 3 * number + 1}
        outcomes = [
            receipt.outcome
            for each in (signal, full(text), recovery(text))
            for receipt in await scene.record(each)
        ]
        assert outcomes == [Outcome.OPENED, Outcome.JOINED, Outcome.RESOLVED]
        found = asdict((await scene.events())[3 * number])
        assert {name: found[name] for name in wanted} == wanted
        alert = (await scene.alerts())[-1]
        assert (alert.key, alert.title, alert.host, alert.service, alert.rule) == (text,) * 5
        assert alert.labels == signal.labels
        assert {(each.host, each.service) for each in await scene.objects()} >= {(text, ""), (text, text)}


async def test_texts_that_only_look_alike_are_different_keys(scene: Scene) -> None:
    keys = [
        "é",
        "e\u0301",
        "ß",
        "ss",
        "SS",
        "disk",
        "Disk",
        "disk ",
        "İ",
        "i̇",
        "a%",
        "a_",
        "ab",
        "\\",
        "\\\\",
    ]
    receipts = await scene.record(*map(problem, keys))
    assert [receipt.outcome for receipt in receipts] == [Outcome.OPENED] * len(keys)
    receipts = await scene.record(*map(problem, keys))
    assert [receipt.alert_seq for receipt in receipts] == list(range(1, len(keys) + 1))


async def test_long_texts_come_back_whole(scene: Scene) -> None:
    long = "🚨 ß " * 250_000
    names = "".join(chr(0x10000 + n) for n in range(512))
    signal = problem(
        names, description=long, output=long, labels={"long": long}, host=names[:255], service=names[255:510]
    )
    await scene.record(signal)
    (receipt,) = await scene.record(recovery(names))
    event, _ = await scene.events()
    assert receipt.outcome == Outcome.RESOLVED
    assert (event.description, event.output, event.labels) == (long, long, {"long": long})
    assert (event.key, event.host, event.service) == (names, names[:255], names[255:510])


async def test_the_names_of_hosts_and_services_are_cut_where_objects_are_known_by_them(scene: Scene) -> None:
    await scene.record(problem("disk", host="h" * 300, service="s" * 300))
    (event,) = await scene.events()
    assert (event.host, event.service) == ("h" * 255, "s" * 255)


async def test_a_batch_of_all_odd_texts_at_once_keeps_them_apart(scene: Scene) -> None:
    texts = list(ODD.values())
    await scene.record(*map(full, texts))
    receipts = await scene.record(*map(recovery, texts))
    assert [receipt.outcome for receipt in receipts] == [Outcome.RESOLVED] * len(texts)
    assert [event.title for event in await scene.events()][: len(texts)] == texts
