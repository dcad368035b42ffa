"""Fetching from an Icinga 2, against a small server that misbehaves as a test wants."""

import asyncio
from typing import Any

import pytest

from tests.contract.scene import Scene
from tests.unit.dialects.icinga2.fake import Fake, checked, result, standing
from tests.unit.dialects.icinga2.pulling import (
    SECONDS,
    add_source,
    connected,
    downtime,
    pulling,
    shown,
    state,
    take_back,
    told,
    trouble,
    until,
)
from tocsin.dialects.icinga2 import connection
from tocsin.dialects.icinga2.pull import Icinga2
from tocsin.hub.hub import Hub, clock
from tocsin.store import directory, pulls

pytestmark = pytest.mark.anyio


async def test_what_stands_and_what_comes_is_recorded_once(scene: Scene, icinga: Fake) -> None:
    icinga.objects["hosts"] = [standing("web1", "", result(0)), standing("new", "", None)]
    icinga.objects["services"] = [standing("web1", "disk", result(2, hard=False, attempt=2, ended=100.0))]
    await add_source(scene, icinga)
    async with pulling(scene):
        await connected(scene)
        # The first was told before all was read, the second is the one that was read.
        icinga.say(
            checked("web1", "disk", 2, hard=False, attempt=1, ended=90.0),
            checked("web1", "disk", 2, hard=False, attempt=2, ended=100.0),
            checked("web1", "disk", 2, ended=110.0),
            checked("web1", "disk", 2, ended=120.0),
            checked("web1", "", 2, ended=130.0),
            checked("web1", "", 1, ended=140.0),
        )
        rows = await told(scene, 5)
    assert rows == [
        ("web1", "recovery", "up", "hard", 1),
        ("web1/disk", "check_result", "critical", "soft", 2),
        ("web1/disk", "problem", "critical", "hard", 1),
        ("web1", "problem", "down", "hard", 1),
        ("web1", "recovery", "up", "hard", 1),
    ]
    problem = (await scene.events())[2]
    assert (problem.output, problem.labels) == ("state 2", {"perfdata": "load=1"})
    assert problem.occurred_at == 110_000_000


async def test_a_gap_is_made_up_for_once(scene: Scene, icinga: Fake) -> None:
    changed = {"acknowledgement": 1, "acknowledgement_last_change": 50.0}
    icinga.objects["hosts"] = [standing("db1", "", result(2), **changed)]
    await add_source(scene, icinga)
    rows = [("db1", "problem", "down", "hard", 1), ("db1", "acknowledgement", "down", "hard", 0)]
    for _ in range(3):
        async with pulling(scene):
            await connected(scene)
            assert await told(scene, 2) == rows


async def test_what_was_taken_back_here_stays_so_after_a_gap(scene: Scene, icinga: Fake) -> None:
    changed = {"acknowledgement": 1, "acknowledgement_last_change": 50.0}
    icinga.objects["hosts"] = [standing("db1", "", result(2), **changed)]
    running = downtime("db1")["downtime"]
    waiting = running | {"__name": "db1!!2", "start_time": 8e9}
    icinga.objects["downtimes"] = [{"attrs": running}, {"attrs": waiting}]
    source = await add_source(scene, icinga)
    async with pulling(scene) as hub:
        await connected(scene)
        await told(scene, 3)
        assert len(await hub.downtimes.unended(source.domain_id)) == 2
        await take_back(hub, source)
        await told(scene, 5)
        for number in range(2):
            icinga.hang_up()
            await trouble(scene)
            await connected(scene)
            # It comes after all that was read.
            icinga.say(checked("db1", f"disk{number}", 2, ended=200.0))
            await told(scene, 6 + number)
            assert await hub.downtimes.unended(source.domain_id) == []
    kinds = [kind for _, kind, *_ in await told(scene, 7)]
    assert kinds[3:5] in (["acknowledgement_end", "downtime_end"], ["downtime_end", "acknowledgement_end"])
    assert kinds[5:] == ["problem", "problem"]


async def test_a_gap_is_kept_with_what_was_missed_in_it(scene: Scene, icinga: Fake) -> None:
    icinga.objects["hosts"] = [standing("db1", "", result(0))]
    await add_source(scene, icinga)
    began = clock()
    async with pulling(scene):
        await connected(scene)
        # What is read first of all was not missed.
        assert await shown(scene) == []
        icinga.say(checked("db1", "", 2, ended=200.0))
        await told(scene, 2)
        icinga.objects["hosts"] = [standing("db1", "", result(0, ended=300.0))]
        icinga.objects["services"] = [standing("db1", "disk", result(2)), standing("db1", "load", None)]
        icinga.objects["downtimes"] = [{"attrs": downtime("db1")["downtime"]}]
        icinga.hang_up()
        assert "ended the stream" in await trouble(scene)
        found = await state(scene)
        assert found.failed_at < found.next_attempt_at
        (gap,) = await shown(scene)
        assert (gap.ended_at, gap.differences) == (0, 0)
        assert "ended the stream" in gap.reason
        await connected(scene)
    # The host's end, the service's problem and the downtime.
    assert [(each.began_at, each.differences) for each in await shown(scene)] == [(gap.began_at, 3)]
    (closed,) = await shown(scene)
    assert began < closed.began_at < found.failed_at < closed.ended_at


