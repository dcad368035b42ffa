"""What AWS sends, in the envelope of SNS or without it -> signals."""

from collections.abc import Mapping
from typing import Final

from tocsin.dialects import format_options, sns
from tocsin.dialects.cloudwatch import alarm, health
from tocsin.dialects.complete import complete
from tocsin.dialects.document import Document
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.parsed import Parsed, one

FORMAT: Final = "cloudwatch"
PER_DIMENSION: Final = "per_dimension"
"""The option that makes a signal of each dimension of an alarm, with a key of its own."""
TIME_BUCKET: Final = "time_bucket"
"""The option that puts the ten minutes of the change into these keys, as Cloudforet's plugin does."""


def recognises(document: object) -> bool:
    """Say whether a document is an envelope of SNS, an alarm of CloudWatch or an event of AWS Health."""
    return isinstance(document, dict) and (
        sns.is_envelope(document) or _is_alarm(document) or _is_health(document)
    )


def parse(document: object, _: Mapping[str, str], options: Mapping[str, object]) -> Parsed:
    """Give the signals of a payload.

    Args:
        document: the payload.
        options: `per_dimension` and `time_bucket` (booleans).

    Raises:
        BadPayload: it is neither an alarm nor an event of AWS Health, or what makes its key is missing.
    """
    message, place = Document(document), "the body"
    if sns.is_envelope(message.values):
        if sns.is_subscription(message):
            return sns.subscription(FORMAT, message)
        message, place = message.embedded("Message"), "Message"
    if _is_alarm(message.values):
        if format_options.flag(options, PER_DIMENSION):
            signals = alarm.signals_of_dimensions(
                message, time_bucket=format_options.flag(options, TIME_BUCKET)
            )
            return Parsed(FORMAT, [complete(signal) for signal in signals])
        return one(FORMAT, alarm.signal_of(message))
    if _is_health(message.values):
        return one(FORMAT, health.signal_of(message))
    raise BadPayload(f"{place} is neither an alarm (AlarmName) nor an event of AWS Health (source)")


def _is_alarm(values: Mapping[str, object]) -> bool:
    return {"AlarmName", "NewStateValue"} <= values.keys()


def _is_health(values: Mapping[str, object]) -> bool:
    return values.get("source") == "aws.health" and "detail" in values
