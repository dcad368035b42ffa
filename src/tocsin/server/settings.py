"""Settings: from `tocsin.toml`, `TOCSIN_*` in the environment, and flags, the later over the earlier."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from tocsin.dialects.cloudforet.public_keys import locations
from tocsin.dialects.outgoing import parse_url
from tocsin.model.granting import parse_groups
from tocsin.store.database import sqlite_url

FILE: Final = "tocsin.toml"
PREFIX: Final = "TOCSIN_"
SECRETS: Final = ("database", "admin_password", "oidc_client_secret")
"""Settings that the environment can give as a file, too: TOCSIN_ and the name in capitals and _FILE."""


class SettingsError(ValueError):
    """A setting that cannot be used. The text names it and where it stands."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that an operator can set.

    Attributes:
        host: address to listen on.
        port: port to listen on, 0 for any free one.
        grpc_port: port to listen on for gRPC, 0 for no gRPC.
        data: directory of the SQLite store.
        database: URL of the store, `postgresql://...`; '' for SQLite in `data`.
        admin_password: of the user `admin`, at the first start; '' to have one made.
        allow_undurable: start although the engine is set up so that a crash can lose events.
        synchronous: SQLite's setting of that name: FULL, or OFF together with `allow_undurable`.
        log_level: debug, info, warning or error.
        log_format: json, console, or auto: what suits where the logs go.
        message_bytes: largest body of one message.
        batch_bytes: largest body of a batch.
        body_seconds: how long a sender may take for a body, and for the head before it.
        queue_signals: signals that may wait for the next commit.
        queue_bytes: bytes of payload that may wait for it.
        batch_signals: signals in one commit.
        retention_days: days after which events are deleted, 0 for never.
        rejected_count: rejected payloads that are kept.
        objects_days: days after which a discovered object without a signal goes, 0 for never.
        object_limit: discovered objects that a domain may have.
        columnar: keep a columnar copy of the events in `data`, which counts them fast.
        private_targets: pass events on to private, loopback and link-local addresses too, and call plugins of
            webhooks there.
        public_url: where senders and browsers reach Tocsin, for the addresses of webhooks that Cloudforet's
            API shows, and for the way back from an identity provider; '' to show paths alone.
        reveal_webhooks: tell senders of events that there is no such webhook, as Cloudforet does; otherwise
            that is told like a wrong key.
        identity_keys: where the public keys of Cloudforet's identity services are: `DOMAIN=FILE_OR_URL`, one
            or several apart by blanks; '' for none.
        oidc_issuer: URL of the identity provider by which people may log in; '' for none.
        oidc_client_id: as what Tocsin is registered there.
        oidc_client_secret: by which the provider knows Tocsin.
        oidc_scopes: what the provider is asked for, apart by blanks.
        oidc_name_claim: which of its claims is the user's name.
        oidc_trust_email: where that is `email`, believe a provider that does not say whether it has verified
            an address.
        oidc_new_users_role: role, in the domain `default`, of users who are made when they first log in by
            it; '' to refuse whom nobody made.
        oidc_groups_claim: which of its claims says what groups somebody is in.
        oidc_group_roles: the role that each group gives at each log-in: `GROUP=ROLE`, one or several apart by
            commas, what counts more first; '' for roles that are given in Tocsin alone.
        oidc_log_out: whether who logs out is led to log out at the provider, too.
        oidc_label: what it is called on the log-in page.
        list_limit: events that one answer of the Cloudforet API may list, 0 for any number.
        stop_seconds: how long a stop may wait for requests in progress.
        demo: fill an empty store with a day of invented events, and go on with some more.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    grpc_port: int = 50_051
    data: str = "data"
    database: str = ""
    admin_password: str = ""
    allow_undurable: bool = False
    synchronous: str = "FULL"
    log_level: str = "info"
    log_format: str = "auto"
    message_bytes: int = 1024 * 1024
    batch_bytes: int = 16 * 1024 * 1024
    body_seconds: float = 30.0
    queue_signals: int = 50_000
    queue_bytes: int = 64 * 1024 * 1024
    batch_signals: int = 4_000
    retention_days: int = 0
    rejected_count: int = 10_000
    objects_days: int = 30
    object_limit: int = 100_000
    columnar: bool = True
    list_limit: int = 10_000
    private_targets: bool = False
    public_url: str = ""
    reveal_webhooks: bool = False
    identity_keys: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_scopes: str = "openid profile email"
    oidc_name_claim: str = "preferred_username"
    oidc_trust_email: bool = False
    oidc_new_users_role: str = ""
    oidc_groups_claim: str = "groups"
    oidc_group_roles: str = ""
    oidc_log_out: bool = False
    oidc_label: str = "single sign-on"
    stop_seconds: float = 8.0
    demo: bool = False

    @property
    def database_url(self) -> str:
        """The store's URL, whether set or following from `data`."""
        return self.database or sqlite_url(Path(self.data))

    @property
    def columnar_directory(self) -> Path | None:
        """Where the columnar copy stands; None for no copy."""
        return Path(self.data) / "columnar" if self.columnar else None


