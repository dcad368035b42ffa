"""Events of Icinga 2's stream -> signals.

After the types of its API, https://icinga.com/docs/icinga-2/latest/doc/12-icinga2-api/#event-streams. Whether
a result is soft or hard, and which attempt it is, Icinga has decided. A StateChange says no more than the
CheckResult that made it.
"""

from collections.abc import Mapping
from typing import Final

from tocsin.dialects.check_result import check_result
from tocsin.dialects.complete import LINE_LIMIT, TEXT_LIMIT
from tocsin.dialects.document import Document
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.parsed import ITEMS_LIMIT, Parsed
from tocsin.model.checking import SERVICE_STATES
from tocsin.model.identity import NAME_LIMIT
from tocsin.model.monitored import DOWN, HARD, SOFT, UNREACHABLE, UP, key_of
from tocsin.model.severity import Severity
from tocsin.model.signal import Kind, Signal
from tocsin.model.submission import Refusal

FORMAT: Final = "icinga2"
CHECK_RESULT: Final = "CheckResult"
ACKNOWLEDGED: Final = "AcknowledgementSet"
CLEARED: Final = "AcknowledgementCleared"
STICKY: Final = 2
"""The acknowledgement_type of one that stays until all is well."""

_MOST_ATTEMPTS: Final = 1_000_000


def parse(document: object, _: Mapping[str, str], __: Mapping[str, object]) -> Parsed:
    """Read one event, or several in an array.

    Raises:
        BadPayload: there is none, or the only one cannot be read.
    """
    events = document if isinstance(document, list) else [document]
    if not events:
        raise BadPayload("there is no event in it")
    if len(events) > ITEMS_LIMIT:
        raise BadPayload(f"it holds {len(events)} events: at most {ITEMS_LIMIT} are taken")
    parsed = Parsed(FORMAT, [], [])
    for index, event in enumerate(events):
        try:
            # As it is, for an acknowledgement that names no service is the host's.
            signal = _signal(Document(event, f"events[{index}]"))
        except BadPayload as fault:
            if len(events) == 1:
                raise
            parsed.refusals.append(Refusal(index, str(fault)))
        else:
            signal.index = index
            parsed.signals.append(signal)
    return parsed


def recognises(document: object) -> bool:
    """Say whether a document looks like an event of Icinga's stream."""
    return isinstance(document, dict) and document.get("type") == CHECK_RESULT and "check_result" in document


def names_of(event: Document) -> tuple[str, str]:
    """Give the host and the service that an event is about; the service is '' for the host itself.

    Raises:
        BadPayload: it names no host, or a name is too long.
    """
    host, service = event.need("host"), event.text("service")
    if max(len(host), len(service)) > NAME_LIMIT:
        raise BadPayload(f"{event.path('host')}: a name has at most {NAME_LIMIT} characters")
    return host, service


def number(values: Document, name: str, most: int) -> int:
    """Give a whole number from 0 on. Icinga writes some with a point.

    Raises:
        BadPayload: it is none, or above the most.
    """
    value = values.values.get(name)
    if not isinstance(value, int | float) or value != value // 1 or not 0 <= value <= most:
        raise BadPayload(f"{values.path(name)}: expected a number from 0 to {most}")
    return int(value)


def state_of(after: Document, service: str) -> str:
    """Give the state that a check left its host (service '') or service in.

    Raises:
        BadPayload: it has none.
    """
    found = number(after, "state", 3)
    if service:
        return SERVICE_STATES[found]
    if found < 2:  # of what a host's check gives, Icinga takes a warning for up
        return UP
    return DOWN if after.values.get("reachable", True) else UNREACHABLE


def _signal(event: Document) -> Signal:
    kind = event.text("type")
    if kind == CHECK_RESULT:
        return _checked(event)
    if kind in {ACKNOWLEDGED, CLEARED}:
        return _acknowledged(event, is_set=kind == ACKNOWLEDGED)
    raise BadPayload(
        f"{event.path('type')}: nothing is made of {kind[:NAME_LIMIT] or 'an event without one'}"
    )


def _checked(event: Document) -> Signal:
    host, service = names_of(event)
    result = event.need_part("check_result")
    after = result.need_part("vars_after")
    signal = check_result(
        host,
        service,
        state_of(after, service),
        result.text("output"),
        at=result.time("execution_end"),
        tool=FORMAT,
        performance=_performance(result),
    )
    signal.state_type = HARD if number(after, "state_type", 1) else SOFT
    signal.attempt = number(after, "attempt", _MOST_ATTEMPTS)
    signal.is_active = bool(result.values.get("active"))
    return signal


def _performance(result: Document) -> str:
    given = result.values.get("performance_data")
    return " ".join(each for each in given if isinstance(each, str)) if isinstance(given, list) else ""


def _acknowledged(event: Document, *, is_set: bool) -> Signal:
    host, service = names_of(event)
    key = key_of(host, service)
    sticky = is_set and number(event, "acknowledgement_type", STICKY) == STICKY
    return Signal(
        kind=Kind.ACKNOWLEDGEMENT if is_set else Kind.ACKNOWLEDGEMENT_END,
        key=key,
        severity=Severity.NONE,
        title=f"{key}: {'acknowledged' if is_set else 'acknowledgement taken back'}",
        host=host,
        service=service,
        author=event.text("author")[:LINE_LIMIT],
        comment=event.text("comment")[:TEXT_LIMIT],
        window_end=event.time("expiry"),
        sticky=sticky,
        until_change=is_set and not sticky,
        occurred_at=event.time("timestamp"),
        source_tool=FORMAT,
    )
