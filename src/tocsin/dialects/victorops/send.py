"""The careful way to send: tries again where that may help, and says what became of the message."""

import uuid
from datetime import datetime

import stamina

from tocsin.dialects.outgoing import (
    apost,
    check_seconds,
    encode,
    open_async_client,
    open_client,
    parse_url,
    post,
)
from tocsin.dialects.victorops.send_message import Message, build_message
from tocsin.dialects.victorops.send_result import SendResult, read_answer
from tocsin.dialects.victorops.send_retry import (
    RetriableStatusError,
    RetryDecision,
    RetryLimits,
    raise_if_worth_a_retry,
)


def send(
    url: str,
    message_type: str,
    entity_id: str = "",
    entity_display_name: str = "",
    state_message: str = "",
    timestamp: datetime | float | None = None,
    monitoring_tool: str = "",
    *,
    timeout: float = 10.0,
    attempts: int = 5,
    wait_initial: float = 1.0,
    wait_max: float = 60.0,
    total_timeout: float = 120.0,
) -> SendResult:
    """Send one message to a VictorOps REST endpoint, and try again while that may help.

    Tried again: no answer (`TransportError`), and the statuses 408, 429 and 5xx. All others are final. The
    wait doubles with each failure, is partly random, and is as long as Retry-After asks, up to `wait_max`.

    Every attempt sends the same message. An entity_id is made if none is given, so that a message that was
    taken although its answer got lost does not open a second incident.

    Args:
        url: the endpoint's URL with API key and routing key.
        message_type: CRITICAL, WARNING, INFO, ACKNOWLEDGEMENT or RECOVERY, in any letter case.
        entity_id: what the alert is about; messages with the same one belong to one incident.
        entity_display_name: the incident's title.
        state_message: the long text.
        timestamp: when this state began: a datetime (UTC if it has no zone) or seconds since 1970; now if
            None. Parts of a second are cut off.
        monitoring_tool: the name of the sender.
        timeout: seconds for each step of an attempt: to connect, to send, to wait for the answer, to read it.
        attempts: how often to send at most, the first time included.
        wait_initial: seconds to wait after the first failure.
        wait_max: the longest wait between two attempts, in seconds.
        total_timeout: seconds after which no further attempt begins; the last one is cut short at this time.

    Returns:
        What the last answer says. `accepted` is False if it was a refusal, also after the last attempt.

    Raises:
        ValueError: a bad argument; nothing was sent.
        TransportError: the last attempt got no answer.
    """
    sending = _Sending(
        url,
        build_message(
            message_type,
            entity_id=entity_id,
            entity_display_name=entity_display_name,
            state_message=state_message,
            timestamp=timestamp,
            monitoring_tool=monitoring_tool,
        ),
        timeout,
        RetryLimits(attempts, wait_initial, wait_max, total_timeout),
    )
    try:
        with open_client() as client:
            for attempt in sending.attempts:
                with attempt:
                    answer = post(client, sending.target, encode(sending.message), sending.seconds)
                    raise_if_worth_a_retry(answer)
    except RetriableStatusError as failure:
        answer = failure.answer
    return read_answer(answer.status, answer.body, sending.message["entity_id"])


async def asend(
    url: str,
    message_type: str,
    entity_id: str = "",
    entity_display_name: str = "",
    state_message: str = "",
    timestamp: datetime | float | None = None,
    monitoring_tool: str = "",
    *,
    timeout: float = 10.0,  # noqa: ASYNC109 - of each step of an attempt, not of the whole call
    attempts: int = 5,
    wait_initial: float = 1.0,
    wait_max: float = 60.0,
    total_timeout: float = 120.0,
) -> SendResult:
    """Do the same as `send` without blocking the event loop: same parameters, result and errors."""
    sending = _Sending(
        url,
        build_message(
            message_type,
            entity_id=entity_id,
            entity_display_name=entity_display_name,
            state_message=state_message,
            timestamp=timestamp,
            monitoring_tool=monitoring_tool,
        ),
        timeout,
        RetryLimits(attempts, wait_initial, wait_max, total_timeout),
    )
    try:
        async with open_async_client() as client:
            async for attempt in sending.attempts:
                with attempt:
                    answer = await apost(client, sending.target, encode(sending.message), sending.seconds)
                    raise_if_worth_a_retry(answer)
    except RetriableStatusError as failure:
        answer = failure.answer
    return read_answer(answer.status, answer.body, sending.message["entity_id"])


class _Sending:
    """One message on its way: what `send` and `asend` have in common."""

    def __init__(self, url: str, message: Message, timeout: float, limits: RetryLimits) -> None:
        self.target = parse_url(url)
        self.message = message
        self.message["entity_id"] = message["entity_id"] or str(uuid.uuid4())
        self._timeout = check_seconds("timeout", timeout)
        self._decision = RetryDecision(limits)
        self.attempts = stamina.retry_context(on=self._decision, attempts=limits.attempts, timeout=None)

    @property
    def seconds(self) -> float:
        """Timeout of an attempt that begins now."""
        return self._decision.attempt_timeout(self._timeout)
