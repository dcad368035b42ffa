"""A small configured world."""

from tocsin.model.world.documents import (
    BusinessComponent,
    BusinessService,
    Configured,
    Document,
    Host,
    HostGroup,
    HostTemplate,
    Keyword,
    Kind,
    ServiceCheck,
    ServiceGroup,
)
from tocsin.model.world.world import World


def _thing(kind: Kind, number: int, name: str, document: Document) -> Configured:
    return Configured("main", kind, number, name, document, 0)


WORLD = World(
    "main",
    [
        _thing(Kind.HOST_GROUP, 11, "Berlin", HostGroup(1)),
        _thing(Kind.HOST_GROUP, 12, "Racks", HostGroup(11)),
        _thing(Kind.HOST_GROUP, 13, "Racks", HostGroup(1)),
        _thing(Kind.KEYWORD, 21, "shop", Keyword()),
        _thing(Kind.SERVICE_GROUP, 22, "Base", ServiceGroup()),
        _thing(Kind.SERVICE_CHECK, 31, "Disk", ServiceCheck(group=22, keywords=(21,))),
        _thing(Kind.SERVICE_CHECK, 32, "Load", ServiceCheck()),
        _thing(Kind.HOST_TEMPLATE, 41, "Linux", HostTemplate(checks=(31,))),
        _thing(
            Kind.HOST,
            1,
            "web",
            Host(
                alias="the shop", address="10.0.0.1", group=12, templates=(41,), checks=(32,), keywords=(21,)
            ),
        ),
        _thing(Kind.HOST, 4, "db", Host(group=13, checks=(31,))),
        _thing(Kind.BUSINESS_COMPONENT, 51, "fronts", BusinessComponent(41, (1,))),
        _thing(Kind.BUSINESS_COMPONENT, 52, "stores", BusinessComponent(41, (4,), 50.0)),
        _thing(Kind.BUSINESS_SERVICE, 61, "the shop", BusinessService((51, 52))),
    ],
    {("web", ""): 1, ("web", "Disk"): 2, ("web", "Load"): 3, ("db", ""): 4, ("db", "Disk"): 5},
)
"""Host web (1) in Berlin/Racks with Disk (2) by a template and Load (3); db (4) in Racks with Disk (5).

The shop (61) has the Disk of both, by the components fronts (51) and stores (52).
"""
