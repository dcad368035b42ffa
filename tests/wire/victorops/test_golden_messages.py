"""Every message as its sender sends it, byte for byte, and the signal that it says.

`sent/SENDER-MESSAGE.json` is the body of the request. `signals/` has a file of the same name: the routing key
of the path, and the signal's fields apart from those with their default.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tocsin.dialects.json_body import decode
from tocsin.dialects.victorops.parse import parse
from tocsin.model.signal import Signal

HERE = Path(__file__).parent
NAMES = sorted(path.name for path in (HERE / "sent").iterdir())

SENDERS = {
    *(
        "alertmanager",
        "appdynamics",
        "apprise",
        "checkmk",
        "curl",
        "elastalert2",
        "flux",
        "go-library",
        "grafana",
    ),
    *("healthchecks", "kapacitor", "librenms", "sensu-core", "sensu-go", "seq", "signalfx", "splunk-itsi"),
    *("uptime-kuma", "zabbix"),
}


class Expected(msgspec.Struct, forbid_unknown_fields=True):
    """What a message says: the routing key of its path, and the signal without defaults."""

    routing_key: str
    signal: dict[str, Any]


def expected(name: str) -> Expected:
    return msgspec.json.decode((HERE / "signals" / name).read_bytes(), type=Expected)


def said(signal: Signal) -> dict[str, Any]:
    plain = msgspec.to_builtins(signal)
    default = msgspec.to_builtins(Signal(kind=signal.kind, key=""))
    return {name: value for name, value in plain.items() if name == "kind" or value != default[name]}


@pytest.mark.parametrize("name", NAMES)
def test_the_message_says_this_signal(name: str) -> None:
    wanted = expected(name)
    document = decode((HERE / "sent" / name).read_bytes())
    assert said(parse(document, wanted.routing_key, make_key=lambda: "made-key")) == wanted.signal


def test_every_message_has_its_signal() -> None:
    assert sorted(path.name for path in (HERE / "signals").iterdir()) == NAMES


def test_every_sender_is_there() -> None:
    found = {sender for name in NAMES for sender in SENDERS if name.startswith(f"{sender}-")}
    assert found == SENDERS


@pytest.mark.parametrize(
    ("problem", "end"),
    [
        ("alertmanager-firing", "alertmanager-resolved"),
        ("apprise-failure", "apprise-success"),
        ("grafana-firing", "grafana-resolved"),
        ("healthchecks-down", "healthchecks-up"),
        ("kapacitor-critical", "kapacitor-recovery-json-data"),
        ("librenms-critical", "librenms-recovery"),
        ("uptime-kuma-down", "uptime-kuma-up"),
        ("zabbix-problem", "zabbix-recovery"),
    ],
)
def test_the_recovery_finds_its_problem(problem: str, end: str) -> None:
    opened, resolved = expected(f"{problem}.json").signal, expected(f"{end}.json").signal
    assert (opened["kind"], resolved["kind"]) == ("problem", "recovery")
    assert opened["key"] == resolved["key"]
