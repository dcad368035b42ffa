"""Things as the native API shows them."""

from typing import Any


def event(seq: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"event-{seq:012x}",
        "seq": seq,
        "kind": "problem",
        "type": "ALERT",
        "key": "db1/disk",
        "title": "Disk full",
        "severity": "critical",
        "state": "critical",
        "host": "db1",
        "service": "disk",
        "labels": {"region": "eu"},
        "markdown": False,
        "alert_id": "alert-000000000001",
        "occurred_at": None,
        "time": "2026-01-01T12:00:00.000000Z",
        "recorded_at": "2026-01-01T12:00:00.000000Z",
    } | fields


def alert(**fields: Any) -> dict[str, Any]:
    return {
        "id": "alert-000000000001",
        "key": "db1/disk",
        "title": "Disk full",
        "state": "open",
        "severity": "critical",
        "host": "db1",
        "service": "disk",
        "labels": {},
        "count": 2,
        "opened_at": "2026-01-01T12:00:00.000000Z",
        "last_at": "2026-01-01T12:01:00.000000Z",
        "resolved_at": None,
    } | fields


def receipt(index: int = 0, outcome: str = "opened", **fields: Any) -> dict[str, Any]:
    return {
        "index": index,
        "outcome": outcome,
        "reason": "",
        "id": "event-000000000001",
        "seq": 1,
        "alert_id": "alert-000000000001",
        "silenced_by": "",
    } | fields


def source(**fields: Any) -> dict[str, Any]:
    return {
        "id": "source-1",
        "name": "zabbix",
        "format": "victorops",
        "project_id": "default",
        "enabled": True,
        "options": {},
        "created_at": "2026-01-01T12:00:00.000000Z",
    } | fields


def target(**fields: Any) -> dict[str, Any]:
    return {
        "id": "target-1",
        "name": "pager",
        "kind": "webhook",
        "host": "pager.example.com",
        "enabled": True,
        "options": {},
        "created_at": "2026-01-01T12:00:00.000000Z",
    } | fields


def silence(**fields: Any) -> dict[str, Any]:
    return {
        "id": "silence-1",
        "state": "active",
        "expression": "host:web-*",
        "scope": "",
        "starts_at": "2026-01-01T12:00:00.000000Z",
        "ends_at": "2026-01-01T14:00:00.000000Z",
        "author": "ann",
        "comment": "moving",
        "created_at": "2026-01-01T12:00:00.000000Z",
    } | fields


def route(**fields: Any) -> dict[str, Any]:
    return {
        "id": "route-1",
        "name": "night",
        "position": 1,
        "expression": "severity>=error",
        "targets": [{"id": "target-1", "name": "pager"}],
        "every_event": False,
        "fallback": False,
        "enabled": True,
        "created_at": "2026-01-01T12:00:00.000000Z",
    } | fields


def role(**fields: Any) -> dict[str, Any]:
    return {
        "id": "role-1",
        "name": "on-call",
        "permissions": ["VIEWALL", "ACTIONSOME"],
        "scope": "host:db*",
        "created_at": "2026-01-01T12:00:00.000000Z",
    } | fields


def user(**fields: Any) -> dict[str, Any]:
    return {
        "id": "user-1",
        "name": "ann",
        "role": "on-call",
        "role_id": "role-1",
        "disabled": False,
        "created_at": "2026-01-01T12:00:00.000000Z",
    } | fields
