import pytest
from msgspec.structs import replace

from tests.unit.model.samples import source
from tocsin.dialects.cloudforet.errors import CloudforetError
from tocsin.dialects.cloudforet.plugins import FORMATS, format_of, plugin_info
from tocsin.model.source import Plugin


@pytest.mark.parametrize("plugin_id", FORMATS)
def test_a_plugin_stands_for_its_format(plugin_id: str) -> None:
    assert format_of(plugin_id, FORMATS.values()) == FORMATS[plugin_id]


def test_a_format_is_a_plugin_too() -> None:
    assert format_of("victorops", ["auto", "victorops"]) == "victorops"


@pytest.mark.parametrize(
    ("plugin_id", "text"),
    [
        (
            "plugin-zabbix-mon-webhook",
            "ERROR_NOT_SUPPORTED_PLUGIN: Plugin is not supported."
            " (plugin_id = plugin-zabbix-mon-webhook, format = zabbix)",
        ),
        ("plugin-of-mine", "ERROR_NOT_FOUND: Value not found. (plugin_id = plugin-of-mine)"),
    ],
)
def test_what_is_not_there_is_named(plugin_id: str, text: str) -> None:
    with pytest.raises(CloudforetError) as caught:
        format_of(plugin_id, ["auto"])
    assert str(caught.value) == text


def test_a_source_that_was_made_otherwise_shows_its_format() -> None:
    assert plugin_info(source(format_options={"a": 1}, same_event_seconds=600)) == {
        "plugin_id": "native",
        "version": "",
        "options": {"a": 1},
        "metadata": {"duplicate_event_time": 600},
        "upgrade_mode": "AUTO",
    }


def test_a_plugin_is_shown_as_it_was_given() -> None:
    webhook = replace(source(), plugin=Plugin("plugin-x", "1.2", "MANUAL", {"b": 2}))
    shown = plugin_info(webhook)
    assert (shown["plugin_id"], shown["version"]) == ("plugin-x", "1.2")
    assert (shown["upgrade_mode"], shown["metadata"]) == ("MANUAL", {"b": 2})
