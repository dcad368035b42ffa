"""Fetching from an Icinga 2, against a small server that misbehaves as a test wants."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.contract.scene import Scene
from tests.unit.dialects.icinga2.fake import PASSWORD, USER, Fake, answering, checked, result, standing
from tocsin.dialects.icinga2 import connection, pull
from tocsin.dialects.icinga2.pull import Icinga2
from tocsin.hub.hub import Hub, clock
from tocsin.hub.objects import Act
from tocsin.model.audit import Author
from tocsin.model.pulled import Gap, Pulled
from tocsin.model.signal import Kind
from tocsin.model.source import Source, SourceOptions
from tocsin.model.submission import Payload
from tocsin.store import directory, gaps, pulls

pytestmark = pytest.mark.anyio

SECONDS = 8


@pytest.fixture
async def icinga() -> AsyncIterator[Fake]:
    async with answering() as fake:
        yield fake


async def add_source(scene: Scene, fake: Fake, secret: str = PASSWORD, **options: Any) -> Source:
    """Make a source that fetches from a server."""
    given = {"url": fake.url, "user": USER, "fingerprint": fake.certificates.fingerprint} | options

    def work(connection: Connection) -> Source:
        return directory.create_source(
            connection,
            domain_id="main",
            project_id=scene.source.project_id,
            name="icinga",
            source_format="icinga2",
            now=scene.clock(),
            options=SourceOptions(format_options=given),
            secret=secret,
        )

    return await scene.database.write(work)


@asynccontextmanager
async def pulling(scene: Scene, *, private: bool = True, idle_seconds: float = 60) -> AsyncIterator[Hub]:
    fetching = Icinga2(allow_private=private, idle_seconds=idle_seconds)
    async with Hub(scene.database, pulls={"icinga2": fetching}).running() as hub:
        yield hub


async def state(scene: Scene) -> Pulled:
    found = await scene.database.read(pulls.pulled)
    return next(iter(found.values()), Pulled("", ""))


async def shown(scene: Scene) -> list[Gap]:
    """Give the gaps that are kept, the newest first."""
    found = await scene.database.read(lambda connection: gaps.gaps(connection, "main"))
    return next(iter(found.values()), [])


async def until(look: Callable[[], Any]) -> Any:
    """Look until there is something true to give."""
    async with asyncio.timeout(SECONDS):
        while not (found := await look()):  # noqa: ASYNC110 -- what is waited for is in the store
            await asyncio.sleep(0.02)
    return found


async def connected(scene: Scene) -> None:
    async def look() -> bool:
        return bool((await state(scene)).connected_at)

    await until(look)


async def trouble(scene: Scene) -> str:
    async def look() -> str:
        return (await state(scene)).trouble

    found: str = await until(look)
    return found


async def told(scene: Scene, number: int) -> list[tuple[str, str, str, str, int]]:
    """Give the events once there are so many, each as name, kind, state, its type and attempt."""

    async def look() -> bool:
        return len(await scene.events()) >= number

    await until(look)
    return [(e.key, e.kind, e.state, e.state_type, e.attempt) for e in await scene.events()]


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


CHOSEN = 'service.name == "disk"'


def downtime(host: str, service: str = "") -> dict[str, Any]:
    times = {"start_time": 1.0, "end_time": 9e9, "fixed": True}
    name = f"{host}!{service}!1"
    told = {"__name": name, "host_name": host, "service_name": service, **times}
    return {"type": "DowntimeAdded", "downtime": told}


async def test_of_the_stream_only_what_the_filter_chooses_is_taken(scene: Scene, icinga: Fake) -> None:
    icinga.objects["services"] = [standing("web1", "disk", result(0))]
    await add_source(scene, icinga, filter=CHOSEN)
    async with pulling(scene):
        await connected(scene)
        icinga.say(checked("web1", "load", 2), checked("web1", "", 2))
        icinga.say(downtime("web1"), downtime("web1", "disk"), checked("web1", "disk", 2, ended=200.0))
        # A downtime begins by itself, so that it may come after the problem.
        assert sorted((key, kind) for key, kind, *_ in await told(scene, 3)) == [
            ("web1/disk", "downtime_start"),
            ("web1/disk", "problem"),
            ("web1/disk", "recovery"),
        ]
    assert {kind: asked.get("filter") for kind, asked in icinga.questions.items()} == dict.fromkeys(
        ["hosts", "services", "downtimes"], CHOSEN
    )
    # What asks for a service is no error where hosts are asked for.
    assert icinga.questions["hosts"]["filter_vars"] == {"service": None}


async def chosen_anew(icinga: Fake) -> None:
    """Wait until it has been asked again which hosts and services are chosen."""

    async def look() -> bool:
        return "downtimes" in icinga.questions

    icinga.questions.clear()
    icinga.say(checked("elsewhere", "", 0))
    await until(look)


async def test_what_is_chosen_is_asked_for_again(
    scene: Scene, icinga: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "CHOICE_SECONDS", 0.0)
    icinga.objects["services"] = [standing("web1", "disk", result(0))]
    await add_source(scene, icinga, filter=CHOSEN)
    async with pulling(scene):
        await connected(scene)
        icinga.objects["services"] = [standing("db1", "disk", result(2))]
        icinga.objects["downtimes"] = [{"attrs": downtime("db1", "disk")["downtime"]}]
        await chosen_anew(icinga)
        icinga.say(checked("db1", "disk", 2, ended=100.0), checked("web1", "disk", 2, ended=200.0))
        icinga.say(checked("db1", "disk", 0, ended=200.0))
        # A downtime begins by itself, so that it may come after what the stream says.
        assert sorted((key, kind) for key, kind, *_ in await told(scene, 4)) == [
            ("db1/disk", "downtime_start"),
            ("db1/disk", "problem"),
            ("db1/disk", "recovery"),
            ("web1/disk", "recovery"),
        ]


async def test_that_it_is_asked_again_what_is_chosen_hides_nothing_of_the_stream(
    scene: Scene, icinga: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "CHOICE_SECONDS", 0.0)
    icinga.objects["services"] = [standing("web1", "disk", result(0))]
    await add_source(scene, icinga, filter=CHOSEN)
    async with pulling(scene):
        await connected(scene)
        # When it is asked again, all of this has happened: half is in hand, and half will come.
        icinga.objects["services"] = [standing("web1", "disk", result(0, ended=140.0))]
        icinga.say(checked("web1", "disk", 2, ended=110.0), checked("web1", "disk", 0, ended=120.0))
        await told(scene, 3)
        await chosen_anew(icinga)
        icinga.say(checked("web1", "disk", 2, ended=130.0), checked("web1", "disk", 0, ended=140.0))
        await told(scene, 5)
        found = [(each.state, each.occurred_at // 1_000_000) for each in await scene.events()]
    assert found == [("ok", 100), ("critical", 110), ("ok", 120), ("critical", 130), ("ok", 140)]


async def test_what_was_taken_back_here_stays_so_when_it_is_asked_again_what_is_chosen(
    scene: Scene, icinga: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "CHOICE_SECONDS", 0.0)
    changed = {"acknowledgement": 1, "acknowledgement_last_change": 50.0}
    icinga.objects["hosts"] = [standing("db1", "", result(2), **changed)]
    icinga.objects["downtimes"] = [{"attrs": downtime("db1")["downtime"]}]
    source = await add_source(scene, icinga, filter=CHOSEN)
    async with pulling(scene) as hub:
        await connected(scene)
        await told(scene, 3)
        present = await hub.objects.named(source.domain_id, [("db1", "")])
        payload = Payload("native", "application/json", {}, b"{}")
        taken_back = Act(Kind.ACKNOWLEDGEMENT_END, "anna", "", payload)
        assert await hub.objects.act(source.domain_id, present, taken_back)
        assert await hub.downtimes.cancel(source.domain_id, list, Author("anna", "", clock()))
        await told(scene, 5)
        for _ in range(2):
            await chosen_anew(icinga)
        icinga.say(checked("db1", "", 0, ended=200.0))
        kinds = [kind for _, kind, *_ in await told(scene, 6)]
    assert sorted(kinds) == [
        "acknowledgement",
        "acknowledgement_end",
        "downtime_end",
        "downtime_start",
        "problem",
        "recovery",
    ]


async def test_a_filter_that_icinga_does_not_understand_is_told(scene: Scene, icinga: Fake) -> None:
    icinga.understands = False
    await add_source(scene, icinga, filter='hots.name == "web1"')
    async with pulling(scene):
        said = await trouble(scene)
    assert "status 404 for hosts: it cannot evaluate the option filter" in said
    assert "hots" not in said


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
