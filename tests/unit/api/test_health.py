"""Health, readiness and metrics: open to all, and never telling a secret."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.contract.trouble import FullDisk
from tests.unit.server.in_process import Served, Tenant, serving_on_sqlite

pytestmark = pytest.mark.anyio

DISK = {"key": "disk", "title": "Disk full"}


async def samples(served: Served) -> dict[str, float]:
    """Give every figure by name and labels."""
    text = (await served.client.get("/metrics")).text
    return {
        f"{sample.name}{list(sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_it_is_healthy(served: Served) -> None:
    answer = await served.client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_it_is_ready(served: Served) -> None:
    answer = await served.client.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\n")


NAMES = ("store", "recorder", "dispatcher", "directory")


@pytest.mark.parametrize("query", ["verbose", "verbose=", "verbose=1"])
async def test_it_says_what_it_looked_at(served: Served, query: str) -> None:
    answer = await served.client.get(f"/readyz?{query}")
    checks = [{"name": name, "ok": True, "reason": ""} for name in NAMES]
    checks.append({"name": "columnar", "ok": True, "reason": "off"})
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "checks": checks})


async def test_it_says_why_it_is_not_ready(tmp_path: Path) -> None:
    async with serving_on_sqlite(tmp_path) as served:
        tenant = await served.new_tenant()
        with FullDisk(tmp_path / "tocsin.db").lasting():
            lost = await tenant.ask("POST", "/api/v1/events", json=DISK | {"description": "x" * 20_000})
            assert lost.status_code == 503
            answer = await served.client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["ready"] is False
        failed = {check["name"]: check["reason"] for check in answer.json()["checks"] if not check["ok"]}
        assert any("disk" in reason for reason in failed.values()), failed


async def test_everything_is_counted(tmp_path: Path) -> None:
    async with serving_on_sqlite(tmp_path) as served:
        tenant = await served.new_tenant()
        await tenant.send(DISK, DISK, DISK | {"kind": "recovery"}, {})
        await tenant.refuse("POST", "/api/v1/events", content=b"{")
        path = f"/integrations/generic/1/alert/{tenant.source.access_key}"
        await served.client.post(path, json={"message_type": "INFO"})
        await served.client.post(f"{path}x", json={"message_type": "INFO"})
        found = await samples(served)
        assert found["tocsin_signals_received_total['native']"] == 3
        assert found["tocsin_signals_received_total['victorops']"] == 1
        outcomes = {"opened": 1, "joined": 1, "resolved": 1, "recorded": 1}
        for outcome, count in outcomes.items():
            assert found[f"tocsin_signals_recorded_total['{outcome}']"] == count
        assert found["tocsin_signals_rejected_total['bad_payload']"] == 1
        assert found["tocsin_signals_rejected_total['unknown_key']"] == 1
        assert found["tocsin_commit_seconds_count[]"] == found["tocsin_batch_signals_count[]"] == 3
        assert found["tocsin_commit_failures_total[]"] == 0
        assert found["tocsin_queue_signals[]"] == found["tocsin_queue_bytes[]"] == 0
        assert found["tocsin_feed_listeners[]"] == 0


async def test_figures_hold_no_secret(tenant: Tenant) -> None:
    key = tenant.source.access_key
    await tenant.send(DISK)
    for path in (f"/in/{tenant.source.id}/{key}", f"/integrations/generic/1/alert/{key}/{key}"):
        await tenant.served.client.post(path, content=b"{")
    text = (await tenant.served.client.get("/metrics")).text
    for secret in (key, tenant.token, tenant.id, tenant.source.id):
        assert secret not in text
