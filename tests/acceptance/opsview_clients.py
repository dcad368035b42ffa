"""pyopsview and opsviewclient, unmodified, in an environment of their own: they want an old setuptools."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.acceptance.environments import CHECKOUT, program

CONSTRAINTS = "constraints-opsview.txt"
ENVIRONMENT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tocsin-opsview"
"""Outside of the checkout: it is the same for all."""
RUN_SECONDS = 120
_FIRST = "pyopsview"

PYOPSVIEW = """
import json, sys, warnings
warnings.simplefilter("ignore")
from pyopsview import OpsviewClient

asked = json.load(sys.stdin)
client = OpsviewClient(username=asked["user"], password=asked["password"], endpoint=asked["url"])
print(json.dumps({
    "version": client.version,
    "user": client.user_info(),
    "servers": client.server_info(),
    "reload": client.reload_status(),
    "reloaded": client.reload(),
    "answers": [client.get("/event", params=params) for params in asked["queries"]],
}))
"""
PYOPSVIEW_CONFIG = """
import json, sys, warnings
warnings.simplefilter("ignore")
from pyopsview import OpsviewClient

asked = json.load(sys.stdin)
config = OpsviewClient(username=asked["user"], password=asked["password"], endpoint=asked["url"]).config
server, = config.monitoringservers.list()
made = [getattr(config, kind).create(**members)["name"] for kind, members in asked["made"]]
print(json.dumps({
    "made": made,
    "server": server["name"],
    "names": {kind: [each["name"] for each in getattr(config, kind).list()] for kind, _ in asked["made"]},
    "service": config.bsmservices.find_one(name="shop"),
}))
"""
PYOPSVIEW_ACTS = """
import json, sys, warnings
warnings.simplefilter("ignore")
from pyopsview import OpsviewClient

asked = json.load(sys.stdin)
client = OpsviewClient(username=asked["user"], password=asked["password"], endpoint=asked["url"])
on = {"hs": asked["service"]}
said = [
    client.post("/acknowledge", params=on, data={"comment": "on it"}),
    client.delete("/acknowledge", params=on),
    client.post("/downtime", params=on, data={"starttime": "now", "duration": "2h", "comment": "repairs"}),
    client.delete("/downtime", params=on),
]
print(json.dumps({"said": said}))
"""
OPSVIEWCLIENT = """
import json, sys, warnings
warnings.simplefilter("ignore")
from opsviewclient.client import Client

asked = json.load(sys.stdin)
client = Client(username=asked["user"], password=asked["password"], endpoint=asked["url"] + "/rest/")
print(json.dumps({"answers": [client.get("event", params=params) for params in asked["queries"]]}))
"""


def run(driver: str, **asked: Any) -> dict[str, Any]:
    """Run a program with the clients' Python.

    Args:
        driver: its source; it is given what is asked as JSON, and prints JSON.
        asked: url, user, password, and what else it wants: the parameters of queries, or what is to be made.
    """
    lines = (CHECKOUT / CONSTRAINTS).read_text(encoding="utf-8").split()
    packages = [_FIRST, *(name for name in (line.partition("==")[0] for line in lines) if name != _FIRST)]
    done = subprocess.run(
        [program(ENVIRONMENT, CONSTRAINTS, packages), "-c", driver],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed
