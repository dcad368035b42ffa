"""Send the last reported value of cpu_idle, and how bad it is, to VictorOps.

This is the example of Flux's `victorops.event()` in Python. The value comes from InfluxDB's v1-compatible
query API, which InfluxDB 1.x, 2.x and 3.x serve.

Environment:
    INFLUX_URL: where InfluxDB is, such as http://127.0.0.1:8086
    INFLUX_DB: the database, or the bucket that is mapped to it
    INFLUX_TOKEN: a token that may read it; not needed where InfluxDB asks for none
    VICTOROPS_API_KEY, VICTOROPS_ROUTING_KEY: the keys of the REST integration
    VICTOROPS_URL: the endpoint without the keys, if it is another one: a Tocsin, say
"""

import os
import sys

import httpx2

from tocsin import victorops

QUERY = 'SELECT last("usage_idle") FROM "cpu" WHERE time > now() - 1m'
VICTOROPS_URL = "https://alert.victorops.com/integrations/generic/00000000/alert"


def required(name: str) -> str:
    """Return an environment variable, or end the program."""
    value = os.environ.get(name, "")
    if not value:
        sys.exit(f"Set {name}.")
    return value


def last_reported() -> float:
    """Return the newest usage_idle of the last minute in percent, or end the program."""
    url, database = required("INFLUX_URL"), required("INFLUX_DB")
    token = os.environ.get("INFLUX_TOKEN")
    try:
        answer = httpx2.get(
            f"{url.rstrip('/')}/query",
            params={"db": database, "q": QUERY},
            headers={"Authorization": f"Token {token}"} if token else {},
        )
        answer.raise_for_status()
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        sys.exit(f"InfluxDB cannot be asked: {error}")
    result = answer.json()["results"][0]
    if "error" in result:
        sys.exit(f"InfluxDB refuses the query: {result['error']}")
    if "series" not in result:
        sys.exit(f"No usage_idle of cpu was reported to {database} in the last minute. Nothing was sent.")
    idle: float
    _time, idle = result["series"][0]["values"][0]
    return idle


def message_type(idle: float) -> str:
    """Say how bad a cpu_idle is, in percent."""
    if idle < 1.0:
        return "CRITICAL"
    if idle < 5.0:
        return "WARNING"
    return "INFO"


def main() -> None:
    """Read, decide, send."""
    api_key, routing_key = required("VICTOROPS_API_KEY"), required("VICTOROPS_ROUTING_KEY")
    base = os.environ.get("VICTOROPS_URL", VICTOROPS_URL).rstrip("/")
    idle = last_reported()
    try:
        status = victorops.event(
            f"{base}/{api_key}/{routing_key}",
            message_type=message_type(idle),
            entity_id="example-alert-1",
            entity_display_name="Example Alert 1",
            state_message=f"Last reported cpu_idle was {idle}.",
        )
    except victorops.TransportError as error:
        sys.exit(f"Not sent: {error}")
    if not 200 <= status < 300:
        sys.exit(f"Refused with HTTP status {status}.")
    print(f"Sent as {message_type(idle)}: cpu_idle is {idle}.")


if __name__ == "__main__":
    main()
