import httpx2
import pytest

from tests.unit.client.fake_tocsin import TOKEN
from tocsin.client.errors import Unreachable
from tocsin.client.server_address import ServerAddress


@pytest.mark.parametrize("url", [" ", "localhost:8080", "ftp://localhost", "http://", "http://[::1"])
def test_an_address_that_is_none_is_a_value_error(url: str) -> None:
    with pytest.raises(ValueError, match=r"^url: .*address"):
        ServerAddress.of(url, "")


def test_a_token_is_stripped() -> None:
    assert ServerAddress.of("http://h", f" {TOKEN}\n").headers == {"Authorization": f"Bearer {TOKEN}"}
    assert ServerAddress.of("http://h", " ").headers == {}


@pytest.mark.parametrize("token", ["s3cret\nX: y", "s3cret x", "s3crét", "s3cret\x7f"])
def test_what_cannot_be_a_token_is_not_told(token: str) -> None:
    with pytest.raises(ValueError, match="token: it has only visible ASCII") as caught:
        ServerAddress.of("http://127.0.0.1", token)
    assert "s3c" not in str(caught.value)


def test_without_an_address_the_environment_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_URL", "http://hub:9000")
    monkeypatch.setenv("TOCSIN_TOKEN", TOKEN)
    found = ServerAddress.of("", "")
    assert (found.host, dict(found.headers)) == ("hub:9000", {"Authorization": f"Bearer {TOKEN}"})
    assert ServerAddress.of("", "other").headers == {"Authorization": "Bearer other"}
    monkeypatch.delenv("TOCSIN_URL")
    assert ServerAddress.of("", "").host == "127.0.0.1:8080"


def test_a_token_of_the_environment_goes_to_no_other_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_TOKEN", TOKEN)
    assert ServerAddress.of("http://elsewhere", "").headers == {}


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (httpx2.ReadTimeout("x"), "hub did not answer in time"),
        (httpx2.ReadError(""), "no answer from hub: ReadError"),
    ],
)
def test_a_broken_connection_passes(failure: Exception, text: str) -> None:
    with (
        pytest.raises(Unreachable, match=f"^{text}$") as caught,
        ServerAddress.of("http://hub", "").connection(),
    ):
        raise failure
    assert caught.value.passing
