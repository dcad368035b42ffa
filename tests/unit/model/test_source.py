import msgspec
import pytest

from tocsin.model.source import SourceOptions


def test_options_say_only_what_differs_from_the_default() -> None:
    assert msgspec.json.encode(SourceOptions()) == b"{}"
    assert msgspec.json.encode(SourceOptions(warning_opens=False)) == b'{"warning_opens":false}'


def test_options_are_read_back() -> None:
    options = SourceOptions(
        warning_opens=False, source_time=True, identity=("host", "labels.a"), rate_limit=5
    )
    assert msgspec.json.decode(msgspec.json.encode(options), type=SourceOptions) == options
    assert msgspec.json.decode(b"{}", type=SourceOptions) == SourceOptions()


@pytest.mark.parametrize(
    "text", [b'{"warnings_open":false}', b'{"warning_opens":"no"}', b'{"identity":"host"}', b"[]"]
)
def test_a_mistake_in_options_is_told(text: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=SourceOptions)