async def test_a_restart_is_a_gap_too(scene: Scene, icinga: Fake) -> None:
    await add_source(scene, icinga)
    for number in range(3):
        async with pulling(scene):
            await connected(scene)
            found = await shown(scene)
            assert len(found) == number
            assert all((each.ended_at > each.began_at, each.reason) == (True, "") for each in found)


async def test_what_is_recorded_before_a_second_failure_counts_for_the_same_gap(
    scene: Scene, icinga: Fake
) -> None:
    await add_source(scene, icinga)
    async with pulling(scene):
        await connected(scene)
        icinga.objects["hosts"] = [standing("db1", "", result(2))]
        icinga.bodies["services"] = b"<html>"
        icinga.hang_up()

        async def look() -> bool:
            return "its services" in (await state(scene)).trouble

        await until(look)
        (gap,) = await shown(scene)
        assert (gap.ended_at, gap.differences) == (0, 1)
        assert "ended the stream" in gap.reason
        del icinga.bodies["services"]
        icinga.objects["services"] = [standing("db1", "disk", result(2))]
        await connected(scene)
    (closed,) = await shown(scene)
    assert (closed.began_at, closed.differences, closed.reason) == (gap.began_at, 2, gap.reason)
    assert closed.ended_at > gap.began_at


def comment(author: str, text: str, at: float, host: str = "db1", service: str = "") -> dict[str, Any]:
    told = {"author": author, "text": text, "entry_time": at, "host_name": host, "service_name": service}
    return {"type": "Comment", "attrs": told}


async def acknowledgements(scene: Scene) -> list[tuple[str, str, str]]:
    return [(e.key, e.author, e.comment) for e in await scene.events() if e.kind == "acknowledgement"]


async def test_who_acknowledged_in_a_gap_is_asked_for(scene: Scene, icinga: Fake) -> None:
    changed = {"acknowledgement": 1, "acknowledgement_last_change": 500.0}
    icinga.objects["hosts"] = [standing("db1", "", result(2), **changed)]
    icinga.objects["services"] = [standing("db1", "disk", result(2), **changed)]
    icinga.objects["comments"] = [
        comment("bert", "of an earlier one", 300.0),
        comment("anna", "on it", 499.9),
        comment("carl", "disk is mine", 499.9, service="disk"),
    ]
    await add_source(scene, icinga)
    async with pulling(scene):
        await connected(scene)
        assert await acknowledgements(scene) == [
            ("db1", "anna", "on it"),
            ("db1/disk", "carl", "disk is mine"),
        ]
    assert icinga.questions["comments"]["filter"] == "comment.entry_type == 4"


async def test_where_nobody_may_be_asked_who_acknowledged_it_is_recorded_all_the_same(
    scene: Scene, icinga: Fake
) -> None:
    changed = {"acknowledgement": 1, "acknowledgement_last_change": 500.0}
    icinga.objects["hosts"] = [standing("db1", "", result(2), **changed)]
    icinga.refused.add("comments")
    await add_source(scene, icinga)
    async with pulling(scene):
        await connected(scene)
        (told_of,) = await acknowledgements(scene)
    assert told_of == ("db1", "", "acknowledged in Icinga while Tocsin did not follow it")


async def test_without_an_acknowledgement_no_comment_is_read(scene: Scene, icinga: Fake) -> None:
    icinga.objects["hosts"] = [standing("db1", "", result(2))]
    await add_source(scene, icinga)
    async with pulling(scene):
        await connected(scene)
    assert "comments" not in icinga.questions


async def test_broken_lines_are_kept_and_the_rest_is_taken(scene: Scene, icinga: Fake) -> None:
    await add_source(scene, icinga)
    async with pulling(scene):
        await connected(scene)
        icinga.say_bytes(b'{"type": "CheckRes', b'ult"}\nno json\n[1]\n{"type":"Odd"}\n\n')
        icinga.say(checked("web1", "disk", 7), checked("", "disk", 2), checked("web1", "disk", 2))
        assert await told(scene, 1) == [("web1/disk", "problem", "critical", "hard", 1)]
        assert await scene.count("rejected") == 6
        assert (await state(scene)).trouble == ""


async def test_after_an_end_it_connects_again(scene: Scene, icinga: Fake) -> None:
    await add_source(scene, icinga)
    async with pulling(scene) as hub:
        await connected(scene)
        icinga.objects["services"] = [standing("web1", "disk", result(2))]
        icinga.hang_up()
        assert "ended the stream" in await trouble(scene)
        assert await told(scene, 1) == [("web1/disk", "problem", "critical", "hard", 1)]
        await connected(scene)
        assert (await state(scene)).trouble == ""
        assert hub.metrics.registry.get_sample_value("tocsin_pulls_connected") == 1
        assert hub.metrics.registry.get_sample_value("tocsin_pull_failures_total", {"format": "icinga2"}) == 1


