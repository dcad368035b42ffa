"""Who acknowledged, as comments tell it."""

from typing import Any

from tocsin.dialects.icinga2.signing import signed


def acknowledged(host: str, service: str = "", at: float = 1000.0) -> dict[str, Any]:
    return {"type": "AcknowledgementSet", "host": host, "service": service, "timestamp": at, "comment": "?"}


def comment(author: str, at: object, host: str = "web1", service: str = "") -> dict[str, Any]:
    told = {"host_name": host, "service_name": service, "author": author}
    return told | {"text": f"of {author}", "entry_time": at}


def authors(events: list[dict[str, Any]], *comments: dict[str, Any]) -> list[tuple[object, object]]:
    return [(each.get("author"), each["comment"]) for each in signed(events, comments)]


def test_the_comment_of_the_host_or_service_says_it() -> None:
    events = [acknowledged("web1"), acknowledged("web1", "disk"), acknowledged("db1")]
    told = authors(events, comment("anna", 999.9), comment("bert", 999.9, service="disk"))
    assert told == [("anna", "of anna"), ("bert", "of bert"), (None, "?")]


def test_of_several_the_newest_says_it() -> None:
    comments = [comment("bert", 990.0), comment("anna", 999.9), comment("carl", 980.0)]
    assert authors([acknowledged("web1")], *comments) == [("anna", "of anna")]


def test_one_that_stayed_from_an_earlier_acknowledgement_does_not() -> None:
    assert authors([acknowledged("web1")], comment("bert", 900.0)) == [(None, "?")]


def test_what_is_no_time_or_no_name_is_passed_over() -> None:
    odd: dict[str, Any] = {"host_name": ["web1"], "author": None}
    assert authors([acknowledged("web1")], odd, comment("bert", "soon"), comment("eve", None)) == [
        (None, "?")
    ]
