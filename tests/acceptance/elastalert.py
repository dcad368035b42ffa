"""ElastAlert2 in an environment of its own: it wants older libraries than Tocsin."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.acceptance.environments import CHECKOUT, program

ENVIRONMENT = CHECKOUT / ".venv-elastalert"
RUN_SECONDS = 60

PACKAGES = [
    "elastalert2",
    "pytz",
    "aws-requests-auth",
    "boto3",
    "botocore",
    "certifi",
    "charset-normalizer",
    "elasticsearch",
    "idna",
    "jinja2",
    "jmespath",
    "markupsafe",
    "prettytable",
    "python-dateutil",
    "pyyaml",
    "requests",
    "s3transfer",
    "six",
    "sortedcontainers",
    "texttable",
    "urllib3",
    "wcwidth",
]
"""ElastAlert2 and what its VictorOps alerter imports; what the other alerters want is half a gigabyte."""

DRIVER = """
import json, sys
from elastalert.alerters.victorops import VictorOpsAlerter
from elastalert.ruletypes import AnyRule

asked = json.load(sys.stdin)
rule = asked["rule"]
rule["type"] = AnyRule(rule)
rule["type"].add_data([asked["document"]])
alerter = VictorOpsAlerter(rule)
alerter.url = alerter.url.replace("https://alert.victorops.com", asked["address"])
alerter.alert(rule["type"].matches)
"""
"""What ElastAlert2 does with a document that its search found; only the address, fixed there, is another."""


def python() -> Path:
    """Give the Python of its environment."""
    return program(ENVIRONMENT, "constraints-elastalert.txt", PACKAGES)


def alert(address: str, rule: dict[str, Any], document: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Let a rule that matches every document match one, and its VictorOps alerter send.

    Args:
        address: where to send, in place of VictorOps's.
        rule: as a rule's file says.
        document: of Elasticsearch.
    """
    return subprocess.run(
        [python(), "-c", DRIVER],
        input=json.dumps({"address": address, "rule": rule, "document": document}),
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )
