"""What somebody does on the events page to see less, each time with another value."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from playwright.sync_api import Locator

from tests.bench.figures import Painting
from tests.bench.visit import Visit

Change: TypeAlias = Callable[[Visit, int, datetime], None]
"""Changes the filter; is told the how manieth time it is, and when the newest event was."""

_WORDS: Final = ("cleaning", '"93 %"', "grows", '"52 %"', '"old files"')
_EXPRESSIONS: Final = (
    "severity>=warning host:web-01*",
    "kind=recovery",
    "host:web-00* OR host:web-10*",
    "outcome=joined -severity=info",
    "labels.instance:web-02*",
)
_HOURS: Final = (24, 72, 6, 48, 12)


def measure_changes(visit: Visit, path: str, newest: datetime, rounds: int) -> dict[str, list[Painting]]:
    """Change the filter in every way, and back each time.

    Args:
        visit: of the console.
        path: of the events page, with the time that is looked at.
        newest: when the newest event was.
        rounds: how often.

    Returns:
        How long each took, by what was done.
    """
    visit.open(path)
    found: dict[str, list[Painting]] = {name: [] for name in CHANGES}
    for number in range(rounds):
        for name, change in CHANGES.items():
            visit.begin()
            change(visit, number, newest)
            found[name].append(visit.changed())
            visit.back()
    return found


def _severity(visit: Visit, number: int, _: datetime) -> None:
    _click(_values(visit, "severity", "Only"), number)


def _without(visit: Visit, number: int, _: datetime) -> None:
    _click(_values(visit, "severity", "Without"), number)


def _source(visit: Visit, number: int, _: datetime) -> None:
    _click(_values(visit, "source", "Only"), number)


def _host(visit: Visit, number: int, _: datetime) -> None:
    _click(_values(visit, "host", "Only"), number)


def _word(visit: Visit, number: int, _: datetime) -> None:
    _type(visit, _WORDS[number % len(_WORDS)])


def _expression(visit: Visit, number: int, _: datetime) -> None:
    _type(visit, _EXPRESSIONS[number % len(_EXPRESSIONS)])


def _time(visit: Visit, number: int, newest: datetime) -> None:
    start = newest - timedelta(hours=_HOURS[number % len(_HOURS)])
    visit.page.get_by_label("From", exact=True).fill(start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"))


CHANGES: Final[dict[str, Change]] = {
    "a severity, by a click": _severity,
    "without a severity, by a click": _without,
    "a source, by a click": _source,
    "a host, by a click": _host,
    "a word, typed": _word,
    "an expression, typed": _expression,
    "a shorter time": _time,
}
"""By name."""


def _values(visit: Visit, field: str, how: str) -> Locator:
    filters = visit.page.get_by_role("group", name="Filters")
    section = filters.locator("section", has=visit.page.get_by_role("heading", name=field, exact=True))
    return section.get_by_title(re.compile(f"^{how} "))


def _click(values: Locator, number: int) -> None:
    values.nth(number % values.count()).click()


def _type(visit: Visit, expression: str) -> None:
    field = visit.page.get_by_role("combobox", name="Expression")
    field.fill(expression)
    field.press("Enter")


def paintings(changes: dict[str, list[Painting]]) -> Iterator[Painting]:
    """Give all that were measured, whatever was done."""
    for each in changes.values():
        yield from each