def load(
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """Read the settings.

    Args:
        flags: what the command line said; None values are left out.
        environment: the process's, or another for a test.
        file: the TOML file; `tocsin.toml` in the present directory, if there is one, where it is None.

    Raises:
        SettingsError: a file that cannot be read, an unknown name, a wrong type, or a value out of range.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, given in (
        (str(file or FILE), _of_file(file)),
        ("the environment", _of_environment(environment)),
        ("the command line", {k: v for k, v in (flags or {}).items() if v is not None}),
    ):
        values |= _checked(given, origin)
        origins |= dict.fromkeys(given, origin)
    settings = msgspec.convert(values, Settings, strict=False)
    for name, fault in _faults(settings):
        raise SettingsError(f"{name} (from {origins[name]}): {fault}")
    return settings


def _of_file(file: Path | None) -> dict[str, Any]:
    path = file or Path(FILE)
    if file is None and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise SettingsError(f"{path} cannot be read: {fault.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{path} is not TOML: {fault}") from None


def _of_environment(environment: Mapping[str, str]) -> dict[str, str]:
    named = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX)
    }
    given = {name: value for name, value in named.items() if name in Settings.__struct_fields__}
    return given | dict(_of_secret_files(environment))


def _of_secret_files(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Read the secrets whose variables name a file in their place."""
    for name in SECRETS:
        variable = f"{PREFIX}{name.upper()}"
        path = environment.get(f"{variable}_FILE", "")
        if not path:
            continue
        if variable in environment:
            raise SettingsError(f"{name} (from the environment): {variable} and {variable}_FILE are both set")
        try:
            # An editor, or echo, ends the line.
            yield name, Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as fault:
            raise SettingsError(f"{name} (from {path}): it cannot be read: {fault.strerror}") from None
        except UnicodeDecodeError:
            raise SettingsError(f"{name} (from {path}): it is not UTF-8") from None


def _checked(values: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """Make sure that each value fits its setting, so that a fault names where it stands."""
    for name, value in values.items():
        try:
            msgspec.convert({name: value}, Settings, strict=False)
        except msgspec.ValidationError as fault:
            raise SettingsError(f"{name} (from {origin}): {str(fault).partition(' - at')[0]}") from None
    return dict(values)


def _faults(settings: Settings) -> Iterator[tuple[str, str]]:
    """Give each setting whose value cannot be used, and what it should be. No default is wrong."""
    for name, choices in _CHOICES.items():
        if getattr(settings, name) not in choices:
            yield name, f"expected {' or '.join(choices)}"
    if settings.synchronous == "OFF" and not settings.allow_undurable:
        yield "synchronous", "OFF loses events in a crash; it needs allow_undurable"
    if settings.public_url and not _URL.fullmatch(settings.public_url):
        yield "public_url", "expected http://HOST or https://HOST, perhaps with a port or a path"
    try:
        locations(settings.identity_keys)
    except ValueError as fault:
        yield "identity_keys", str(fault)
    yield from _oidc_faults(settings)
    for name, (least, most) in _RANGES.items():
        if not least <= getattr(settings, name) <= most:
            yield name, f"expected a number from {least} to {most}"


def _oidc_faults(settings: Settings) -> Iterator[tuple[str, str]]:
    if not settings.oidc_issuer:
        return
    try:
        issuer = parse_url(settings.oidc_issuer)
        # Who may log in depends on it, so nobody on the way may answer in its place.
        if issuer.scheme != "https" and issuer.host not in _LOOPBACK:
            yield "oidc_issuer", "expected https://"
    except ValueError as fault:
        yield "oidc_issuer", str(fault)
    needed = ("public_url", "oidc_client_id", "oidc_client_secret", "oidc_name_claim", "oidc_label")
    missing = [name for name in needed if not getattr(settings, name)]
    if missing:
        yield "oidc_issuer", f"it needs {', '.join(missing)}"
    try:
        parse_groups(settings.oidc_group_roles)
    except ValueError as fault:
        yield "oidc_group_roles", str(fault)
    if settings.oidc_group_roles and not settings.oidc_groups_claim:
        yield "oidc_group_roles", "it needs oidc_groups_claim"
    if "openid" not in settings.oidc_scopes.split():
        yield "oidc_scopes", "expected openid among them"


_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_URL: Final = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_CHOICES: Final = {
    "synchronous": ("FULL", "OFF"),
    "log_level": ("debug", "info", "warning", "error"),
    "log_format": ("auto", "json", "console"),
}
_GIBIBYTE: Final = 1024**3
_DAYS: Final = 36_500
_SECONDS: Final = 3_600
_MANY: Final = 10**9
_RANGES: Final = {
    "port": (0, 65_535),
    "grpc_port": (0, 65_535),
    "message_bytes": (1, _GIBIBYTE),
    "batch_bytes": (1, _GIBIBYTE),
    "body_seconds": (0.1, _SECONDS),
    "queue_signals": (1, _MANY),
    "queue_bytes": (1, 1024 * _GIBIBYTE),
    "batch_signals": (1, _MANY),
    "retention_days": (0, _DAYS),
    "rejected_count": (1, _MANY),
    "objects_days": (0, _DAYS),
    "object_limit": (0, _MANY),
    "list_limit": (0, _MANY),
    "stop_seconds": (0, _SECONDS),
}
"""The least and the most of each number."""
