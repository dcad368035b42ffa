"""A real spacectl against a running Tocsin: it learns by reflection what there is to ask."""

import json
from collections.abc import Iterator

import pytest

from tests.acceptance.spacectl import Spacectl
from tests.servers.tocsin import Tocsin, running_tocsin


@pytest.fixture(scope="module")
def tocsin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tocsin]:
    """Run a server with gRPC that has two events."""
    with running_tocsin(tmp_path_factory.mktemp("tocsin"), grpc=True) as server:
        source = server.create_source("hook", "native")
        for title, severity in (("Disk full", "critical"), ("Load high", "warning")):
            data = {"key": title, "title": title, "severity": severity}
            create = {"webhook_id": source.id, "access_key": source.access_key, "data": data}
            answer = server.request("POST", "/monitoring/v1/event/create", json=create)
            assert answer.status_code == 200, answer.text
        yield server
        assert server.terminate() == 0


@pytest.fixture(scope="module")
def spacectl(tocsin: Tocsin, tmp_path_factory: pytest.TempPathFactory) -> Spacectl:
    """Give a spacectl that asks the server."""
    return Spacectl(tmp_path_factory.mktemp("home"), tocsin.grpc_address, tocsin.token)


def test_it_lists_events(spacectl: Spacectl) -> None:
    found = json.loads(spacectl.run("list", "monitoring.Event", "-p", "severity=WARNING", "-o", "json"))
    assert found["total_count"] == 1
    (event,) = found["results"]
    assert (event["title"], event["severity"], event["event_type"]) == ("Load high", "WARNING", "ALERT")
    table = spacectl.run("list", "monitoring.Event")
    assert "Disk full" in table
    assert "Count: 2 / 2" in table


def test_it_counts_events(spacectl: Spacectl) -> None:
    group = {
        "keys": [{"key": "severity", "name": "severity"}],
        "fields": [{"name": "count", "operator": "count"}],
    }
    query = {"aggregate": [{"group": group}, {"sort": {"key": "severity"}}]}
    asked = json.dumps({"domain_id": "default", "query": query})
    found = json.loads(spacectl.run("stat", "monitoring.Event", "-j", asked, "-o", "json"))
    assert found["results"] == [{"severity": "CRITICAL", "count": 1}, {"severity": "WARNING", "count": 1}]
