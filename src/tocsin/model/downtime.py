"""A downtime: a time in which trouble with a host or service is expected, and nobody is told of it."""

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Final

import msgspec

from tocsin.model.monitored import MonitoredObject

DOWNTIME: Final = "downtime-"
"""What the ids of entries begin with."""


class Downtime(msgspec.Struct, frozen=True):
    """One object in one downtime. Times are microseconds UTC, 0 for never.

    Attributes:
        id: 'downtime-' and 12 hex digits; those of one submission follow one another.
        submission: what the entries that were made together have in common.
        starts_at: when it was to begin.
        ends_at: when it was to end, whatever came of it.
        started_at: when it began.
        ended_at: when it ended or was cancelled.
        origin: the source that told of it and its name there; '' where somebody scheduled it here.
    """

    domain_id: str
    id: str
    submission: str
    object_id: int
    host: str
    service: str
    starts_at: int
    ends_at: int
    author: str
    comment: str
    created_at: int
    started_at: int = 0
    ended_at: int = 0
    origin: str = ""


class Plan(msgspec.Struct, frozen=True):
    """A downtime that somebody asks for. Times are microseconds UTC.

    Attributes:
        origin: the source that tells of it and its name there; '' where somebody asks for it here.
    """

    starts_at: int
    ends_at: int
    author: str
    comment: str
    origin: str = ""


def entries(plan: Plan, objects: list[MonitoredObject], submission: str, now: int) -> list[Downtime]:
    """Give a plan's entries, one for each object: hosts before their services.

    Args:
        plan: when and why.
        objects: over what.
        submission: 7 hex digits.
        now: microseconds UTC.
    """
    ordered = sorted(objects, key=lambda each: (each.host, each.service))
    return [
        Downtime(
            each.domain_id,
            # By id they follow one another as they begin.
            f"{DOWNTIME}{submission}{place:05x}",
            submission,
            each.id,
            each.host,
            each.service,
            plan.starts_at,
            plan.ends_at,
            plan.author,
            plan.comment,
            now,
            origin=plan.origin,
        )
        for place, each in enumerate(ordered)
    ]


class Scheduled(msgspec.Struct, frozen=True):
    """What was put into a downtime together, as the audit log tells of it. Times are microseconds UTC.

    Attributes:
        id: the submission.
        hosts: how many of them.
        services: how many of them.
    """

    domain_id: str
    id: str
    starts_at: int
    ends_at: int
    comment: str
    hosts: int
    services: int


def scheduled(found: Sequence[Downtime]) -> list[Scheduled]:
    """Sum up entries: one for each submission."""
    ordered = sorted(found, key=lambda each: (each.domain_id, each.submission))
    groups = (
        list(group) for _, group in groupby(ordered, key=lambda each: (each.domain_id, each.submission))
    )
    return [
        Scheduled(
            group[0].domain_id,
            group[0].submission,
            group[0].starts_at,
            group[0].ends_at,
            group[0].comment,
            sum(not each.service for each in group),
            sum(bool(each.service) for each in group),
        )
        for group in groups
    ]


def with_same_submission(found: Sequence[Downtime], object_ids: Collection[int]) -> list[Downtime]:
    """Give the entries of some objects, and those that were made for a host's services together with its own.

    Args:
        found: the entries to choose from.
        object_ids: of the objects.
    """
    direct = {each.id for each in found if each.object_id in object_ids}
    hosts = {(each.submission, each.host) for each in found if each.id in direct and not each.service}
    return [each for each in found if each.id in direct or (each.submission, each.host) in hosts]
