"""What the pages say about senders, tried with the real ones: Alertmanager, Apprise and ElastAlert2."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance import elastalert
from tests.acceptance.documents import ADDRESS
from tests.acceptance.receiving import Receiving, receiving, wait_for
from tests.servers.alertmanager import running_alertmanager
from tests.unit.docs.pages import Page

OTHERS = Page("how-to/connect-other-senders.md")
ELASTALERT = """
import json, sys, yaml
from elastalert.alerters.httppost2 import HTTPPost2Alerter

asked = json.load(sys.stdin)
HTTPPost2Alerter({"name": "logins", **yaml.safe_load(asked["rule"])}).alert([asked["document"]])
"""
"""What ElastAlert2 does with a document that its search found, by a rule with the page's lines."""

FIRING = {"alertname": "DiskFull", "instance": "db1:9100", "severity": "critical"}


@pytest.fixture
def tocsin(tmp_path: Path) -> Iterator[Receiving]:
    (tmp_path / "tocsin").mkdir()
    with receiving(tmp_path / "tocsin") as running:
        yield running


def test_alertmanager_sends_with_the_configuration_of_its_page(tocsin: Receiving, tmp_path: Path) -> None:
    (configuration,) = (
        block.text
        for block in Page("how-to/connect-alertmanager.md").blocks()
        if block.language == "yaml" and "victorops_configs" in block.text
    )
    configuration = configuration.replace(ADDRESS, tocsin.server.url).replace("ACCESS_KEY", tocsin.access_key)
    quick = configuration.replace("  receiver: tocsin\n", "  receiver: tocsin\n  group_wait: 100ms\n")
    assert quick != configuration
    (tmp_path / "alertmanager").mkdir()
    with running_alertmanager(tmp_path / "alertmanager", quick) as alertmanager:
        alertmanager.post({"labels": FIRING})
        (event,) = wait_for(tocsin.events, "the alert of Alertmanager")
    assert (event["kind"], event["severity"], event["outcome"]) == ("problem", "critical", "opened")
    assert event["title"] == "DiskFull on db1:9100"
    assert event["labels"] == {"routing_key": "operations", "instance": "db1:9100"}


def test_apprise_sends_from_python_as_the_page_shows(tocsin: Receiving) -> None:
    (program,) = (block.text for block in OTHERS.blocks() if block.language == "python")
    program = program.replace(ADDRESS, tocsin.server.url).replace("@KEY/", f"@{tocsin.access_key}/")
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    (alert,) = tocsin.alerts()
    assert (alert["key"], alert["severity"], alert["title"]) == ("backup-db1", "critical", "Backup of db1")
    assert alert["labels"] == {"routing_key": "routing_key"}


def put_in(text: str, here: dict[str, str]) -> str:
    for shown, actual in here.items():
        text = text.replace(shown, actual)
    return text


def test_apprise_sends_from_the_command_line_as_the_page_shows(tocsin: Receiving) -> None:
    source = tocsin.server.create_source("scripts")
    commands = [line for block in OTHERS.blocks() for line in block.text.splitlines() if "apprise -t" in line]
    assert len(commands) == 2
    address = tocsin.server.url.removeprefix("http://")
    here = {
        ADDRESS.removeprefix("http://"): address,
        "SOURCE_ID/KEY": f"{source.id}/{source.access_key}",
        "apprise -t": f"{Path(sys.executable).parent / 'apprise'} -t",
    }
    for command in commands:
        ran = subprocess.run(put_in(command, here), shell=True, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    problem, recovery = tocsin.events()
    assert (problem["title"], problem["description"]) == ("Backup of db1", "no backup since 40 hours")
    assert (problem["kind"], problem["outcome"]) == ("problem", "opened")
    assert (recovery["kind"], recovery["outcome"]) == ("recovery", "resolved")
    assert recovery["alert_id"] == problem["alert_id"]


def test_elastalert_sends_with_the_rule_of_the_page(tocsin: Receiving) -> None:
    source = tocsin.server.create_source("logins", "native")
    (rule,) = (block.text for block in OTHERS.blocks() if block.language == "yaml")
    rule = put_in(rule, {ADDRESS: tocsin.server.url, "SOURCE_ID/KEY": f"{source.id}/{source.access_key}"})
    document = {"user": {"name": "Ann"}, "host": {"name": "web-1"}, "message": "wrong password"}
    ran = subprocess.run(
        [elastalert.python(), "-c", ELASTALERT],
        input=json.dumps({"rule": rule, "document": document}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    (event,) = tocsin.events()
    assert (event["key"], event["title"]) == ("logins/Ann", "Failed logins of Ann")
    assert (event["host"], event["outcome"]) == ("web-1", "opened")
