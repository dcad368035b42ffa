"""Counting: by the columnar copy where it can say it exactly, else by the ledger. Both give the same."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import monotonic
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import ColumnElement, Connection, Subquery, func, select

from tocsin.query.fields import EVENT_FIELDS, Field
from tocsin.query.tree import Expression
from tocsin.store import aggregation, facets, search, tally
from tocsin.store.aggregation import EVENTS, TIMES, Counts, Ranking, attributes, writers
from tocsin.store.columnar.copy import Copy
from tocsin.store.columnar.file import CopyFailed
from tocsin.store.columnar.rows import ENGINE, look, rows
from tocsin.store.compile import Compiler
from tocsin.store.database import Database
from tocsin.store.errors import TookTooLong, TooManyGroups
from tocsin.store.search import Records
from tocsin.store.tally import Groups

T = TypeVar("T")

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

    async def count_events(self, domain_id: str, tree: Expression, deadline: float) -> int:
        """Count the events that match.

        Args:
            domain_id: whose.
            tree: as it was parsed; sources and projects may stand by name.
            deadline: when to give up, on the clock of `time.monotonic`, in seconds.

        Raises:
            TookTooLong: the deadline has passed.
            StoreUnavailable: the engine of the ledger cannot be reached or failed.
        """

        def count(connection: Connection, found: Subquery) -> int:
            return int(connection.execute(select(func.count()).select_from(found)).scalar_one())

        counted = await self.within_copy(domain_id, tree, ["seq"], count, deadline)
        if counted is not None:
            return counted
        return await self._database.read(
            lambda connection: search.count_events(connection, domain_id, tree, deadline=deadline)
        )

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

    async def facets(
        self,
        records: Records[Any],
        domain_id: str,
        tree: Expression,
        *,
        fields: Sequence[Field],
        limit: int,
        deadline: float,
    ) -> list[Counts]:
        """Count the records that match, by each of some fields alone.

        Args:
            records: `EVENTS` or `ALERTS`.
            domain_id: whose.
            tree: as it was parsed; sources and projects may stand by name.
            fields: of these records, but no times.
            limit: how many values of each are shown, the most frequent.
            deadline: when to give up, on the clock of `time.monotonic`, in seconds.

        Returns:
            The counts by each field. What is not shown is in the total alone, or has a count without values.

        Raises:
            TookTooLong: the deadline has passed.
            TooManyGroups: what must be kept to find the answer would be too large.
            StoreUnavailable: the engine of the ledger cannot be reached or failed.
        """
        if records is EVENTS:
            found = await self._facets_by_copy(domain_id, tree, fields, limit, deadline)
            if found is not None:
                return found
        work = partial(
            facets.facets,
            records=records,
            domain_id=domain_id,
            tree=tree,
            fields=fields,
            limit=limit,
            deadline=deadline,
        )
        # What is counted by one field alone is no more than grouped.
        if len(fields) > 1 and (by_each := await self._database.read(work)) is not None:
            return by_each
        counted = []
        for field in fields:
            if monotonic() > deadline:
                raise TookTooLong("the facets took too long: narrow the search")
            counted.append(
                await self.aggregate(records, domain_id, tree, by=[field], limit=limit, deadline=deadline)
            )
        return counted

    async def _facets_by_copy(
        self, domain_id: str, tree: Expression, fields: Sequence[Field], limit: int, deadline: float
    ) -> list[Counts] | None:
        def count(connection: Connection, found: Subquery) -> list[Ranking] | None:
            values = _values(found, fields)
            return None if values is None else facets.rank_each(connection, found, values, limit)

        rankings = await self.within_copy(domain_id, tree, attributes(fields), count, deadline)
        if rankings is None:
            return None
        write = await self._database.read(lambda connection: writers(connection, fields, domain_id))
        return [ranking.counts([text], limit) for ranking, text in zip(rankings, write, strict=True)]

    async def _by_copy(
        self, domain_id: str, tree: Expression, by: Sequence[Field], bucket: int, limit: int, deadline: float
    ) -> Counts | None:
        def count(connection: Connection, found: Subquery) -> Ranking | None:
            values = _values(found, by)
            if values is None:
                return None
            columns = aggregation.labelled(found.c[TIMES["event"]], values, bucket)
            # Without a key or a stretch nothing else would name the rows.
            matching = select(*columns).select_from(found)
            return aggregation.rank(connection, matching, limit, is_timed=bucket > 0)

        names = [TIMES["event"], *attributes(by)]
        ranking = await self.within_copy(domain_id, tree, names, count, deadline)
        if ranking is None:
            return None
        write = await self._database.read(lambda connection: writers(connection, by, domain_id))
        return ranking.counts(write, limit)

    async def tally(
        self,
        domain_id: str,
        tree: Expression,
        units: Mapping[str, int],
        work: Callable[[Groups], T],
        deadline: float,
    ) -> T | None:
        """Let work go on from a tally of events.

        Args:
            domain_id: whose.
            tree: as it was parsed; sources and projects may stand by name.
            units: what tells events apart, as `tally.tally` has it.
            work: is given what was counted. It may run in a thread.
            deadline: when to give up, on the clock of `time.monotonic`, in seconds.

        Returns:
            What the work gives. None where no engine can tell exactly, or there would be too many rows.

        Raises:
            TookTooLong: the deadline has passed.
            StoreUnavailable: the engine of the ledger cannot be reached or failed.
        """
        names = tally.columns_of(units)
        if names is None:
            return None

        def by_copy(connection: Connection, found: Subquery) -> T:
            matching = select(*tally.labelled(found.c.__getitem__, units, ENGINE)).select_from(found)
            return work(tally.counted(connection, matching, units))

        def by_ledger(connection: Connection) -> T | None:
            found = tally.tally(connection, domain_id, tree, units)
            return None if found is None else work(found)

        try:
            found = await self.within_copy(domain_id, tree, names, by_copy, deadline)
            return await self._database.read(by_ledger) if found is None else found
        except TooManyGroups:
            return None

    async def within_copy(
        self,
        domain_id: str,
        tree: Expression,
        names: Sequence[str],
        work: Callable[[Connection, Subquery], T],
        deadline: float,
    ) -> T | None:
        """Let work count events in DuckDB: all that match, those not copied yet among them, each once.

        It is meant for whatever groups by columns, or by stretches of time, and takes count, sum, min, max or
        the different values of each group: a dialect's statistics as well as `aggregate`.

        Args:
            domain_id: whose.
            tree: as it was parsed; sources and projects may stand by name.
            names: the columns of the table `event` that the work reads.
            work: is given a connection and the rows, with these columns, to select from. It runs in a thread.
            deadline: when to give up, on the clock of `time.monotonic`, in seconds.

        Returns:
            What the work gives. None where the copy cannot tell it exactly, or is not there: the ledger can.

        Raises:
            TookTooLong: the deadline has passed.
            StoreUnavailable: the engine of the ledger cannot be reached or failed.
        """
        copy = self._copy
        held = None if copy is None else copy.held(domain_id)
        if copy is None or held is None:
            return None
        wanted = list(dict.fromkeys(names))
        looked = await self._database.read(lambda connection: look(connection, domain_id, tree, wanted, held))
        if looked is None:
            return None

        def count(connection: Connection) -> T | None:
            found = rows(connection, looked)
            return None if found is None else work(connection, found)

        try:
            return await copy.ask(count, max(0.0, deadline - monotonic()))
        except CopyFailed as failure:
            _log.warning("columnar_copy_failed", reason=str(failure))
            return None


def _values(found: Subquery, fields: Sequence[Field]) -> list[ColumnElement[Any]] | None:
    """Give what rows have in some fields; None where DuckDB cannot tell it of one of them."""
    compiler = Compiler(found, EVENT_FIELDS, ENGINE)
    values = [value for field in fields if (value := compiler.value(field)) is not None]
    return values if len(values) == len(fields) else None
