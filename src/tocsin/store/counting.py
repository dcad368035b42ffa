"""Counting: by the columnar copy where it can say it exactly, else by the ledger. Both give the same."""

from collections.abc import Sequence
from functools import partial
from time import monotonic
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select

from tocsin.query.fields import EVENT_FIELDS, Field
from tocsin.query.tree import Expression
from tocsin.store import aggregation
from tocsin.store.aggregation import EVENTS, TIMES, Counts, Ranking, Writer, attributes, writers
from tocsin.store.columnar.copy import Copy
from tocsin.store.columnar.file import CopyFailed
from tocsin.store.columnar.rows import ENGINE, Look, look, rows
from tocsin.store.compile import Compiler
from tocsin.store.database import Database
from tocsin.store.search import Records

_log: Final = structlog.get_logger("tocsin.counting")


class Counting:
    """Counts events and alerts.

    Args:
        database: the ledger's.
        copy: the columnar copy of its events; None for none.
    """

    def __init__(self, database: Database, copy: Copy | None) -> None:
        self._database = database
        self._copy = copy

    async def aggregate(
        self,
        records: Records[Any],
        domain_id: str,
        tree: Expression,
        *,
        by: Sequence[Field],
        bucket: int = 0,
        limit: int,
        deadline: float,
    ) -> Counts:
        """Count the records that match, by what they have in some fields.

        Args:
            records: `EVENTS` or `ALERTS`.
            domain_id: whose.
            tree: as it was parsed; sources and projects may stand by name.
            by: the keys, fields of these records but no times; none for one group of all.
            bucket: how long a stretch of time is, in microseconds, counted from 1970; 0 for no stretches.
            limit: how many groups are shown by themselves, the greatest of all.
            deadline: when to give up, on the clock of `time.monotonic`, in seconds.

        Raises:
            TookTooLong: the deadline has passed.
            TooManyGroups: the answer, or what must be kept to find it, would be too large.
            StoreUnavailable: the engine of the ledger cannot be reached or failed.
        """
        if records is EVENTS:
            counts = await self._by_copy(domain_id, tree, by, bucket, limit, deadline)
            if counts is not None:
                return counts
        work = partial(
            aggregation.aggregate,
            records=records,
            domain_id=domain_id,
            tree=tree,
            by=by,
            bucket=bucket,
            limit=limit,
            deadline=deadline,
        )
        return await self._database.read(work)

    async def _by_copy(
        self, domain_id: str, tree: Expression, by: Sequence[Field], bucket: int, limit: int, deadline: float
    ) -> Counts | None:
        names = list(dict.fromkeys([TIMES["event"], *attributes(by)]))
        found = await self._look(domain_id, tree, names, by)
        if found is None or self._copy is None:
            return None
        looked, write = found

        def count(connection: Connection) -> Ranking | None:
            matching = rows(connection, looked)
            if matching is None:
                return None
            compiler = Compiler(matching, EVENT_FIELDS, ENGINE)
            values = [value for field in by if (value := compiler.value(field)) is not None]
            if len(values) < len(by):
                return None
            columns = aggregation.labelled(matching.c[TIMES["event"]], values, bucket)
            # Without a key or a stretch nothing else would name the rows.
            return aggregation.rank(connection, select(*columns).select_from(matching), limit)

        try:
            ranking = await self._copy.ask(count, max(0.0, deadline - monotonic()))
        except CopyFailed as failure:
            _log.warning("columnar_copy_failed", reason=str(failure))
            return None
        return None if ranking is None else ranking.counts(write, limit)

    async def _look(
        self, domain_id: str, tree: Expression, names: Sequence[str], by: Sequence[Field]
    ) -> tuple[Look, list[Writer]] | None:
        held = self._copy.held(domain_id) if self._copy is not None else None
        if held is None:
            return None

        def read(connection: Connection) -> tuple[Look, list[Writer]] | None:
            looked = look(connection, domain_id, tree, names, held)
            return None if looked is None else (looked, writers(connection, by, domain_id))

        return await self._database.read(read)
