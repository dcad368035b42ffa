"""A server in trouble, whose log a test reads: run as `python -m tests.unit.server.noisy STYLE`.

Its standard output is the secrets that nobody may find in its log, a line for each.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import text

from tests.unit.server.in_process import ADDRESS, Served, Tenant, serving_on_sqlite
from tocsin.hub.recorder import Recorder
from tocsin.server import logs
from tocsin.server.settings import Settings

MESSAGE = {"message_type": "CRITICAL", "entity_id": "disk", "host_name": "db1"}


async def ask_everything(served: Served, tenant: Tenant) -> None:
    """Ask with every kind of credential, in every place where one can stand, well and badly."""
    key = tenant.source.access_key
    message = MESSAGE | {"VO_ORGANIZATION_KEY": key, "api_key": key}
    bodies = (json.dumps(message).encode(), b"{" + key.encode(), b"\xff" + key.encode())
    paths = (
        f"/in/{tenant.source.id}/{key}",
        f"/in/{tenant.source.id}/{key}x",
        f"/integrations/generic/1/alert/{key}/{key}",
        f"/integrations/generic/1/alert/{key}/a/b",
        "/integrations/zabbix/1/alert",
        f"/{key}",
        f"/api/v1/alerts/{key}",
        f"/api/v1/events?q={key}",
    )
    transport = httpx2.ASGITransport(served.application, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=ADDRESS) as client:
        for credential in (tenant.token, key, f"{tenant.token}x"):
            headers = {"Authorization": f"Bearer {credential}"}
            for body in bodies:
                for path in (*paths, "/api/v1/events", "/api/v1/tokens", "/api/v1/sources"):
                    await client.post(path, content=body, headers=headers)
                    await client.get(path, headers=headers)


async def main(folder: Path, style: str) -> None:
    """Serve, and fail in every way."""
    logs.configure("debug", style)
    async with serving_on_sqlite(folder, Settings(message_bytes=300)) as served:
        tenant = await served.new_tenant()
        print(tenant.token, tenant.source.access_key, sep="\n", flush=True)
        await ask_everything(served, tenant)
        sound = Recorder.record

        async def broken(recorder: Recorder, submission: Any) -> Any:
            raise RuntimeError("a fault in the code")

        setattr(Recorder, "record", broken)  # noqa: B010 - a method of another shape
        await ask_everything(served, tenant)
        setattr(Recorder, "record", sound)  # noqa: B010
        # From now on every batch fails, at a statement whose values hold the body.
        await served.hub.database.write(lambda c: c.execute(text("drop table payload")))
        await served.hub.database.write(lambda c: c.execute(text("drop table rejected")))
        await ask_everything(served, tenant)
        await served.hub.database.write(lambda c: c.execute(text("drop table source")))
        await ask_everything(served, tenant)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(main(Path(name), sys.argv[1]))
