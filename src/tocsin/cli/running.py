"""Whether Tocsin runs where it is configured to, and how it goes with what it fetches from."""

from typing import TYPE_CHECKING, Any, Final

import httpx2
from sqlalchemy import Connection

from tocsin.cli.finding import Finding, fail, ok, warn
from tocsin.cli.moments import now
from tocsin.model.pulled import Pulled
from tocsin.query.times import format_time
from tocsin.store import directory, pulls

if TYPE_CHECKING:
    from tocsin.model.source import Source
    from tocsin.server.settings import Settings
    from tocsin.store.database import Database

ANSWER_SECONDS: Final = 5.0
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - this listens to nothing
_HOSTS: Final = "127.0.0.1, ::1 or tocsin.example.com"
_ADVICE: Final = "see to what it says, there or in the options of the source"


def server(settings: "Settings") -> Finding:
    """Ask what listens at the configured address whether it takes events. That none does is no fault."""
    if not settings.port:
        return ok("server", "listens on any free port: not asked")
    host = _EVERYWHERE.get(settings.host, settings.host)
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    try:
        with httpx2.Client(trust_env=False, timeout=ANSWER_SECONDS) as client:
            answer = client.get(f"{url}/readyz", params={"verbose": ""})
    except httpx2.ConnectError:
        return ok("server", f"none runs at {url}")
    except (httpx2.InvalidURL, UnicodeError):
        return fail("server", f"host is {settings.host!r}, which is no address", f"set it as in {_HOSTS}")
    except httpx2.HTTPError:
        return fail("server", f"{url} does not answer as it should", "look at what it logs, or start it anew")
    return _judged(url, answer)


def _judged(url: str, answer: httpx2.Response) -> Finding:
    """Tell from an answer what listens there, and how it goes with it."""
    try:
        said: dict[str, Any] = answer.json()
        troubles = [f"{each['name']}: {each['reason']}" for each in said["checks"] if not each["ok"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        return fail("server", f"what answers at {url} is no Tocsin", "set another port, or stop that")
    if troubles:
        return fail("server", f"{url} takes no events: {'; '.join(troubles)}", "look at what it logs")
    return ok("server", f"takes events at {url}")


async def fetched(database: "Database", settings: "Settings") -> Finding:
    """Look at the sources that Tocsin fetches from: since when each is connected, or why it is not."""
    # Late, for it brings the whole server.
    from tocsin.server.app import pulls as fetching

    formats = fetching(settings).keys()

    def read(connection: Connection) -> "tuple[list[Source], dict[str, Pulled]]":
        return directory.sources_in(connection, formats), pulls.pulled(connection)

    sources, found = await database.read(read)
    if not sources:
        return ok("fetched sources", "none")
    moment = now()
    told = [_told(each, found.get(each.id, Pulled(each.domain_id, each.id)), moment) for each in sources]
    detail = "; ".join(text for text, _ in told)
    advice = sorted({advice for _, advice in told if advice})
    return warn("fetched sources", detail, "; ".join(advice)) if advice else ok("fetched sources", detail)


def _told(source: "Source", pulled: Pulled, moment: int) -> tuple[str, str]:
    """Give what there is to say of a source, and what to do, '' for nothing."""
    name = f"{source.name} ({source.domain_id})"
    if since := pulled.connected_since(moment):
        return f"{name} is connected since {format_time(since)}", ""
    if moment >= pulled.leased_until:
        return f"{name}: no server fetches from it", "start `tocsin serve`"
    return f"{name} is not connected: {pulled.trouble or 'it is being asked'}", _ADVICE
