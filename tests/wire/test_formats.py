"""Payloads as their senders send them, and the signals that they say.

`FORMAT/sent/` has the body of a request, in JSON or, of a format that is none, as text. `FORMAT/signals/` has
a file of the same name: the `format_options` of the source, what the format is detected as where that is
another one, what is to be confirmed, and the signals without defaults.
"""

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tocsin.dialects.json_body import decode
from tocsin.model.signal import Signal
from tocsin.server.formats import PARSERS, READERS, detect

HERE = Path(__file__).parent
PARTS = ("sent", "signals")
TAKEN = sorted(PARSERS.keys() - {"native", "victorops"})
NAMES = sorted(
    f"{path.parent.parent.name}/{path.stem}" for name in TAKEN for path in (HERE / name / "sent").iterdir()
)
TEXTS = sorted(f"{name}/{path.stem}" for name in READERS for path in (HERE / name / "sent").iterdir())


class Expected(msgspec.Struct, forbid_unknown_fields=True):
    """What a payload says."""

    signals: list[dict[str, Any]]
    options: dict[str, Any] = {}
    detected: str = ""
    confirm: str = ""


def sent(name: str) -> Any:
    source_format, _, stem = name.partition("/")
    return decode((HERE / source_format / "sent" / f"{stem}.json").read_bytes())


def expected(name: str) -> Expected:
    source_format, _, stem = name.partition("/")
    return msgspec.json.decode(
        (HERE / source_format / "signals" / f"{stem}.json").read_bytes(), type=Expected
    )


def said(signal: Signal) -> dict[str, Any]:
    plain = msgspec.to_builtins(signal)
    default = msgspec.to_builtins(Signal(kind=signal.kind, key=""))
    return {name: value for name, value in plain.items() if name == "kind" or value != default[name]}


@pytest.mark.parametrize("name", NAMES)
def test_the_payload_says_these_signals(name: str) -> None:
    wanted = expected(name)
    parsed = PARSERS[name.partition("/")[0]](sent(name), {}, wanted.options)
    assert (parsed.format, parsed.refusals) == (name.partition("/")[0], [])
    assert parsed.confirm == wanted.confirm
    assert [said(signal) for signal in parsed.signals] == wanted.signals


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_says_these_signals(name: str) -> None:
    source_format, _, stem = name.partition("/")
    parsed = READERS[source_format]((HERE / source_format / "sent" / f"{stem}.txt").read_bytes())
    assert (parsed.format, parsed.refusals) == (source_format, [])
    assert [said(signal) for signal in parsed.signals] == expected(name).signals


@pytest.mark.parametrize("name", NAMES)
def test_the_payload_is_recognised(name: str) -> None:
    assert detect(sent(name)) == (expected(name).detected or name.partition("/")[0])


@pytest.mark.parametrize("name", [*TAKEN, *READERS])
def test_every_payload_has_its_signals(name: str) -> None:
    payloads, signals = (sorted(path.stem for path in (HERE / name / part).iterdir()) for part in PARTS)
    assert payloads == signals != []


@pytest.mark.parametrize(
    ("problem", "end"),
    [
        ("alertmanager/firing-two", "alertmanager/resolved"),
        ("azure/common-fired", "azure/common-resolved"),
        ("azure/metric-activated", "azure/metric-deactivated"),
        ("cloudwatch/alarm", "cloudwatch/ok-raw-delivery"),
        ("cloudwatch/health-issue-eventbridge", "cloudwatch/health-closed"),
        ("datadog/triggered", "datadog/recovered"),
        ("google_cloud/open", "google_cloud/closed"),
        ("grafana/legacy-alerting", "grafana/legacy-ok"),
        ("grafana/unified-firing", "grafana/unified-resolved"),
        ("naver/detected", "naver/resolved"),
        ("oci/firing", "oci/ok"),
        ("opscruise/open", "opscruise/closed"),
        ("zabbix/problem", "zabbix/resolved"),
    ],
)
def test_the_recovery_finds_its_problem_and_its_object(problem: str, end: str) -> None:
    opened, resolved = expected(problem).signals[0], expected(end).signals[0]
    assert (opened["kind"], resolved["kind"]) == ("problem", "recovery")
    for name in ("key", "host", "service"):
        assert opened.get(name) == resolved.get(name)


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("grafana/legacy-alerting", "58.0:5.0:93.0:1.0"),
        ("grafana/unified-per-notification", '{}:{alertname="High latency"}'),
        ("zabbix/problem", "10445:7458"),
        ("cloudwatch/alarm", "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu-high"),
        ("cloudwatch/per-dimension", "123456789012:shop:cpu-high"),
        ("cloudwatch/per-dimension-time-bucket", "123456789012:i-0abc1234def567890:cpu-high:299222700"),
        ("docker_hub/push", "acme/shop:v1.0.0"),
    ],
)
def test_a_key_is_the_digest_of_what_names_the_problem(name: str, named: str) -> None:
    digest = hashlib.md5(named.encode(), usedforsecurity=False).hexdigest()
    assert expected(name).signals[0]["key"] == digest
