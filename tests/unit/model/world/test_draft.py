import pytest

from tests.unit.model.world.test_world import JOBS, LOAD, things
from tocsin.model.world.documents import (
    DISCOVERED,
    Configured,
    Host,
    HostGroup,
    Keyword,
    Kind,
    MonitoringServer,
    TimePeriod,
)
from tocsin.model.world.draft import Draft, Numbers, Unfit


def draft(numbers: Numbers | None = None) -> Draft:
    known = {("web", ""): 41, ("db", ""): 42, ("heard of", ""): 77}
    return Draft("acme", things(), known, numbers or Numbers(50, 100), 9)


def test_new_things_are_numbered_and_hosts_that_were_heard_of_keep_their_number() -> None:
    numbers = Numbers(0, 100)
    opened = draft(numbers)
    made = opened.put(Kind.KEYWORD, 0, "new", Keyword())
    assert made == Configured("acme", Kind.KEYWORD, 3, "new", Keyword(), 9)
    assert opened.put(Kind.HOST, 0, "heard of", Host()).number == 77
    assert opened.put(Kind.HOST, 0, "unheard of", Host()).number == 100
    assert numbers == Numbers(4, 101)
    assert opened.named(Kind.KEYWORD, "NEW") == [made]
    # A name that was heard of stands for the host that is called so first.
    assert opened.put(Kind.HOST, 77, "otherwise", Host()).number == 77
    assert opened.put(Kind.HOST, 0, "heard of", Host()).number == 101
    opened.check()


def test_names_are_taken_once_but_for_groups_of_other_parents() -> None:
    opened = draft()
    with pytest.raises(Unfit, match="there is another host called web"):
        opened.put(Kind.HOST, 0, "WEB", Host())
    with pytest.raises(Unfit, match="there is another hostgroup called Leaf"):
        opened.put(Kind.HOST_GROUP, 0, "leaf", HostGroup(5))
    assert opened.put(Kind.HOST_GROUP, 0, "leaf", HostGroup(1)).number == 50
    renamed = opened.put(Kind.HOST, 41, "www", Host())
    assert (opened.named(Kind.HOST, "web"), opened.named(Kind.HOST, "www")) == ([], [renamed])


def test_what_is_named_stays() -> None:
    opened = draft()
    jobs, load = (opened.find(Kind.SERVICE_CHECK, number) for number in (JOBS, LOAD))
    root, web = opened.find(Kind.HOST_GROUP, 1), opened.find(Kind.HOST, 41)
    assert jobs
    assert load
    assert root
    assert web
    with pytest.raises(Unfit, match="the servicecheck Load is named by the hosttemplate Linux"):
        opened.remove([load])
    with pytest.raises(Unfit, match="every domain has the hostgroup Tocsin"):
        opened.remove([root])
    with pytest.raises(Unfit, match="the host web is named by the host db"):
        opened.remove([web])
    opened.put(Kind.HOST, 41, "web", Host())
    opened.remove([jobs])
    assert opened.find(Kind.SERVICE_CHECK, JOBS) is None
    assert opened.named(Kind.SERVICE_CHECK, "jobs") == []


def test_what_every_domain_has_can_be_changed_and_stays() -> None:
    opened = draft()
    period, server = opened.find(Kind.TIME_PERIOD, 1), opened.find(Kind.MONITORING_SERVER, 1)
    assert period
    assert server
    opened.put(Kind.TIME_PERIOD, 1, "always", TimePeriod())
    assert [each.number for each in opened.named(Kind.TIME_PERIOD, "Always")] == [1]
    assert opened.named(Kind.TIME_PERIOD, "24x7") == []
    with pytest.raises(Unfit, match="every domain has the timeperiod"):
        opened.remove([period])
    with pytest.raises(Unfit, match="the one monitoring server"):
        opened.put(Kind.MONITORING_SERVER, 0, "another", MonitoringServer())
    with pytest.raises(Unfit, match="every domain has the monitoringserver"):
        opened.remove([server])


def test_an_unsound_world_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = draft()
    opened.put(Kind.HOST_GROUP, 3, "UK", HostGroup(4))
    with pytest.raises(Unfit, match="UK would not be below"):
        opened.check()
    for host, reason in (
        (Host(parents=(41,)), "its own parent"),
        (Host(group=DISCOVERED), "no group"),
        (Host(group=0), "no group"),
    ):
        opened = draft()
        opened.put(Kind.HOST, 41, "web", host)
        with pytest.raises(Unfit, match=reason):
            opened.check()
    for limit, reason in (("SERVICE_LIMIT", "services at most"), ("THING_LIMIT", "the like at most")):
        with monkeypatch.context() as lowered:
            lowered.setattr(f"tocsin.model.world.draft.{limit}", 7)
            with pytest.raises(Unfit, match=reason):
                draft().check()
