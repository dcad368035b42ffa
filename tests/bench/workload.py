"""The loads that are compared, as scripts for wrk."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from tests.bench.scene import Scene

_SCRIPTS: Final = Path(__file__).with_name("lua")


class Workload(msgspec.Struct, frozen=True):
    """A way to send alarms.

    Attributes:
        name: what it is called in the results.
        connections: how many are kept open, each sending again when it is answered.
        size: alarms in a request.
    """

    name: str
    connections: int
    size: int


SINGLE_8: Final = Workload("single, 8 connections", 8, 1)
SINGLE_64: Final = Workload("single, 64 connections", 64, 1)
BATCHES: Final = Workload("batches of 1000, 8 connections", 8, 1000)
WORKLOADS: Final = (SINGLE_8, SINGLE_64, BATCHES)


def for_tocsin(workload: Workload, scene: Scene) -> str:
    """Give the script that sends a load to Tocsin: singles as VictorOps's messages, batches as its own."""
    if workload.size == 1:
        paths = [
            f"/integrations/generic/20131114/alert/{source.access_key}/bench" for source in scene.sources
        ]
        return _script("victorops", PATHS=paths)
    ids = [source.id for source in scene.sources]
    return _script("native", SOURCES=ids, TOKEN=scene.token, SIZE=workload.size)


def for_alertmanager(workload: Workload) -> str:
    """Give the script that sends a load to Alertmanager."""
    return _script("alertmanager", SIZE=workload.size)


def newest(scene: Scene) -> str:
    """Give the script that asks for the newest 50 events of a severity."""
    return _lua("newest", TOKEN=scene.token)


def _script(name: str, **values: str | int | Sequence[str]) -> str:
    return _read("post") + _lua(name, **values)


def _lua(name: str, **values: str | int | Sequence[str]) -> str:
    lines = [f"local {variable} = {_literal(value)}\n" for variable, value in values.items()]
    return "".join(lines) + _read(name)


def _literal(value: str | int | Sequence[str]) -> str:
    """Write a value in Lua. Its texts and numbers look as in JSON."""
    if isinstance(value, str | int):
        return json.dumps(value)
    return "{" + ", ".join(map(json.dumps, value)) + "}"


def _read(name: str) -> str:
    return (_SCRIPTS / f"{name}.lua").read_text(encoding="utf-8")