async def test_a_silent_stream_is_opened_anew_without_a_fuss(scene: Scene, icinga: Fake) -> None:
    await add_source(scene, icinga)
    async with pulling(scene, idle_seconds=0.1):

        async def look() -> bool:
            return icinga.streams >= 3

        await until(look)
        assert (await state(scene)).trouble == ""
        # One in which nothing was missed is no gap.
        assert all(not each.ended_at for each in await shown(scene))
        icinga.objects["hosts"] = [standing("db1", "", result(2))]

        async def differs() -> bool:
            return any(each.ended_at for each in await shown(scene))

        await until(differs)
        assert [(each.differences, each.reason) for each in await shown(scene) if each.ended_at] == [(1, "")]


async def test_a_line_without_end_is_not_read_on(
    scene: Scene, icinga: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LINE_LIMIT", 1000)
    await add_source(scene, icinga)
    async with pulling(scene):
        await connected(scene)
        icinga.say_bytes(b"x" * 1001)
        assert "longer than 1000 bytes" in await trouble(scene)


async def test_what_does_not_answer_in_time_is_given_up(
    scene: Scene, icinga: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 0.2)

    async def never(_: Any) -> Any:
        await asyncio.sleep(SECONDS)

    monkeypatch.setattr(icinga, "_stream", never)
    await add_source(scene, icinga)
    async with pulling(scene):
        assert "did not answer within 0.2 s" in await trouble(scene)


@pytest.mark.parametrize("body", [b'{"results": [{}', b"<html>", b'{"results": [{"attrs": "\xff"}]}'])
async def test_what_is_no_answer_of_icinga_is_told(scene: Scene, icinga: Fake, body: bytes) -> None:
    icinga.bodies["services"] = body
    await add_source(scene, icinga)
    async with pulling(scene):
        assert "its services are not what Icinga's API answers" in await trouble(scene)


async def test_a_wrong_password_is_told_without_it(scene: Scene, icinga: Fake) -> None:
    await add_source(scene, icinga, secret="wrong password")
    async with pulling(scene):
        said = await trouble(scene)
    assert "status 401 for events: the user or the password is not taken" in said
    assert "wrong" not in said


async def test_redirects_are_not_followed(scene: Scene, icinga: Fake) -> None:
    icinga.status = 302
    await add_source(scene, icinga)
    async with pulling(scene):
        assert "status 302 for events: redirects are not followed" in await trouble(scene)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"fingerprint": "ab" * 32}, "another fingerprint"),
        ({"fingerprint": ""}, "nothing vouches for its certificate"),
        ({"url": "https://127.0.0.1:1"}, "no answer from 127.0.0.1:1"),
    ],
)
async def test_what_is_not_believed_or_not_there_is_told(
    scene: Scene, icinga: Fake, options: dict[str, Any], reason: str
) -> None:
    await add_source(scene, icinga, **options)
    async with pulling(scene):
        assert reason in await trouble(scene)
    assert not icinga.streams


async def test_an_authority_of_its_own_vouches_for_it(scene: Scene, icinga: Fake) -> None:
    await add_source(scene, icinga, fingerprint="", ca=icinga.certificates.authority)
    async with pulling(scene):
        await connected(scene)


async def test_private_addresses_are_the_operators_to_allow(scene: Scene, icinga: Fake) -> None:
    await add_source(scene, icinga)
    async with pulling(scene, private=False):
        assert "private_targets" in await trouble(scene)
    assert not icinga.streams


async def test_of_two_nodes_one_fetches_and_the_other_takes_over(scene: Scene, icinga: Fake) -> None:
    await add_source(scene, icinga)
    by_format = {"icinga2": Icinga2(allow_private=True)}
    first, second = Hub(scene.database, pulls=by_format), Hub(scene.database, pulls=by_format)
    await first.start()
    try:
        await connected(scene)
        if not scene.database.is_sqlite:
            await second.puller.start()
            await asyncio.sleep(0.2)
        assert icinga.streams == 1
    finally:
        await first.stop()
    if scene.database.is_sqlite:
        await second.puller.start()
    try:
        await connected(scene)
        assert icinga.streams == 2
    finally:
        await second.puller.stop()


async def test_a_disabled_source_is_left_alone(scene: Scene, icinga: Fake) -> None:
    source = await add_source(scene, icinga)
    async with pulling(scene):
        await connected(scene)
        await scene.database.write(lambda connection: directory.delete_source(connection, source))

        async def look() -> bool:
            return not await scene.database.read(pulls.pulled)

        await until(look)
        await asyncio.sleep(2.5)
        icinga.say(checked("web1", "disk", 2))
        await asyncio.sleep(0.2)
        assert await scene.events() == []
