"""A target: a place to send to."""

import binascii
import secrets
from base64 import b64decode, b64encode
from enum import StrEnum
from typing import Final

import msgspec

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what secret scanners look for, no secret
_SECRET_BYTES: Final = 32
_SECRET_LEAST: Final = 24
_SECRET_MOST: Final = 64


class TargetKind(StrEnum):
    """How a target is spoken to.

    Attributes:
        VICTOROPS: as the REST endpoint of VictorOps, or of another Tocsin.
        WEBHOOK: JSON, signed after Standard Webhooks.
    """

    VICTOROPS = "victorops"
    WEBHOOK = "webhook"


class TargetOptions(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a target is sent to.

    Attributes:
        latest_only: newer states of a key overtake older ones that were not sent yet.
        timeout: seconds for one attempt, from connecting to the end of the answer.
        at_once: how many deliveries may be under way to it, each of another key.
    """

    latest_only: bool = False
    timeout: float = 10.0
    at_once: int = 16


class Target(msgspec.Struct, frozen=True):
    """A place to send to.

    Attributes:
        id: 'target-' and 12 hex digits.
        kind: the name of the sender that serves it, a `TargetKind`; a newer Tocsin may have written another.
        url: where to. Its path may hold a key, so it is shown only to whoever may configure it.
        secret: what a webhook's messages are signed with; '' where they are not.
        created_at: microseconds UTC.
    """

    id: str
    domain_id: str
    name: str
    kind: str
    url: str
    secret: str
    options: TargetOptions
    enabled: bool
    created_at: int


def new_secret() -> str:
    """Make a secret to sign with, in the form of Standard Webhooks."""
    return SECRET_PREFIX + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signing_key(secret: str) -> bytes:
    """Give the key that a secret stands for.

    Args:
        secret: `whsec_` and the base64 of 24 to 64 bytes, as Standard Webhooks has them.

    Raises:
        ValueError: it is no such secret. The error does not tell it.
    """
    try:
        key = b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(SECRET_PREFIX) or not _SECRET_LEAST <= len(key) <= _SECRET_MOST:
        lengths = f"{_SECRET_LEAST} to {_SECRET_MOST}"
        raise ValueError(f"expected {SECRET_PREFIX} and the base64 of {lengths} bytes")
    return key
