"""The filter of a source that fetches from an Icinga 2: what it chooses, and that it is asked for again."""

import pytest

from tests.contract.scene import Scene
from tests.unit.dialects.icinga2.fake import Fake, checked, result, standing
from tests.unit.dialects.icinga2.pulling import (
    add_source,
    connected,
    downtime,
    pulling,
    take_back,
    told,
    trouble,
    until,
)
from tocsin.dialects.icinga2 import pull

pytestmark = pytest.mark.anyio

CHOSEN = 'service.name == "disk"'


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
        await take_back(hub, source)
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
