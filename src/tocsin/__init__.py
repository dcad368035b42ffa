"""Tocsin: a self-hosted hub for monitoring events.

The public names are looked up when they are first used, so that `import tocsin` loads nothing else:

- `Client`, `AsyncClient`: speak to a Tocsin; `Event`, `Alert` and `Receipt` are what they give,
  `ClientError`, `Unreachable`, `Refused` and `NotAllowed` how they fail, `BackOff` how long they wait.
- `TocsinHandler`: a handler of `logging` that sends what is logged.
- `job`: reports how a block or a function ends.
- `victorops`: send alerts to VictorOps (Splunk On-Call), or to a Tocsin; needs no server.
- `__version__`: the version of the installed package.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.client.async_client import AsyncClient
    from tocsin.client.back_off import BackOff
    from tocsin.client.client import Client
    from tocsin.client.errors import ClientError, NotAllowed, Refused, Unreachable
    from tocsin.client.job import job
    from tocsin.client.log_handler import TocsinHandler
    from tocsin.client.records import Alert, Event, Receipt
    from tocsin.dialects import victorops

    __version__: str

__all__ = [
    "Alert",
    "AsyncClient",
    "BackOff",
    "Client",
    "ClientError",
    "Event",
    "NotAllowed",
    "Receipt",
    "Refused",
    "TocsinHandler",
    "Unreachable",
    "__version__",
    "job",
    "victorops",
]

# Public name -> where it lives, as pkgutil.resolve_name reads it: "package.module" or "package.module:name".
_PLACES = {
    "Alert": "tocsin.client.records:Alert",
    "AsyncClient": "tocsin.client.async_client:AsyncClient",
    "BackOff": "tocsin.client.back_off:BackOff",
    "Client": "tocsin.client.client:Client",
    "ClientError": "tocsin.client.errors:ClientError",
    "Event": "tocsin.client.records:Event",
    "NotAllowed": "tocsin.client.errors:NotAllowed",
    "Receipt": "tocsin.client.records:Receipt",
    "Refused": "tocsin.client.errors:Refused",
    "Unreachable": "tocsin.client.errors:Unreachable",
    "TocsinHandler": "tocsin.client.log_handler:TocsinHandler",
    "job": "tocsin.client.job:job",
    "victorops": "tocsin.dialects.victorops",
}


def __getattr__(name: str) -> object:
    """Load a public name at its first use (PEP 562)."""
    value: object
    if name == "__version__":
        from importlib.metadata import version

        value = version("tocsin")
    elif name in _PLACES:
        from pkgutil import resolve_name

        value = resolve_name(_PLACES[name])
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names too, before their first use."""
    return sorted({*globals(), *__all__})
