"""Settings: file, environment, flags, the later over the earlier; a fault says where it stands."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tocsin.server.settings import PREFIX, SECRETS, Settings, SettingsError, load

NOTHING: dict[str, str] = {}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a directory of the test's own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path, text: str, name: str = "tocsin.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def fault(*given: Any, **named: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        load(*given, **named)
    return str(caught.value)


def test_there_are_defaults_for_everything() -> None:
    assert load(environment=NOTHING) == Settings()


def test_no_default_is_a_fault() -> None:
    defaults = msgspec.structs.asdict(Settings())
    assert load(defaults, NOTHING) == Settings()


def test_flags_count_more_than_the_environment_and_that_more_than_the_file(elsewhere: Path) -> None:
    written(elsewhere, 'host = "file"\nport = 1\ndata = "file"\nretention_days = 1\n')
    environment = {"TOCSIN_HOST": "environment", "TOCSIN_PORT": "2", "TOCSIN_DATA": "environment"}
    settings = load({"host": "flag", "port": 3, "data": None}, environment)
    assert (settings.host, settings.port, settings.data) == ("flag", 3, "environment")
    assert settings.retention_days == 1


def test_a_named_file_is_read_in_place_of_the_usual(elsewhere: Path) -> None:
    written(elsewhere, "port = 1")
    assert load(environment=NOTHING, file=written(elsewhere, "port = 2", "own.toml")).port == 2


NEEDED: dict[str, dict[str, Any]] = {
    "synchronous": {"allow_undurable": True},
    "oidc_issuer": {
        "public_url": "https://tocsin.example.com",
        "oidc_client_id": "tocsin",
        "oidc_client_secret": "s3cret",
    },
}
"""What a setting needs beside it."""


@pytest.mark.parametrize("name", Settings.__struct_fields__)
def test_every_setting_can_stand_in_file_and_environment(elsewhere: Path, name: str) -> None:
    others: dict[str, Any] = {"synchronous": "OFF", "log_level": "debug", "log_format": "console"}
    others |= {"identity_keys": "domain-1=/etc/key.jwk", "public_url": "https://tocsin.example.com"}
    others |= {"oidc_issuer": "https://id.example.com"}
    default = getattr(Settings(), name)
    value = others.get(name, not default if isinstance(default, bool) else type(default)(7))
    beside = NEEDED.get(name, {})
    environment = {f"{PREFIX}{name.upper()}": str(value)}
    assert getattr(load(beside, environment), name) == value
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    written(elsewhere, f"{name} = {shown}")
    assert getattr(load(beside, NOTHING), name) == value


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), ("True", True), ("false", False), ("0", False)]
)
def test_flags_of_the_environment_are_words_or_digits(text: str, value: bool) -> None:
    assert load(environment={"TOCSIN_ALLOW_UNDURABLE": text}).allow_undurable is value


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_can_stand_in_a_file_of_its_own(elsewhere: Path, name: str) -> None:
    variable = f"{PREFIX}{name.upper()}"
    file = str(written(elsewhere, "postgresql://s3cret of ours\n", "secret"))
    assert getattr(load(environment={f"{variable}_FILE": file}), name) == "postgresql://s3cret of ours"
    assert getattr(load({name: "flag"}, {f"{variable}_FILE": file}), name) == "flag"
    assert load(environment={f"{variable}_FILE": ""}) == Settings()
    both = fault(environment={f"{variable}_FILE": file, variable: "x"})
    assert both == f"{name} (from the environment): {variable} and {variable}_FILE are both set"
    away = fault(environment={f"{variable}_FILE": "/no/such/file"})
    assert away == f"{name} (from /no/such/file): it cannot be read: No such file or directory"
    (elsewhere / "secret").write_bytes(b"\xff")
    assert fault(environment={f"{variable}_FILE": file}) == f"{name} (from {file}): it is not UTF-8"


def test_other_settings_have_no_file_of_their_own(elsewhere: Path) -> None:
    file = str(written(elsewhere, "9", "port"))
    assert load(environment={"TOCSIN_PORT_FILE": file}) == Settings()


def test_other_variables_are_left_alone() -> None:
    environment = {"TOCSIN_URL": "x", "TOCSIN_TOKEN": "y", "TOCSIN_PROT": "9", "PORT": "5", "HOST": "z"}
    assert load(environment=environment) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("port", -1, "expected a number from 0 to 65535"),
        ("port", 65_536, "expected a number from 0 to 65535"),
        ("message_bytes", 0, "expected a number from 1 to 1073741824"),
        ("batch_bytes", -5, "expected a number from 1 to 1073741824"),
        ("body_seconds", 0, "expected a number from 0.1 to 3600"),
        ("stop_seconds", -1, "expected a number from 0 to 3600"),
        ("retention_days", -1, "expected a number from 0 to 36500"),
        ("rejected_count", 0, "expected a number from 1 to 1000000000"),
        ("log_level", "loud", "expected debug or info or warning or error"),
        ("log_format", "xml", "expected auto or json or console"),
        ("synchronous", "NORMAL", "expected FULL or OFF"),
        (
            "public_url",
            "example.com",
            "expected http://HOST or https://HOST, perhaps with a port or a path",
        ),
        ("identity_keys", "key.jwk", "expected DOMAIN=FILE_OR_URL, one or several apart by blanks"),
        ("synchronous", "OFF", "OFF loses events in a crash; it needs allow_undurable"),
    ],
)
def test_a_value_out_of_range_names_its_setting_and_where_it_stands(
    elsewhere: Path, name: str, value: Any, what: str
) -> None:
    assert fault({name: value}, NOTHING) == f"{name} (from the command line): {what}"
    assert fault({}, {f"TOCSIN_{name.upper()}": str(value)}) == f"{name} (from the environment): {what}"
    file = written(elsewhere, f"{name} = {value!r}", "own.toml")
    assert fault({}, NOTHING, file) == f"{name} (from {file}): {what}"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"oidc_client_id": ""}, "oidc_issuer (from the command line): it needs oidc_client_id"),
        (
            {"public_url": "", "oidc_client_secret": ""},
            "oidc_issuer (from the command line): it needs public_url, oidc_client_secret",
        ),
        ({"oidc_issuer": "http://id.example.com"}, "oidc_issuer (from the command line): expected https://"),
        (
            {"oidc_issuer": "keycloak"},
            "oidc_issuer (from the command line): url must be an http or https URL with a valid host, without"
            " white space",
        ),
        (
            {"oidc_scopes": "profile email"},
            "oidc_scopes (from the command line): expected openid among them",
        ),
    ],
)
def test_an_identity_provider_needs_what_belongs_to_it(given: dict[str, str], told: str) -> None:
    whole = {"oidc_issuer": "https://id.example.com"} | NEEDED["oidc_issuer"]
    assert fault(whole | given, NOTHING) == told
    assert load(whole | {"oidc_issuer": "http://127.0.0.1:8081/realms/x"}, NOTHING).oidc_client_id == "tocsin"


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("port", '"http"', "Expected `int`, got `str`"),
        ("port", "1.5", "Expected `int`, got `float`"),
        ("host", "5", "Expected `str`, got `int`"),
        ("allow_undurable", '"perhaps"', "Expected `bool`, got `str`"),
        ("port", "[1]", "Expected `int`, got `array`"),
        ("prot", "9000", "Object contains unknown field `prot`"),
        ("server", "{port = 9000}", "Object contains unknown field `server`"),
    ],
)
def test_a_value_of_another_type_and_an_unknown_name_are_told(
    elsewhere: Path, name: str, text: str, what: str
) -> None:
    written(elsewhere, f"{name} = {text}")
    assert fault({}, NOTHING) == f"{name} (from tocsin.toml): {what}"
    value = tomllib.loads(f"x = {text}")["x"]
    assert fault({name: value}, NOTHING, written(elsewhere, "", "empty.toml")).startswith(
        f"{name} (from the c"
    )


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_what_is_no_number_is_out_of_range(text: str) -> None:
    assert "expected a number" in fault({}, {"TOCSIN_STOP_SECONDS": text})


def test_what_is_overruled_need_not_be_right() -> None:
    assert load({"port": 5}, {"TOCSIN_PORT": "70000"}).port == 5


def test_a_secret_that_does_not_fit_is_not_shown(elsewhere: Path) -> None:
    written(elsewhere, "admin_password = 20261122")
    told = fault({}, NOTHING)
    assert told == "admin_password (from tocsin.toml): Expected `str`, got `int`"


def test_a_file_that_cannot_be_read_is_told(elsewhere: Path) -> None:
    missing = elsewhere / "missing.toml"
    assert fault({}, NOTHING, missing) == f"{missing} cannot be read: No such file or directory"
    assert fault({}, NOTHING, elsewhere) == f"{elsewhere} cannot be read: Is a directory"
    broken = written(elsewhere, "port = ", "broken.toml")
    assert fault({}, NOTHING, broken).startswith(f"{broken} is not TOML: ")
    broken.write_bytes(b'host = "\xff"')
    assert fault({}, NOTHING, broken).startswith(f"{broken} is not TOML: ")


def test_the_store_is_in_the_data_unless_it_is_elsewhere() -> None:
    assert Settings(data="here").database_url == "sqlite:///here/tocsin.db"
    assert Settings(data="here", database="postgresql:///x").database_url == "postgresql:///x"
