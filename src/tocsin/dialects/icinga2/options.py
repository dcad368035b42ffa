"""What a source's format_options say of an Icinga 2."""

import re
from collections.abc import Mapping
from ssl import SSLContext, SSLError, create_default_context
from typing import Final, TypeAlias

import msgspec
from aiohttp import Fingerprint

from tocsin.dialects import format_options
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.outgoing import parse_url, trusted
from tocsin.dialects.values import type_name

FILTER_LIMIT: Final = 4_096
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")

Trust: TypeAlias = SSLContext | Fingerprint


class Options(msgspec.Struct, frozen=True):
    """How an Icinga 2 is reached.

    Attributes:
        url: of its API, such as https://icinga.example.org:5665; what is asked for comes behind it.
        user: an ApiUser there.
        ca: certificates in PEM that vouch for it; '' for those that the machine trusts.
        fingerprint: the SHA-256 of its certificate in hex, which then needs no other proof; '' for none.
        filter: an expression of Icinga's that chooses hosts and services; '' for all.
    """

    url: str
    user: str
    ca: str = ""
    fingerprint: str = ""
    filter: str = ""


_NAMES: Final = Options.__struct_fields__


def read(options: Mapping[str, object]) -> Options:
    """Read the options of a source.

    Raises:
        BadPayload: one is missing, unknown, or not as it must be.
    """
    format_options.check(options)
    for name, value in options.items():
        if name not in _NAMES:
            raise BadPayload(f"there is no option {name}, only {', '.join(_NAMES)}")
        if not isinstance(value, str):
            raise BadPayload(f"the option {name} must be a text, not {type_name(value)}")
    given = {name: str(value).strip() for name, value in options.items()}
    for name in ("url", "user"):
        if not given.get(name):
            raise BadPayload(f"the option {name} is missing")
    try:
        url = parse_url(given["url"])
    except ValueError as fault:
        raise BadPayload(f"the option url: {fault}") from None
    if url.scheme != "https":
        raise BadPayload("the option url: expected https, since a password is sent there")
    if url.userinfo or url.query or url.fragment:
        raise BadPayload("the option url: expected no user, query or fragment in it")
    if ":" in given["user"]:
        raise BadPayload("the option user: it may hold no colon")
    fingerprint = given.get("fingerprint", "").replace(":", "").lower()
    if fingerprint and not _FINGERPRINT.fullmatch(fingerprint):
        raise BadPayload("the option fingerprint: expected the SHA-256 of a certificate, 64 hex digits")
    chosen = given.get("filter", "")
    if len(chosen) > FILTER_LIMIT:
        raise BadPayload(f"the option filter: expected at most {FILTER_LIMIT} characters")
    found = Options(given["url"].rstrip("/"), given["user"], given.get("ca", ""), fingerprint, chosen)
    trust_of(found)
    return found


def trust_of(options: Options) -> Trust:
    """Give by what its certificate is believed.

    Raises:
        BadPayload: `ca` holds no certificate.
    """
    if options.fingerprint:
        return Fingerprint(bytes.fromhex(options.fingerprint))
    if not options.ca:
        return trusted()
    try:
        return create_default_context(cadata=options.ca)
    except (SSLError, ValueError):
        raise BadPayload("the option ca: expected certificates in PEM") from None
