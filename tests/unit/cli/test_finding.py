from tocsin.cli.finding import fail, ok, warn


def test_a_finding_says_what_was_found_and_what_to_do() -> None:
    assert ok("clock", "in step").item() == {
        "status": "ok",
        "check": "clock",
        "detail": "in step",
        "advice": "",
    }
    assert warn("clock", "behind", "set it").item()["advice"] == "set it"


def test_only_what_fails_is_bad() -> None:
    assert [found.is_bad for found in (ok("a", ""), warn("a", "", ""), fail("a", "", ""))] == [
        False,
        False,
        True,
    ]
